/* folder: makes folders, reads them entry by entry, and tells what an entry
 * is.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include "../core/folder.h"

struct folder_object {
  struct object base;
  struct bu_folder *folder;
};

/* core.open_folder(path) */
static int folder_new(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct folder_object *self = class_push(L, CLASS_FOLDER, sizeof(*self));
  struct bu_error error;

  self->folder = bu_folder_open(path, &error);
  if(!self->folder)
    return push_error(L, &error);
  self->base.is_open = 1;
  return 1;
}

/* folder:next(): the next name, in no order; nil alone at the end. */
static int folder_next(lua_State *L)
{
  struct folder_object *self = class_check_open(L, 1, CLASS_FOLDER);
  const char *name;
  struct bu_error error;

  if(bu_folder_next(self->folder, &name, &error) != BU_OK)
    return push_error(L, &error);
  lua_pushstring(L, name); /* nil for NULL */
  return 1;
}

static int folder_close(lua_State *L)
{
  struct folder_object *self = class_check(L, 1, CLASS_FOLDER);

  bu_folder_close(self->folder);
  self->folder = NULL;
  self->base.is_open = 0;
  return 0;
}

static int folder_tostring(lua_State *L)
{
  return class_tostring(L, CLASS_FOLDER, "open");
}

/* core.make_folder(path): and those above it that are missing. */
static int folder_make(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct bu_error error;

  return push_result(L, bu_folder_make(path, &error), &error);
}

static int folder_append_name(void *argument, const char *name)
{
  lua_State *L = argument;

  lua_pushstring(L, name);
  lua_rawseti(L, -2, (int)lua_rawlen(L, -2) + 1);
  return 0;
}

/* core.list_folder(path): its names, in no order. */
static int folder_list(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct bu_error error;

  lua_newtable(L);
  if(bu_folder_list(path, folder_append_name, L, &error) != BU_OK)
    return push_error(L, &error);
  return 1;
}

/* core.look(path, follow): "file", "folder", "link", "pipe", "socket" or
 * "device", and the size; else nil, message and why. */
static int folder_look(lua_State *L)
{
  static const char *const names[] = {"file", "folder", "link",
                                      "pipe", "socket", "device"};
  const char *path = luaL_checkstring(L, 1);
  enum bu_entry entry;
  int64_t size;
  struct bu_error error;

  if(bu_folder_look(path, lua_toboolean(L, 2), &entry, &size, &error) !=
     BU_OK)
    return push_path_error(L, &error);
  lua_pushstring(L, names[entry]);
  push_size(L, size);
  return 2;
}

const luaL_Reg folder_functions[] = {{"open_folder", folder_new},
                                     {"make_folder", folder_make},
                                     {"list_folder", folder_list},
                                     {"look", folder_look},
                                     {NULL, NULL}};

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
