/* pollable: what event loops ask of a queue: cqueues `pollfd events timeout`,
 * LuaSocket's select `getfd dirty`.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

static int fail_forked(lua_State *L)
{
  struct bu_error error;

  (void)bu_error_set(&error, BU_EFORKED,
                     "this client was made before a fork: make a new one in "
                     "the child process");
  return push_error(L, &error);
}

int pollable_descriptor(lua_State *L)
{
  const struct queue_box *box = queue_check(L, 1);
  struct bu_error error;
  int descriptor;

  if(engine_is_foreign(box->engine))
    return fail_forked(L);
  descriptor = bu_queue_descriptor(box->queue, &error);
  if(descriptor < 0)
    return push_error(L, &error);
  lua_pushinteger(L, descriptor);
  return 1;
}

int pollable_events(lua_State *L)
{
  lua_pushliteral(L, "r");
  return 1;
}

/* The engine's own threads keep the time. */
int pollable_timeout(lua_State *L)
{
  (void)L;
  return 0;
}

/* Nothing is buffered above the descriptor. */
int pollable_dirty(lua_State *L)
{
  lua_pushboolean(L, 0);
  return 1;
}

int pollable_wait(lua_State *L)
{
  double seconds = luaL_optnumber(L, 2, -1);
  const struct queue_box *box = queue_check(L, 1);
  struct bu_error error;
  int result;

  if(engine_is_foreign(box->engine))
    return fail_forked(L);
  result = bu_queue_wait(box->queue, seconds, &error);
  if(result < 0)
    return push_error(L, &error);
  lua_pushboolean(L, result);
  return 1;
}
