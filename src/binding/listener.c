/* listener: what a browser on this machine asks for.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include "../core/listener.h"

struct listener_object {
  struct object base;
  struct bu_listener listener;
};

static struct bu_listener *listener_check(lua_State *L)
{
  struct listener_object *self = class_check_open(L, 1, CLASS_LISTENER);

  return &self->listener;
}

/* core.listen(port): on 127.0.0.1; 0 takes a free one. */
int listener_new(lua_State *L)
{
  int port = lua_isnoneornil(L, 1) ? 0 : argument_integer(L, 1, 0, 65535);
  struct listener_object *self;
  struct bu_error error;

  self = class_push(L, CLASS_LISTENER, sizeof(*self));
  if(bu_listener_open(&self->listener, port, &error) != BU_OK)
    return push_error(L, &error);
  self->base.is_open = 1;
  return 1;
}

static int listener_port(lua_State *L)
{
  lua_pushinteger(L, listener_check(L)->port);
  return 1;
}

/* listener:take(seconds): path and query of a GET; nil alone when none came
 * in that time. */
static int listener_take(lua_State *L)
{
  struct bu_listener *listener = listener_check(L);
  double seconds = argument_seconds(L, 2, 3600);
  char target[BU_TARGET_MAX];
  struct bu_error error;
  int result = bu_listener_take(listener, seconds, target, &error);

  if(result < 0)
    return push_error(L, &error);
  if(result == 0)
    return 0;
  lua_pushstring(L, target);
  return 1;
}

/* listener:answer(status, html) */
static int listener_answer(lua_State *L)
{
  struct bu_listener *listener = listener_check(L);
  int status = argument_integer(L, 2, 100, 599);
  size_t length;
  const char *html = luaL_checklstring(L, 3, &length);

  bu_listener_answer(listener, status, html, length);
  return 0;
}

static int listener_close(lua_State *L)
{
  struct listener_object *self = class_check(L, 1, CLASS_LISTENER);

  if(self->base.is_open)
    bu_listener_close(&self->listener);
  self->base.is_open = 0;
  return 0;
}

static int listener_tostring(lua_State *L)
{
  return class_tostring(L, CLASS_LISTENER, "open");
}

void listener_open(lua_State *L)
{
  static const luaL_Reg methods[] = {{"port", listener_port},
                                     {"take", listener_take},
                                     {"answer", listener_answer},
                                     {"close", listener_close},
                                     {NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", listener_close},
                                         {"__close", listener_close},
                                         {"__tostring", listener_tostring},
                                         {NULL, NULL}};

  class_new(L, CLASS_LISTENER, methods, metamethods);
}
