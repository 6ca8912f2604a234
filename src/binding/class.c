/* class: a metatable with methods.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include <string.h>

static void new_metatable(lua_State *L, const char *name,
                          const luaL_Reg *methods,
                          const luaL_Reg *metamethods)
{
  (void)luaL_newmetatable(L, name);
  compat_setfuncs(L, metamethods);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name");
  lua_newtable(L);
  compat_setfuncs(L, methods);
  /* For the Lua layer, which adds the methods that wait. */
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "methods");
}

void class_new(lua_State *L, const char *name, const luaL_Reg *methods,
               const luaL_Reg *metamethods)
{
  new_metatable(L, name, methods, metamethods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

void class_new_indexed(lua_State *L, const char *name,
                       const luaL_Reg *methods, const luaL_Reg *metamethods,
                       lua_CFunction index)
{
  new_metatable(L, name, methods, metamethods);
  lua_pushcclosure(L, index, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

int class_push_method(lua_State *L)
{
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  if(!lua_isnil(L, -1))
    return 1;
  lua_pop(L, 1);
  return 0;
}

void *class_push(lua_State *L, const char *name, size_t size)
{
  void *box = lua_newuserdata(L, size);

  memset(box, 0, size);
  luaL_getmetatable(L, name);
  (void)lua_setmetatable(L, -2);
  lua_newtable(L);
  (void)compat_setuservalue(L, -2);
  return box;
}

static int absolute(lua_State *L, int index)
{
  return index > 0 ? index : lua_gettop(L) + index + 1;
}

void class_anchor(lua_State *L, int index, const char *field, int value)
{
  index = absolute(L, index);
  value = absolute(L, value);
  (void)compat_getuservalue(L, index);
  lua_pushvalue(L, value);
  lua_setfield(L, -2, field);
  lua_pop(L, 1);
}

void class_anchored(lua_State *L, int index, const char *field)
{
  (void)compat_getuservalue(L, index);
  lua_getfield(L, -1, field);
  lua_remove(L, -2);
}
