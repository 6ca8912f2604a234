/* option: arguments and tables of options.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include <stdlib.h>
#include <string.h>

/* 2^53: up to here every integer is exact as a double, so on every Lua. */
#define SIZE_LIMIT 9007199254740992.0
#define DIGITS_LIMIT 16

/* Whether C reads the whole string at the index. */
static int text_is_whole(lua_State *L, int index)
{
  return strlen(lua_tostring(L, index)) == lua_rawlen(L, index);
}

const char *argument_text(lua_State *L, int index)
{
  const char *text = luaL_checkstring(L, index);

  luaL_argcheck(L, text_is_whole(L, index), index,
                "it has a zero byte in it");
  return text;
}

const char *argument_path(lua_State *L, int index, struct bu_error *error)
{
  const char *path = luaL_checkstring(L, index);

  if(text_is_whole(L, index))
    return path;
  bu_error_set(error, BU_EINVALID, "a path with a zero byte in it");
  return NULL;
}

int argument_integer(lua_State *L, int index, int lowest, int highest)
{
  double value = luaL_checknumber(L, index);

  if(!(value >= lowest && value <= highest) || value != (double)(int)value)
    luaL_argerror(L, index,
                  lua_pushfstring(L, "a whole number from %d to %d expected",
                                  lowest, highest));
  return (int)value;
}

double argument_seconds(lua_State *L, int index, double highest)
{
  double seconds = luaL_checknumber(L, index);

  if(!(seconds >= 0 && seconds <= highest))
    luaL_argerror(
        L, index,
        lua_pushfstring(L, "0 to %f seconds expected", (lua_Number)highest));
  return seconds;
}

static int option_is_known(const char *key, const char *const *known)
{
  for(; *known; known++) {
    if(strcmp(key, *known) == 0)
      return 1;
  }
  return 0;
}

void option_check(lua_State *L, int index, const char *const *known)
{
  luaL_checktype(L, index, LUA_TTABLE);
  lua_pushnil(L);
  while(lua_next(L, index)) {
    lua_pop(L, 1);
    if(lua_type(L, -1) != LUA_TSTRING)
      luaL_error(L, "options must have names");
    if(!text_is_whole(L, -1) || !option_is_known(lua_tostring(L, -1), known))
      luaL_error(L, "unknown option '%s'", lua_tostring(L, -1));
  }
}

const char *option_string(lua_State *L, int index, const char *name)
{
  const char *value;

  lua_getfield(L, index, name);
  if(lua_isnil(L, -1)) {
    lua_pop(L, 1);
    return NULL;
  }
  if(lua_type(L, -1) != LUA_TSTRING)
    luaL_error(L, "option '%s' must be a string, not a %s", name,
               luaL_typename(L, -1));
  value = lua_tostring(L, -1);
  if(!text_is_whole(L, -1))
    luaL_error(L, "option '%s' has a zero byte in it", name);
  lua_pop(L, 1);
  return value;
}

int option_boolean(lua_State *L, int index, const char *name,
                   int default_value)
{
  int value;

  lua_getfield(L, index, name);
  if(!lua_isnil(L, -1) && !lua_isboolean(L, -1))
    luaL_error(L, "option '%s' must be a boolean, not a %s", name,
               luaL_typename(L, -1));
  value = lua_isnil(L, -1) ? default_value : lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

double option_number(lua_State *L, int index, const char *name,
                     double default_value, double lowest, double highest)
{
  double value;

  lua_getfield(L, index, name);
  if(!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TNUMBER)
    luaL_error(L, "option '%s' must be a number, not a %s", name,
               luaL_typename(L, -1));
  value = lua_isnil(L, -1) ? default_value : lua_tonumber(L, -1);
  lua_pop(L, 1);
  if(!(value >= lowest && value <= highest))
    luaL_error(L, "option '%s' must be from %f to %f", name, lowest, highest);
  return value;
}

/* Also from a string: JSON from a service may have numbers as strings. 2^53
 * has 16 digits. */
static int option_to_size(lua_State *L, int index, int64_t *size)
{
  double value = -1;

  if(lua_type(L, index) == LUA_TNUMBER) {
    value = lua_tonumber(L, index);
  } else if(lua_type(L, index) == LUA_TSTRING) {
    const char *text = lua_tostring(L, index);
    size_t digits = strspn(text, "0123456789");

    if(digits > 0 && digits <= DIGITS_LIMIT && text[digits] == '\0')
      value = (double)strtoll(text, NULL, 10);
  }
  if(!(value >= 0 && value <= SIZE_LIMIT))
    return 0;
  *size = (int64_t)value;
  return (double)*size == value;
}

int64_t option_size(lua_State *L, int index, const char *name,
                    int64_t default_value)
{
  int64_t size = default_value;

  lua_getfield(L, index, name);
  if(!lua_isnil(L, -1) && !option_to_size(L, -1, &size))
    luaL_error(L, "option '%s' must be a whole number from 0 to 2^53", name);
  lua_pop(L, 1);
  return size;
}

int64_t argument_size(lua_State *L, int index)
{
  int64_t size = 0;

  if(!option_to_size(L, index, &size))
    luaL_argerror(L, index, "a whole number from 0 to 2^53 expected");
  return size;
}

int option_sha1(lua_State *L, int index, const char *name,
                unsigned char *sha1)
{
  const char *hex = option_string(L, index, name);

  if(!hex)
    return 0;
  if(bu_unhex(sha1, hex, BU_SHA1_SIZE) != BU_OK)
    luaL_error(L, "option '%s' must be a SHA-1 in 40 hex digits", name);
  return 1;
}
