/* lock: places that one process at a time may take.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include "../core/lock.h"

struct lock_object {
  struct object base;
  struct bu_lock *lock;
};

/* core.lock(path): opens or makes the file. At most once a process. */
int lock_new(lua_State *L)
{
  struct bu_error error;
  const char *path = argument_path(L, 1, &error);
  struct lock_object *self = class_push(L, CLASS_LOCK, sizeof(*self));

  self->lock = path ? bu_lock_open(path, &error) : NULL;
  if(!self->lock)
    return push_error(L, &error);
  self->base.is_open = 1;
  return 1;
}

/* lock:take(place): true; or nil, message and "locked" when another process
 * has the place. */
static int lock_take(lua_State *L)
{
  struct lock_object *self = class_check_open(L, 1, CLASS_LOCK);
  int64_t place = argument_size(L, 2);
  struct bu_error error;

  return push_result(L, bu_lock_take(self->lock, place, &error), &error);
}

static int lock_release(lua_State *L)
{
  struct lock_object *self = class_check_open(L, 1, CLASS_LOCK);
  int64_t place = argument_size(L, 2);
  struct bu_error error;

  return push_result(L, bu_lock_release(self->lock, place, &error), &error);
}

static int lock_close(lua_State *L)
{
  struct lock_object *self = class_check(L, 1, CLASS_LOCK);

  bu_lock_close(self->lock);
  self->lock = NULL;
  self->base.is_open = 0;
  return 0;
}

static int lock_tostring(lua_State *L)
{
  return class_tostring(L, CLASS_LOCK, "open");
}

void lock_open(lua_State *L)
{
  static const luaL_Reg methods[] = {{"take", lock_take},
                                     {"release", lock_release},
                                     {"close", lock_close},
                                     {NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", lock_close},
                                         {"__close", lock_close},
                                         {"__tostring", lock_tostring},
                                         {NULL, NULL}};

  class_new(L, CLASS_LOCK, methods, metamethods);
}
