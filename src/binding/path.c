/* path: what is at a path, whom it belongs to, and whole files there.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include "../core/path.h"

#include <errno.h>
#include <stdlib.h>

static int path_write(lua_State *L,
                      int (*write_text)(const char *, const void *, size_t,
                                        struct bu_error *))
{
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  struct bu_error error;
  const char *path = argument_path(L, 1, &error);

  if(!path)
    return push_error(L, &error);
  return push_result(L, write_text(path, text, length, &error), &error);
}

/* core.replace_file(path, text): whole or not at all, mode 0600. */
static int path_replace(lua_State *L)
{
  return path_write(L, bu_path_replace);
}

static int path_load(lua_State *L, enum bu_trust trust)
{
  struct bu_error error;
  const char *path = argument_path(L, 1, &error);
  int64_t limit = argument_size(L, 2);
  struct bu_buffer text;

  if(!path)
    return push_error(L, &error);
  bu_buffer_init(&text, (size_t)limit);
  bu_error_clear(&error);
  if(bu_path_load(path, trust, &text, &error) == BU_OK)
    return push_buffer(L, &text);
  bu_buffer_free(&text);
  if(error.sys != ENOENT)
    return push_error(L, &error);
  lua_pushboolean(L, 0);
  return 1;
}

/* core.read_state(path, limit): the text, of at most `limit` bytes, of a file
 * that nobody but the user can have written; false when there is none. */
static int path_read_state(lua_State *L)
{
  return path_load(L, BU_TRUST_STATE);
}

/* core.read_secret(path, limit): the same for a file that the user named. */
static int path_read_secret(lua_State *L)
{
  return path_load(L, BU_TRUST_SECRET);
}

/* core.append_log(path, text): makes the file if there is none. */
static int path_append_log(lua_State *L)
{
  return path_write(L, bu_path_append);
}

/* core.is_private(path): whether only its owner can read or write it. */
static int path_is_private(lua_State *L)
{
  struct bu_error error;
  const char *path = argument_path(L, 1, &error);
  int is_private;

  if(!path || bu_path_is_private(path, &is_private, &error) != BU_OK)
    return push_error(L, &error);
  lua_pushboolean(L, is_private);
  return 1;
}

/* core.real_path(path): from the root, without symbolic links. */
static int path_real(lua_State *L)
{
  struct bu_error error;
  const char *path = argument_path(L, 1, &error);
  char *real = path ? bu_path_real(path, &error) : NULL;

  if(!real)
    return push_error(L, &error);
  lua_pushstring(L, real);
  free(real);
  return 1;
}

const luaL_Reg path_functions[] = {{"replace_file", path_replace},
                                   {"read_state", path_read_state},
                                   {"read_secret", path_read_secret},
                                   {"append_log", path_append_log},
                                   {"is_private", path_is_private},
                                   {"real_path", path_real},
                                   {NULL, NULL}};
