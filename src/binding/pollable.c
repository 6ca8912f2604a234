/* pollable: what event loops ask of a queue: cqueues `pollfd events timeout`,
 * LuaSocket's select `getfd dirty`.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

static int pollable_descriptor(lua_State *L)
{
  struct bu_error error;
  const struct bu_queue *queue = queue_check(L, 1, &error);

  if(!queue)
    return push_error(L, &error);
  lua_pushinteger(L, bu_queue_descriptor(queue));
  return 1;
}

static int pollable_events(lua_State *L)
{
  lua_pushliteral(L, "r");
  return 1;
}

/* None: the engine's own threads watch the time. */
static int pollable_timeout(lua_State *L)
{
  (void)L;
  return 0;
}

/* Nothing is buffered above the descriptor. */
static int pollable_dirty(lua_State *L)
{
  lua_pushboolean(L, 0);
  return 1;
}

static int pollable_wait(lua_State *L)
{
  struct bu_error error;
  struct bu_queue *queue = queue_check(L, 1, &error);
  double seconds = luaL_optnumber(L, 2, -1);
  int result;

  luaL_argcheck(L, seconds == seconds, 2, "a number of seconds expected");
  result = queue ? bu_queue_wait(queue, seconds, &error) : -1;

  if(result < 0)
    return push_error(L, &error);
  lua_pushboolean(L, result);
  return 1;
}

const luaL_Reg pollable_methods[] = {{"wait", pollable_wait},
                                     {"pollfd", pollable_descriptor},
                                     {"getfd", pollable_descriptor},
                                     {"events", pollable_events},
                                     {"timeout", pollable_timeout},
                                     {"dirty", pollable_dirty},
                                     {NULL, NULL}};
