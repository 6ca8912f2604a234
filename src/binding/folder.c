/* folder: reads a folder entry by entry, and tells what an entry is.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include "../core/folder.h"

#include <errno.h>

struct folder_box {
  struct bu_folder *folder; /* NULL when closed */
};

static struct folder_box *to_box(lua_State *L)
{
  return luaL_checkudata(L, 1, CLASS_FOLDER);
}

/* core.open_folder(path) */
static int folder_new(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct folder_box *box = class_push(L, CLASS_FOLDER, sizeof(*box));
  struct bu_error error;

  box->folder = bu_folder_open(path, &error);
  return box->folder ? 1 : push_error(L, &error);
}

/* The next name, in no order; nil alone at the end. */
static int folder_next(lua_State *L)
{
  struct folder_box *box = to_box(L);
  const char *name;
  struct bu_error error;

  if(!box->folder)
    return luaL_error(L, "attempt to use a closed folder");
  if(bu_folder_next(box->folder, &name, &error) != BU_OK)
    return push_error(L, &error);
  lua_pushstring(L, name); /* nil for NULL */
  return 1;
}

static int folder_close(lua_State *L)
{
  struct folder_box *box = to_box(L);

  bu_folder_close(box->folder);
  box->folder = NULL;
  return 0;
}

static int folder_tostring(lua_State *L)
{
  lua_pushfstring(L, "%s (%s)", CLASS_FOLDER,
                  to_box(L)->folder ? "open" : "closed");
  return 1;
}

/* core.look(path, follow): "file", "folder", "link" or "other", and the
 * size; else nil, message and why. */
static int entry_look(lua_State *L)
{
  static const char *const names[] = {"file", "folder", "link", "other"};
  const char *path = luaL_checkstring(L, 1);
  enum bu_entry entry;
  int64_t size;
  struct bu_error error;

  if(bu_entry_look(path, lua_toboolean(L, 2), &entry, &size, &error) != BU_OK)
    return push_path_error(L, &error);
  lua_pushstring(L, names[entry]);
  push_size(L, size);
  return 2;
}

const luaL_Reg folder_functions[] = {
    {"open_folder", folder_new}, {"look", entry_look}, {NULL, NULL}};

void folder_open(lua_State *L)
{
  static const luaL_Reg methods[] = {
      {"next", folder_next}, {"close", folder_close}, {NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", folder_close},
                                         {"__close", folder_close},
                                         {"__tostring", folder_tostring},
                                         {NULL, NULL}};

  class_new(L, CLASS_FOLDER, methods, metamethods);
}
