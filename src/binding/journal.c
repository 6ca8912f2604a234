/* journal: a locked private file of lines.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include "../core/journal.h"

#include <errno.h>

struct journal_object {
  struct object base;
  struct bu_journal *journal;
};

static struct journal_object *journal_check(lua_State *L)
{
  return class_check_open(L, 1, CLASS_JOURNAL);
}

/* core.journal_create(path, text): the journal, open and locked. */
static int journal_create(lua_State *L)
{
  struct bu_error error;
  const char *path = argument_path(L, 1, &error);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  struct journal_object *self = class_push(L, CLASS_JOURNAL, sizeof(*self));

  self->journal = path ? bu_journal_create(path, text, length, &error) : NULL;
  if(!self->journal)
    return push_error(L, &error);
  self->base.is_open = 1;
  return 1;
}

/* core.journal_open(path, limit): the journal and its text of at most
 * `limit` bytes, without a limit the journal alone; false when there is no
 * such file. */
static int journal_open_existing(lua_State *L)
{
  struct bu_error error;
  const char *path = argument_path(L, 1, &error);
  int reads = !lua_isnoneornil(L, 2);
  int64_t limit = reads ? argument_size(L, 2) : 0;
  struct journal_object *self;
  struct bu_buffer text;

  if(!path)
    return push_error(L, &error);
  self = class_push(L, CLASS_JOURNAL, sizeof(*self));
  bu_buffer_init(&text, (size_t)limit);
  self->journal = bu_journal_open(path, reads ? &text : NULL, &error);
  if(self->journal) {
    self->base.is_open = 1;
    return reads ? 1 + push_buffer(L, &text) : 1;
  }
  bu_buffer_free(&text);
  if(error.sys != ENOENT)
    return push_error(L, &error);
  lua_pushboolean(L, 0);
  return 1;
}

static int journal_append(lua_State *L)
{
  struct journal_object *self = journal_check(L);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  struct bu_error error;

  return push_result(
      L, bu_journal_append(self->journal, text, length, &error), &error);
}

static int journal_replace(lua_State *L)
{
  struct journal_object *self = journal_check(L);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  struct bu_error error;

  return push_result(
      L, bu_journal_replace(self->journal, text, length, &error), &error);
}

static int journal_sync(lua_State *L)
{
  struct journal_object *self = journal_check(L);
  struct bu_error error;

  return push_result(L, bu_journal_sync(self->journal, &error), &error);
}

static int journal_remove(lua_State *L)
{
  struct journal_object *self = journal_check(L);
  struct bu_journal *journal = self->journal;
  struct bu_error error;

  self->journal = NULL;
  self->base.is_open = 0;
  return push_result(L, bu_journal_remove(journal, &error), &error);
}

static int journal_close(lua_State *L)
{
  struct journal_object *self = class_check(L, 1, CLASS_JOURNAL);

  bu_journal_close(self->journal);
  self->journal = NULL;
  self->base.is_open = 0;
  return 0;
}

static int journal_tostring(lua_State *L)
{
  return class_tostring(L, CLASS_JOURNAL, "open");
}

const luaL_Reg journal_functions[] = {{"journal_create", journal_create},
                                      {"journal_open", journal_open_existing},
                                      {NULL, NULL}};

void journal_open(lua_State *L)
{
  static const luaL_Reg methods[] = {
      {"append", journal_append}, {"replace", journal_replace},
      {"sync", journal_sync},     {"remove", journal_remove},
      {"close", journal_close},   {NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", journal_close},
                                         {"__close", journal_close},
                                         {"__tostring", journal_tostring},
                                         {NULL, NULL}};

  class_new(L, CLASS_JOURNAL, methods, metamethods);
}
