/* folder: makes folders, reads them entry by entry, and tells what an entry
 * is.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include "../core/folder.h"

struct folder_object {
  struct object base;
  struct bu_folder *folder;
};

static struct bu_folder *folder_check(lua_State *L)
{
  struct folder_object *self = class_check_open(L, 1, CLASS_FOLDER);

  return self->folder;
}

/* The end of what opens one. */
static int folder_push(lua_State *L, struct folder_object *self,
                       struct bu_folder *folder, const struct bu_error *error)
{
  if(!folder)
    return push_path_error(L, error);
  self->folder = folder;
  self->base.is_open = 1;
  return 1;
}

/* core.open_folder(path) */
static int folder_new(lua_State *L)
{
  struct bu_error error;
  const char *path = argument_path(L, 1, &error);
  struct folder_object *self = class_push(L, CLASS_FOLDER, sizeof(*self));

  return folder_push(L, self, path ? bu_folder_open(path, &error) : NULL,
                     &error);
}

/* folder:open_folder(name): one that is in it, not a symbolic link. */
static int folder_open_folder(lua_State *L)
{
  struct bu_folder *folder = folder_check(L);
  struct bu_error error;
  const char *name = argument_path(L, 2, &error);
  struct folder_object *self = class_push(L, CLASS_FOLDER, sizeof(*self));

  return folder_push(
      L, self, name ? bu_folder_open_in(folder, name, &error) : NULL, &error);
}

/* folder:open_file(name): one that is in it, not a symbolic link. */
static int folder_open_file(lua_State *L)
{
  struct bu_folder *folder = folder_check(L);
  struct bu_error error;
  const char *name = argument_path(L, 2, &error);
  struct file_object *self = class_push(L, CLASS_FILE, sizeof(*self));

  return file_push(
      L, self, name ? bu_file_open_in(folder, name, &error) : NULL, &error);
}

/* folder:next(): the next name, in no order; nil alone at the end. */
static int folder_next(lua_State *L)
{
  const char *name;
  struct bu_error error;

  if(bu_folder_next(folder_check(L), &name, &error) != BU_OK)
    return push_error(L, &error);
  lua_pushstring(L, name); /* nil for NULL */
  return 1;
}

/* folder:rewind(): the next name is the first. */
static int folder_rewind(lua_State *L)
{
  bu_folder_rewind(folder_check(L));
  return 0;
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
  struct bu_error error;
  const char *path = argument_path(L, 1, &error);

  return push_result(L, path ? bu_folder_make(path, &error) : (int)error.code,
                     &error);
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
  struct bu_error error;
  const char *path = argument_path(L, 1, &error);

  lua_newtable(L);
  if(!path || bu_folder_list(path, folder_append_name, L, &error) != BU_OK)
    return push_error(L, &error);
  return 1;
}

/* "file", "folder", "link", "pipe", "socket" or "device", and the size; else
 * nil, message and why. */
static int folder_push_entry(lua_State *L, int code, enum bu_entry entry,
                             int64_t size, const struct bu_error *error)
{
  static const char *const names[] = {"file", "folder", "link",
                                      "pipe", "socket", "device"};

  if(code != BU_OK)
    return push_path_error(L, error);
  lua_pushstring(L, names[entry]);
  push_size(L, size);
  return 2;
}

/* core.look(path, follow) */
static int folder_look(lua_State *L)
{
  enum bu_entry entry = BU_ENTRY_FILE;
  int64_t size = 0;
  struct bu_error error;
  const char *path = argument_path(L, 1, &error);
  int code =
      path ? bu_folder_look(path, lua_toboolean(L, 2), &entry, &size, &error)
           : (int)error.code;

  return folder_push_entry(L, code, entry, size, &error);
}

/* folder:look(name): what is in it, without following a link. */
static int folder_look_in(lua_State *L)
{
  const struct bu_folder *folder = folder_check(L);
  enum bu_entry entry = BU_ENTRY_FILE;
  int64_t size = 0;
  struct bu_error error;
  const char *name = argument_path(L, 2, &error);
  int code = name ? bu_folder_look_in(folder, name, &entry, &size, &error)
                  : (int)error.code;

  return folder_push_entry(L, code, entry, size, &error);
}

const luaL_Reg folder_functions[] = {{"open_folder", folder_new},
                                     {"make_folder", folder_make},
                                     {"list_folder", folder_list},
                                     {"look", folder_look},
                                     {NULL, NULL}};

void folder_open(lua_State *L)
{
  static const luaL_Reg methods[] = {{"next", folder_next},
                                     {"rewind", folder_rewind},
                                     {"look", folder_look_in},
                                     {"open_folder", folder_open_folder},
                                     {"open_file", folder_open_file},
                                     {"close", folder_close},
                                     {NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", folder_close},
                                         {"__close", folder_close},
                                         {"__tostring", folder_tostring},
                                         {NULL, NULL}};

  class_new(L, CLASS_FOLDER, methods, metamethods);
}
