/* result: what functions return when they fail, and values that Lua has no
 * function for.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include <errno.h>

void push_size(lua_State *L, int64_t size)
{
#if LUA_VERSION_NUM >= 503
  lua_pushinteger(L, (lua_Integer)size);
#else
  lua_pushnumber(L, (lua_Number)size);
#endif
}

int push_buffer(lua_State *L, struct bu_buffer *text)
{
  lua_pushlstring(L, text->data ? text->data : "", text->length);
  bu_buffer_free(text);
  return 1;
}

static int push_failure(lua_State *L, const char *text, const char *code)
{
  lua_pushnil(L);
  lua_pushstring(L, text);
  lua_pushstring(L, code);
  return 3;
}

int push_error(lua_State *L, const struct bu_error *error)
{
  return push_failure(L, error->text, bu_code_name(error->code));
}

int push_path_error(lua_State *L, const struct bu_error *error)
{
  const char *code = bu_code_name(error->code);

  if(error->code == BU_ESYSTEM) {
    if(error->sys == ENOENT || error->sys == ENOTDIR)
      code = "not_found";
    else if(error->sys == EACCES || error->sys == EPERM)
      code = "not_readable";
  }
  return push_failure(L, error->text, code);
}

int push_result(lua_State *L, int code, const struct bu_error *error)
{
  if(code != BU_OK)
    return push_error(L, error);
  lua_pushboolean(L, 1);
  return 1;
}
