/* file: an open file to send parts of.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct file_object *file_check(lua_State *L, int index)
{
  return class_check_open(L, index, CLASS_FILE);
}

int file_push(lua_State *L, struct file_object *self, struct bu_file *file,
              const struct bu_error *error)
{
  if(!file)
    return push_path_error(L, error);
  self->file = file;
  self->base.is_open = 1;
  return 1;
}

/* core.file(path, folder): with a folder the path is below it. */
int file_new(lua_State *L)
{
  struct bu_error error;
  const char *path = argument_path(L, 1, &error);
  const char *folder =
      path && !lua_isnoneornil(L, 2) ? argument_path(L, 2, &error) : NULL;
  struct file_object *self;

  if(!path || (!folder && !lua_isnoneornil(L, 2)))
    return push_path_error(L, &error);
  self = class_push(L, CLASS_FILE, sizeof(*self));
  return file_push(L, self,
                   folder ? bu_file_open_below(folder, path, &error)
                          : bu_file_open(path, &error),
                   &error);
}

/* core.spool(folder): a file without a name, to append to. */
int file_spool(lua_State *L)
{
  struct bu_error error;
  const char *folder = argument_path(L, 1, &error);
  struct file_object *self = class_push(L, CLASS_FILE, sizeof(*self));

  self->file = folder ? bu_file_spool(folder, &error) : NULL;
  if(!self->file)
    return push_error(L, &error);
  self->base.is_open = 1;
  return 1;
}

static int file_append(lua_State *L)
{
  struct file_object *self = file_check(L, 1);
  size_t length;
  const char *data = luaL_checklstring(L, 2, &length);
  struct bu_error error;

  return push_result(L, bu_file_append(self->file, data, length, &error),
                     &error);
}

/* file:reopen(): what its path names now. */
static int file_reopen(lua_State *L)
{
  const struct bu_file *file = file_check(L, 1)->file;
  struct file_object *self = class_push(L, CLASS_FILE, sizeof(*self));
  struct bu_error error;

  return file_push(L, self, bu_file_reopen(file, &error), &error);
}

/* file:real_path(): from the root, without symbolic links. */
static int file_real_path(lua_State *L)
{
  struct bu_error error;
  char *real = bu_file_real_path(file_check(L, 1)->file, &error);

  if(!real)
    return push_error(L, &error);
  lua_pushstring(L, real);
  free(real);
  return 1;
}

static int file_close(lua_State *L)
{
  struct file_object *self = class_check(L, 1, CLASS_FILE);

  bu_file_release(self->file);
  self->file = NULL;
  self->base.is_open = 0;
  return 0;
}

/* A string of seconds with all nine decimals: more than a double can hold. */
static void file_push_exact_time(lua_State *L, struct timespec time)
{
  char text[40];

  (void)snprintf(text, sizeof(text), "%" PRId64 ".%09ld",
                 (int64_t)time.tv_sec, (long)time.tv_nsec);
  lua_pushstring(L, text);
}

/* file:check(): true; or nil, text, code, and for "touched" the times of now
 * as a string to compare. */
static int file_check_unchanged(lua_State *L)
{
  const struct bu_file *file = file_check(L, 1)->file;
  struct bu_identity now;
  struct bu_error error;
  int code = bu_file_check(file, &error);
  int count = push_result(L, code, &error);

  if(code != BU_ETOUCHED || bu_file_identify(file, &now, &error) != BU_OK)
    return count;
  file_push_exact_time(L, now.mtime);
  lua_pushliteral(L, " ");
  file_push_exact_time(L, now.ctime);
  lua_concat(L, 3);
  return count + 1;
}

static void file_push_time(lua_State *L, struct timespec time)
{
  lua_pushnumber(L, (lua_Number)time.tv_sec + (lua_Number)time.tv_nsec / 1e9);
}

/* A string: inode numbers may be over 2^53, and are only compared. */
static void file_push_number_text(lua_State *L, uint64_t number)
{
  char text[24];

  (void)snprintf(text, sizeof(text), "%" PRIu64, number);
  lua_pushstring(L, text);
}

static int file_push_field(lua_State *L, const struct bu_file *file,
                           const char *key)
{
  const struct bu_identity *identity = bu_file_identity(file);

  if(strcmp(key, "size") == 0)
    push_size(L, identity->size);
  else if(strcmp(key, "path") == 0)
    lua_pushstring(L, bu_file_path(file));
  else if(strcmp(key, "mtime") == 0)
    file_push_time(L, identity->mtime);
  else if(strcmp(key, "ctime") == 0)
    file_push_time(L, identity->ctime);
  else if(strcmp(key, "mtime_ns") == 0)
    file_push_exact_time(L, identity->mtime);
  else if(strcmp(key, "ctime_ns") == 0)
    file_push_exact_time(L, identity->ctime);
  else if(strcmp(key, "device") == 0)
    file_push_number_text(L, identity->device);
  else if(strcmp(key, "inode") == 0)
    file_push_number_text(L, identity->inode);
  else
    return 0;
  return 1;
}

static int file_index(lua_State *L)
{
  if(class_push_method(L))
    return 1;
  if(lua_type(L, 2) != LUA_TSTRING)
    return 0;
  return file_push_field(L, file_check(L, 1)->file, lua_tostring(L, 2));
}

static int file_tostring(lua_State *L)
{
  const struct file_object *self = class_check(L, 1, CLASS_FILE);

  return class_tostring(L, CLASS_FILE,
                        self->base.is_open ? bu_file_path(self->file) : NULL);
}

void file_open(lua_State *L)
{
  static const luaL_Reg methods[] = {
      {"close", file_close},         {"check", file_check_unchanged},
      {"append", file_append},       {"reopen", file_reopen},
      {"real_path", file_real_path}, {NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", file_close},
                                         {"__close", file_close},
                                         {"__tostring", file_tostring},
                                         {NULL, NULL}};

  class_new_indexed(L, CLASS_FILE, methods, metamethods, file_index);
}
