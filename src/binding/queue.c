/* queue: the exchanges of one waiter that have ended, and the descriptor
 * that tells of them.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

struct queue_object *queue_check(lua_State *L, int index)
{
  return class_check_open(L, index, CLASS_QUEUE);
}

void queue_push(lua_State *L, int engine, struct bu_queue *parent)
{
  struct engine_object *owner = engine_check(L, engine);
  struct queue_object *self = class_push(L, CLASS_QUEUE, sizeof(*self));

  self->engine = owner;
  class_anchor(L, -1, "engine", engine);
  self->queue = bu_queue_new(parent);
  if(!self->queue)
    luaL_error(L, "out of memory");
  self->base.is_open = 1;
}

/* Closes the descriptor; nobody sees the end of what is under way. */
static int queue_close(lua_State *L)
{
  struct queue_object *self = class_check(L, 1, CLASS_QUEUE);

  if(self->queue && !engine_is_foreign(self->engine))
    bu_queue_release(self->queue);
  self->queue = NULL;
  self->base.is_open = 0;
  return 0;
}

int queue_take(lua_State *L, int queue)
{
  struct queue_object *self = queue_check(L, queue);
  struct bu_exchange *exchange = NULL;

  if(!engine_is_foreign(self->engine))
    exchange = bu_queue_take(self->queue);
  for(; exchange; exchange = bu_queue_take(self->queue)) {
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

/* Makes the wait for it return. Nobody waits for a closed one. */
static int queue_wake(lua_State *L)
{
  const struct queue_object *self = class_check(L, 1, CLASS_QUEUE);

  if(self->base.is_open && !engine_is_foreign(self->engine))
    bu_queue_wake(self->queue);
  return 0;
}

static int queue_tostring(lua_State *L)
{
  return class_tostring(L, CLASS_QUEUE, NULL);
}

void queue_open(lua_State *L)
{
  static const luaL_Reg methods[] = {{"take", queue_take_method},
                                     {"wake", queue_wake},
                                     {"close", queue_close},
                                     {NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", queue_close},
                                         {"__close", queue_close},
                                         {"__tostring", queue_tostring},
                                         {NULL, NULL}};

  class_new(L, CLASS_QUEUE, methods, metamethods);
  class_add_methods(L, CLASS_QUEUE, pollable_methods);
}
