/* queue: the exchanges of one waiter that have ended, and the descriptor
 * that tells of them.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

struct bu_queue *queue_check(lua_State *L, int index, struct bu_error *error)
{
  struct queue_object *self = class_check_open(L, index, CLASS_QUEUE);

  return bu_queue_enter(self->queue, error) == BU_OK ? self->queue : NULL;
}

struct bu_queue *queue_push(lua_State *L, struct bu_queue *parent,
                            struct bu_error *error)
{
  struct queue_object *self = class_push(L, CLASS_QUEUE, sizeof(*self));

  self->queue = bu_queue_new(parent, error);
  if(self->queue)
    self->base.is_open = 1;
  else
    lua_pop(L, 1);
  return self->queue;
}

/* Closes the descriptor; nobody sees the end of what is under way. */
static int queue_close(lua_State *L)
{
  struct queue_object *self = class_check(L, 1, CLASS_QUEUE);
  struct bu_error error;

  if(self->queue && bu_queue_enter(self->queue, &error) != BU_EFORKED)
    bu_queue_release(self->queue);
  self->queue = NULL;
  self->base.is_open = 0;
  return 0;
}

int queue_take(lua_State *L, int queue)
{
  struct bu_error error;
  struct bu_queue *from = queue_check(L, queue, &error);
  struct bu_exchange *exchange = from ? bu_queue_take(from) : NULL;

  for(; exchange; exchange = bu_queue_take(from)) {
    int found = exchange_find(L, exchange);

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
  struct bu_error error;

  if(self->base.is_open && queue_check(L, 1, &error))
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
