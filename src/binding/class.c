/* class: a metatable with methods, and the objects that have it.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include <string.h>

/* A host that loads the module again goes on with the objects that it has, and
 * with the Lua layer's methods, which may not be loaded again. */
static void class_push_methods_of(lua_State *L, int metatable)
{
  lua_getfield(L, metatable, "methods");
  if(!lua_isnil(L, -1))
    return;
  lua_pop(L, 1);
  lua_newtable(L);
}

/* Leaves the metatable and its table of methods on the stack. */
static void class_push_tables(lua_State *L, const char *name,
                              const luaL_Reg *methods,
                              const luaL_Reg *metamethods)
{
  luaL_newmetatable(L, name);
  compat_setfuncs(L, metamethods);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name");
  class_push_methods_of(L, lua_gettop(L));
  compat_setfuncs(L, methods);
  /* For the Lua layer, which adds the methods that wait. */
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "methods");
}

void class_new(lua_State *L, const char *name, const luaL_Reg *methods,
               const luaL_Reg *metamethods)
{
  class_push_tables(L, name, methods, metamethods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

void class_new_indexed(lua_State *L, const char *name,
                       const luaL_Reg *methods, const luaL_Reg *metamethods,
                       lua_CFunction index)
{
  class_push_tables(L, name, methods, metamethods);
  lua_pushcclosure(L, index, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

void class_push_methods(lua_State *L, const char *name)
{
  luaL_getmetatable(L, name);
  lua_getfield(L, -1, "methods");
  lua_remove(L, -2);
}

void class_add_methods(lua_State *L, const char *name,
                       const luaL_Reg *methods)
{
  class_push_methods(L, name);
  compat_setfuncs(L, methods);
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
  void *object = lua_newuserdata(L, size);

  memset(object, 0, size);
  luaL_getmetatable(L, name);
  lua_setmetatable(L, -2);
  lua_newtable(L);
  compat_setuservalue(L, -2);
  return object;
}

const char *class_short_name(const char *name)
{
  return strchr(name, '.') + 1;
}

void *class_check(lua_State *L, int index, const char *name)
{
  return luaL_checkudata(L, index, name);
}

void *class_check_open(lua_State *L, int index, const char *name)
{
  struct object *object = class_check(L, index, name);

  if(!object->is_open)
    luaL_error(L, "attempt to use a closed %s", class_short_name(name));
  return object;
}

int class_tostring(lua_State *L, const char *name, const char *text)
{
  const struct object *object = class_check(L, 1, name);

  if(!object->is_open)
    lua_pushfstring(L, "%s (closed)", name);
  else if(text)
    lua_pushfstring(L, "%s (%s)", name, text);
  else
    lua_pushfstring(L, "%s (%p)", name, (const void *)object);
  return 1;
}

static int class_absolute_index(lua_State *L, int index)
{
  return index > 0 ? index : lua_gettop(L) + index + 1;
}

void class_anchor(lua_State *L, int index, const char *field, int value)
{
  index = class_absolute_index(L, index);
  value = class_absolute_index(L, value);
  compat_getuservalue(L, index);
  lua_pushvalue(L, value);
  lua_setfield(L, -2, field);
  lua_pop(L, 1);
}

void class_push_anchored(lua_State *L, int index, const char *field)
{
  compat_getuservalue(L, index);
  lua_getfield(L, -1, field);
  lua_remove(L, -2);
}
