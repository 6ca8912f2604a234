/* queue: the exchanges of one waiter that have ended, and the descriptor
 * that tells of them.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

static struct queue_box *to_box(lua_State *L, int index)
{
  return luaL_checkudata(L, index, CLASS_QUEUE);
}

struct queue_box *queue_check(lua_State *L, int index)
{
  struct queue_box *box = to_box(L, index);

  if(!box->queue)
    luaL_error(L, "attempt to use a closed queue");
  return box;
}

void queue_push(lua_State *L, int engine, struct bu_queue *parent)
{
  struct engine_box *owner = engine_check(L, engine);
  struct queue_box *box = class_push(L, CLASS_QUEUE, sizeof(*box));

  box->engine = owner;
  class_anchor(L, -1, "engine", engine);
  box->queue = bu_queue_new(parent);
  if(!box->queue)
    luaL_error(L, "out of memory");
}

/* Its descriptor goes; what is still under way ends unseen. */
static int queue_close(lua_State *L)
{
  struct queue_box *box = to_box(L, 1);

  if(box->queue && !engine_is_foreign(box->engine))
    bu_queue_release(box->queue);
  box->queue = NULL;
  return 0;
}

int queue_take(lua_State *L, int queue)
{
  struct queue_box *box = queue_check(L, queue);
  struct bu_exchange *exchange = NULL;

  if(!engine_is_foreign(box->engine))
    exchange = bu_queue_take(box->queue);
  for(; exchange; exchange = bu_queue_take(box->queue)) {
    int found = exchange_find(L, queue, exchange);

    bu_exchange_release(exchange);
    if(found)
      return 1;
  }
  lua_pushnil(L);
  return 1;
}

static int queue_take_method(lua_State *L)
{
  return queue_take(L, 1);
}

/* Whoever waits for it returns. Nobody waits for a closed one. */
static int queue_wake(lua_State *L)
{
  const struct queue_box *box = to_box(L, 1);

  if(box->queue && !engine_is_foreign(box->engine))
    bu_queue_wake(box->queue);
  return 0;
}

static int queue_tostring(lua_State *L)
{
  lua_pushfstring(L, "%s (%p)", CLASS_QUEUE, (void *)to_box(L, 1));
  return 1;
}

void queue_open(lua_State *L)
{
  static const luaL_Reg methods[] = {{"take", queue_take_method},
                                     {"wake", queue_wake},
                                     {"close", queue_close},
                                     POLLABLE_METHODS,
                                     {NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", queue_close},
                                         {"__close", queue_close},
                                         {"__tostring", queue_tostring},
                                         {NULL, NULL}};

  class_new(L, CLASS_QUEUE, methods, metamethods);
}
