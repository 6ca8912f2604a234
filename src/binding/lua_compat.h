/* lua_compat: one interface to Lua 5.1 to 5.5 and LuaJIT.
 * SPDX-License-Identifier: MIT */
#ifndef BU_LUA_COMPAT_H
#define BU_LUA_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

#if LUA_VERSION_NUM < 502
#define lua_rawlen(L, index) lua_objlen(L, index)
#define compat_setfuncs(L, list) luaL_register(L, NULL, list)
/* The environment of a userdata stands in for its user value. */
#define compat_setuservalue(L, index) lua_setfenv(L, index)
#define compat_getuservalue(L, index) lua_getfenv(L, index)
#else
#define compat_setfuncs(L, list) luaL_setfuncs(L, list, 0)
#if LUA_VERSION_NUM < 504
#define compat_setuservalue(L, index) lua_setuservalue(L, index)
#define compat_getuservalue(L, index) lua_getuservalue(L, index)
#else
#define compat_setuservalue(L, index) lua_setiuservalue(L, index, 1)
#define compat_getuservalue(L, index) lua_getiuservalue(L, index, 1)
#endif
#endif

#if LUA_VERSION_NUM >= 502
/* Refuses a module that was built for another Lua. */
#define compat_checkversion(L) luaL_checkversion(L)
#else
#define compat_checkversion(L) ((void)(L))
#endif

#endif
