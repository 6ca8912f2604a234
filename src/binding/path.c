/* path: what is at a path, and whole files written there.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include "../core/path.h"

#include <stdlib.h>

/* core.replace_file(path, text): whole or not at all, mode 0600. */
static int path_replace(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  struct bu_error error;

  return push_result(L, bu_path_replace(path, text, length, &error), &error);
}

/* core.is_private(path): whether only its owner can read or write it. */
static int path_is_private(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct bu_error error;
  int is_private;

  if(bu_path_is_private(path, &is_private, &error) != BU_OK)
    return push_error(L, &error);
  lua_pushboolean(L, is_private);
  return 1;
}

/* core.real_path(path): from the root, without symbolic links. */
static int path_real(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct bu_error error;
  char *real = bu_path_real(path, &error);

  if(!real)
    return push_error(L, &error);
  lua_pushstring(L, real);
  free(real);
  return 1;
}

const luaL_Reg path_functions[] = {{"replace_file", path_replace},
                                   {"is_private", path_is_private},
                                   {"real_path", path_real},
                                   {NULL, NULL}};
