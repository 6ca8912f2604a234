/* exchange: a request that was submitted, and its reply.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include <string.h>
#include <unistd.h>

/* In the registry: all exchanges of the state by their core's, weakly, so that
 * Lua can collect them. */
#define EXCHANGES "boxupload.exchanges"

/* Open or not: a closed one is done and has no reply, so that a finalizer that
 * still asks it doesn't wait for ever. */
static struct exchange_object *exchange_check(lua_State *L)
{
  return class_check(L, 1, CLASS_EXCHANGE);
}

/* NULL until it is done: till then the engine writes to it. */
static const struct bu_exchange *exchange_reply(lua_State *L)
{
  const struct exchange_object *self = exchange_check(L);

  return self->done ? self->exchange : NULL;
}

struct exchange_object *exchange_push(lua_State *L, int engine)
{
  struct engine_object *owner = engine_check(L, engine);
  struct exchange_object *self = class_push(L, CLASS_EXCHANGE, sizeof(*self));

  self->base.is_open = 1;
  self->engine = owner;
  class_anchor(L, -1, "engine", engine);
  return self;
}

static int exchange_gc(lua_State *L)
{
  struct exchange_object *self = exchange_check(L);
  struct bu_exchange *exchange = self->exchange;
  struct bu_engine *engine = self->engine ? self->engine->engine : NULL;

  self->exchange = NULL;
  self->base.is_open = 0;
  bu_request_free(&self->request);
  if(!exchange || engine_is_foreign(self->engine))
    return 0;
  if(engine && !self->done) {
    /* The string that is being sent is collected with this object. */
    if(self->has_string)
      bu_engine_stop(engine, exchange);
    else
      bu_engine_cancel(engine, exchange);
  }
  bu_exchange_release(exchange);
  self->done = 1;
  return 0;
}

void exchange_set_body(lua_State *L, int exchange, int body, int64_t offset,
                       int64_t length)
{
  struct exchange_object *self =
      class_check_open(L, exchange, CLASS_EXCHANGE);

  if(lua_type(L, body) == LUA_TSTRING) {
    size_t size;
    const char *data = lua_tolstring(L, body, &size);

    class_anchor(L, exchange, "body", body);
    self->has_string = 1;
    bu_source_memory(&self->request.body, data, size);
    self->request.body.offset = offset;
  } else {
    bu_source_file(&self->request.body, file_check(L, body)->file, offset,
                   length);
  }
  self->request.has_body = 1;
}

/* Anchors the queue that the exchange on top comes back through. NULL with
 * *error filled. */
static struct bu_queue *exchange_anchor_queue(lua_State *L, int options,
                                              struct bu_error *error)
{
  struct bu_queue *queue;

  if(options)
    lua_getfield(L, options, "queue");
  else
    lua_pushnil(L);
  if(lua_isnil(L, -1)) {
    lua_pop(L, 1);
    queue = queue_push(L, NULL, error);
  } else {
    queue = queue_check(L, -1, error);
  }
  if(!queue)
    return NULL;
  class_anchor(L, -2, "queue", -1);
  lua_pop(L, 1);
  return queue;
}

/* For exchange_find. */
static void exchange_remember(lua_State *L, int exchange,
                              struct bu_exchange *submitted)
{
  lua_getfield(L, LUA_REGISTRYINDEX, EXCHANGES);
  lua_pushlightuserdata(L, submitted);
  lua_pushvalue(L, exchange);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

/* Puts the exchange on top into the table `in_flight` of the options. Lua code
 * could be interrupted before it does so. */
static void exchange_note_in_flight(lua_State *L, int options)
{
  if(!options)
    return;
  lua_getfield(L, options, "in_flight");
  if(lua_istable(L, -1)) {
    lua_pushvalue(L, -2);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
  }
  lua_pop(L, 1);
}

static struct bu_exchange *exchange_make(struct exchange_object *self,
                                         struct bu_semaphore *semaphore,
                                         struct bu_digest *file_digest,
                                         const unsigned char *sha1)
{
  struct bu_exchange *exchange =
      bu_exchange_new(&self->request, self->engine->settings);

  if(!exchange)
    return NULL;
  exchange->semaphore = semaphore ? bu_semaphore_acquire(semaphore) : NULL;
  exchange->file_digest = file_digest ? bu_digest_acquire(file_digest) : NULL;
  exchange->has_sha1 = sha1 != NULL;
  if(sha1)
    memcpy(exchange->sha1, sha1, BU_SHA1_SIZE);
  return exchange;
}

int exchange_submit(lua_State *L, int options, struct bu_semaphore *semaphore,
                    struct bu_digest *file_digest, const unsigned char *sha1)
{
  int index = lua_gettop(L);
  struct exchange_object *self = class_check_open(L, index, CLASS_EXCHANGE);
  int while_paused =
      semaphore && options && option_boolean(L, options, "while_paused", 0);
  struct bu_error error;
  struct bu_queue *queue = exchange_anchor_queue(L, options, &error);

  if(!queue)
    return push_error(L, &error);
  self->exchange = exchange_make(self, semaphore, file_digest, sha1);
  if(!self->exchange) {
    bu_error_memory(&error);
    return push_error(L, &error);
  }
  self->exchange->while_paused = while_paused;
  exchange_remember(L, index, self->exchange);
  if(bu_engine_submit(self->engine->engine, self->exchange, queue, &error) !=
     BU_OK)
    return push_error(L, &error);
  self->engine->process = getpid();
  exchange_note_in_flight(L, options);
  return 1;
}

int exchange_find(lua_State *L, struct bu_exchange *taken)
{
  struct exchange_object *self;

  lua_getfield(L, LUA_REGISTRYINDEX, EXCHANGES);
  lua_pushlightuserdata(L, taken);
  lua_rawget(L, -2);
  lua_remove(L, -2);
  if(lua_isnil(L, -1)) {
    lua_pop(L, 1);
    return 0;
  }
  self = class_check(L, -1, CLASS_EXCHANGE);
  self->done = 1;
  compat_getuservalue(L, -1);
  lua_pushnil(L);
  lua_setfield(L, -2, "body");
  lua_pop(L, 1);
  return 1;
}

static int exchange_done(lua_State *L)
{
  lua_pushboolean(L, exchange_check(L)->done);
  return 1;
}

static int exchange_cancel(lua_State *L)
{
  struct exchange_object *self = exchange_check(L);

  if(self->exchange && !self->done && self->engine->engine &&
     !engine_is_foreign(self->engine))
    bu_engine_cancel(self->engine->engine, self->exchange);
  return 0;
}

static int exchange_queue(lua_State *L)
{
  exchange_check(L);
  class_push_anchored(L, 1, "queue");
  return 1;
}

static int exchange_poll(lua_State *L)
{
  struct exchange_object *self = exchange_check(L);
  int queue;

  lua_settop(L, 1);
  class_push_anchored(L, 1, "queue");
  queue = lua_gettop(L);
  while(!self->done) {
    queue_take(L, queue);
    if(lua_isnil(L, -1))
      break;
    lua_pop(L, 1);
  }
  return exchange_done(L);
}

static int exchange_status(lua_State *L)
{
  const struct bu_exchange *exchange = exchange_reply(L);

  if(!exchange || exchange->error.code != BU_OK)
    return 0;
  lua_pushinteger(L, exchange->status);
  return 1;
}

static int exchange_body(lua_State *L)
{
  const struct bu_exchange *exchange = exchange_reply(L);

  if(!exchange)
    return 0;
  lua_pushlstring(L, exchange->body.data ? exchange->body.data : "",
                  exchange->body.length);
  return 1;
}

static int exchange_header(lua_State *L)
{
  const struct bu_exchange *exchange = exchange_reply(L);
  const char *name = argument_text(L, 2);
  const char *value = NULL;
  size_t length = 0;

  if(exchange)
    value = bu_exchange_header(exchange, name, &length);
  if(!value)
    return 0;
  lua_pushlstring(L, value, length);
  return 1;
}

static int exchange_error(lua_State *L)
{
  const struct bu_exchange *exchange = exchange_reply(L);

  if(!exchange || exchange->error.code == BU_OK)
    return 0;
  lua_pushstring(L, bu_code_name(exchange->error.code));
  lua_pushstring(L, exchange->error.text);
  return 2;
}

static int exchange_reached(lua_State *L)
{
  const struct bu_exchange *exchange = exchange_reply(L);

  lua_pushboolean(L, exchange && exchange->reached);
  return 1;
}

static int exchange_sha1(lua_State *L)
{
  const struct bu_exchange *exchange = exchange_reply(L);
  char text[BU_HEX_MAX];

  if(!exchange || !exchange->has_sha1)
    return 0;
  bu_hex(text, exchange->sha1, BU_SHA1_SIZE);
  lua_pushstring(L, text);
  return 1;
}

static int exchange_sent(lua_State *L)
{
  const struct exchange_object *self = exchange_check(L);
  int is_ours = self->exchange && !engine_is_foreign(self->engine);

  push_size(L, is_ours ? bu_exchange_sent(self->exchange) : 0);
  return 1;
}

/* Method, URL, and the seconds on the network. */
static int exchange_request(lua_State *L)
{
  const struct bu_exchange *exchange = exchange_reply(L);

  if(!exchange || !exchange->request.url)
    return 0;
  lua_pushstring(L, exchange->request.method);
  lua_pushstring(L, exchange->request.url);
  lua_pushnumber(L, exchange->seconds);
  return 3;
}

static int exchange_tostring(lua_State *L)
{
  const struct exchange_object *self = exchange_check(L);

  return class_tostring(L, CLASS_EXCHANGE, self->done ? "done" : "under way");
}

/* One that is there is of an earlier load of the module, whose exchanges may
 * still be under way. */
static void exchange_open_table(lua_State *L)
{
  lua_getfield(L, LUA_REGISTRYINDEX, EXCHANGES);
  if(lua_isnil(L, -1)) {
    lua_newtable(L);
    lua_newtable(L);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_setfield(L, LUA_REGISTRYINDEX, EXCHANGES);
  }
  lua_pop(L, 1);
}

void exchange_open(lua_State *L)
{
  static const luaL_Reg methods[] = {{"done", exchange_done},
                                     {"poll", exchange_poll},
                                     {"cancel", exchange_cancel},
                                     {"queue", exchange_queue},
                                     {"status", exchange_status},
                                     {"body", exchange_body},
                                     {"header", exchange_header},
                                     {"error", exchange_error},
                                     {"reached", exchange_reached},
                                     {"sha1", exchange_sha1},
                                     {"sent", exchange_sent},
                                     {"request", exchange_request},
                                     {NULL, NULL}};
  static const luaL_Reg metamethods[] = {
      {"__gc", exchange_gc}, {"__tostring", exchange_tostring}, {NULL, NULL}};

  class_new(L, CLASS_EXCHANGE, methods, metamethods);
  exchange_open_table(L);
}
