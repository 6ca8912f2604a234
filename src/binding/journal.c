/* journal: a locked private file of lines, and the folders for such files.
 * SPDX-License-Identifier: MIT */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* realpath */
#endif
#include "binding.h"

#include "../core/folder.h"
#include "../core/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

struct journal_box {
  struct bu_journal *journal; /* NULL when closed */
};

static struct journal_box *to_box(lua_State *L)
{
  return luaL_checkudata(L, 1, CLASS_JOURNAL);
}

static struct bu_journal *check(lua_State *L)
{
  struct journal_box *box = to_box(L);

  if(!box->journal)
    luaL_error(L, "attempt to use a closed journal");
  return box->journal;
}

static int push_result(lua_State *L, int code, const struct bu_error *error)
{
  if(code != BU_OK)
    return push_error(L, error);
  lua_pushboolean(L, 1);
  return 1;
}

/* core.journal_create(path, text): the journal, open and locked. */
static int journal_create(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  struct journal_box *box = class_push(L, CLASS_JOURNAL, sizeof(*box));
  struct bu_error error;

  box->journal = bu_journal_create(path, text, length, &error);
  return box->journal ? 1 : push_error(L, &error);
}

/* Pushes and frees. A Lua string needs memory too, and may raise for want of
 * it: then the text is lost, but nothing else. */
static void push_text(lua_State *L, struct bu_buffer *text)
{
  lua_pushlstring(L, text->data ? text->data : "", text->length);
  bu_buffer_free(text);
}

/* core.journal_open(path, limit): the journal and its text of at most
 * `limit` bytes; false when there is no such file. */
static int journal_open_existing(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  int64_t limit = argument_size(L, 2);
  struct journal_box *box = class_push(L, CLASS_JOURNAL, sizeof(*box));
  struct bu_buffer text;
  struct bu_error error;

  bu_buffer_init(&text, (size_t)limit);
  box->journal = bu_journal_open(path, &text, &error);
  if(box->journal) {
    push_text(L, &text);
    return 2;
  }
  bu_buffer_free(&text);
  if(error.sys != ENOENT)
    return push_error(L, &error);
  lua_pushboolean(L, 0);
  return 1;
}

static int journal_append(lua_State *L)
{
  struct bu_journal *journal = check(L);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  struct bu_error error;

  return push_result(L, bu_journal_append(journal, text, length, &error),
                     &error);
}

static int journal_sync(lua_State *L)
{
  struct bu_error error;

  return push_result(L, bu_journal_sync(check(L), &error), &error);
}

static int journal_remove(lua_State *L)
{
  struct bu_journal *journal = check(L);
  struct bu_error error;

  to_box(L)->journal = NULL;
  return push_result(L, bu_journal_remove(journal, &error), &error);
}

static int journal_close(lua_State *L)
{
  struct journal_box *box = to_box(L);

  bu_journal_close(box->journal);
  box->journal = NULL;
  return 0;
}

static int journal_tostring(lua_State *L)
{
  lua_pushfstring(L, "%s (%s)", CLASS_JOURNAL,
                  to_box(L)->journal ? "open" : "closed");
  return 1;
}

/* core.replace_file(path, text): whole or not at all, mode 0600. */
static int file_replace(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  struct bu_error error;

  return push_result(L, bu_journal_replace(path, text, length, &error),
                     &error);
}

/* core.is_private(path): whether only its owner can read or write it. */
static int file_is_private(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct bu_error error;
  struct stat status;

  if(stat(path, &status) != 0) {
    (void)bu_error_system(&error, errno, path);
    return push_error(L, &error);
  }
  lua_pushboolean(L, (status.st_mode & (S_IRWXG | S_IRWXO)) == 0);
  return 1;
}

static int folder_make(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct bu_error error;

  return push_result(L, bu_folder_make(path, &error), &error);
}

static int append_name(void *argument, const char *name)
{
  lua_State *L = argument;

  lua_pushstring(L, name);
  lua_rawseti(L, -2, (int)lua_rawlen(L, -2) + 1);
  return 0;
}

/* The names in a folder, in no order. */
static int folder_list(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct bu_error error;

  lua_newtable(L);
  if(bu_folder_list(path, append_name, L, &error) != BU_OK)
    return push_error(L, &error);
  return 1;
}

/* The path from the root, without links. */
static int real_path(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  char *real = realpath(path, NULL);
  struct bu_error error;

  if(!real) {
    (void)bu_error_system(&error, errno, path);
    return push_error(L, &error);
  }
  lua_pushstring(L, real);
  free(real);
  return 1;
}

const luaL_Reg journal_functions[] = {{"journal_create", journal_create},
                                      {"journal_open", journal_open_existing},
                                      {"replace_file", file_replace},
                                      {"is_private", file_is_private},
                                      {"make_folder", folder_make},
                                      {"list_folder", folder_list},
                                      {"real_path", real_path},
                                      {NULL, NULL}};

void journal_open(lua_State *L)
{
  static const luaL_Reg methods[] = {{"append", journal_append},
                                     {"sync", journal_sync},
                                     {"remove", journal_remove},
                                     {"close", journal_close},
                                     {NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", journal_close},
                                         {"__close", journal_close},
                                         {"__tostring", journal_tostring},
                                         {NULL, NULL}};

  class_new(L, CLASS_JOURNAL, methods, metamethods);
}
