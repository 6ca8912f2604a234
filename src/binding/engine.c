/* engine: one client's settings, and its use of the process's engine.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include "../core/compat.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#define DAY 86400.0
#define MOST_NICE 19.0

struct engine_object *engine_check(lua_State *L, int index)
{
  return class_check_open(L, index, CLASS_ENGINE);
}

int engine_is_foreign(const struct engine_object *engine)
{
  return engine && ((engine->process != 0 && engine->process != getpid()) ||
                    (engine->engine && !bu_engine_is_mine(engine->engine)));
}

int engine_push_forked(lua_State *L)
{
  struct bu_error error;

  bu_error_forked(&error);
  return push_error(L, &error);
}

/* Options. */

static int engine_add_headers(lua_State *L, int options,
                              struct curl_slist **list,
                              struct bu_error *error)
{
  int code = BU_OK;

  lua_getfield(L, options, "headers");
  if(lua_isnil(L, -1)) {
    lua_pop(L, 1);
    return code;
  }
  luaL_checktype(L, -1, LUA_TTABLE);
  lua_pushnil(L);
  while(code == BU_OK && lua_next(L, -2)) {
    if(lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
      luaL_error(L, "headers must be strings by name");
    if(strlen(lua_tostring(L, -1)) != lua_rawlen(L, -1) ||
       strlen(lua_tostring(L, -2)) != lua_rawlen(L, -2))
      code =
          bu_error_set(error, BU_EINVALID, "a header has a zero byte in it");
    else
      code = bu_header_append(list, lua_tostring(L, -2), lua_tostring(L, -1),
                              error);
    lua_pop(L, 1);
  }
  lua_pop(L, code == BU_OK ? 1 : 2);
  return code;
}

static int engine_add_trusted(lua_State *L, int options,
                              struct bu_origins *origins,
                              struct bu_error *error)
{
  int code = BU_OK;
  int i;

  lua_getfield(L, options, "trusted");
  if(!lua_isnil(L, -1)) {
    luaL_checktype(L, -1, LUA_TTABLE);
    for(i = 1; code == BU_OK && i <= (int)lua_rawlen(L, -1); i++) {
      lua_rawgeti(L, -1, i);
      code = bu_origins_add(origins, argument_text(L, lua_gettop(L)), error);
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
  return code;
}

static int engine_copy_texts(lua_State *L, int options,
                             struct bu_settings *settings,
                             struct bu_error *error)
{
  const char *agent = option_string(L, options, "user_agent");

  if(bu_string_assign(&settings->ca_file,
                      option_string(L, options, "ca_file")) != 0 ||
     bu_string_assign(&settings->proxy, option_string(L, options, "proxy")) !=
         0 ||
     (agent && bu_string_assign(&settings->user_agent, agent) != 0))
    return bu_error_memory(error);
  if(!bu_header_value_is_clean(settings->user_agent))
    return bu_error_set(error, BU_EINVALID,
                        "the user agent has a control character in it");
  return BU_OK;
}

static int engine_read_options(lua_State *L, int options,
                               struct bu_settings *settings,
                               struct bu_error *error)
{
  static const char *const known[] = {"ca_file",
                                      "proxy",
                                      "user_agent",
                                      "headers",
                                      "trusted",
                                      "connect_timeout",
                                      "low_speed_limit",
                                      "low_speed_time",
                                      "http_version",
                                      "nice",
                                      "reply_limit",
                                      "reply_timeout",
                                      NULL};
  const char *version;
  int code;

  option_check(L, options, known);
  settings->connect_timeout = option_number(
      L, options, "connect_timeout", settings->connect_timeout, 0.001, DAY);
  settings->low_speed_limit =
      (long)option_number(L, options, "low_speed_limit",
                          (double)settings->low_speed_limit, 0, INT_MAX);
  settings->low_speed_time = (long)option_number(
      L, options, "low_speed_time", (double)settings->low_speed_time, 0, DAY);
  settings->reply_timeout = option_number(
      L, options, "reply_timeout", settings->reply_timeout, 0.001, DAY);
  settings->reply_limit = (size_t)option_number(
      L, options, "reply_limit", (double)settings->reply_limit, 1, INT_MAX);
  settings->nice = (int)option_number(L, options, "nice", 0, 0, MOST_NICE);
  version = option_string(L, options, "http_version");
  if(version && strcmp(version, "1.1") != 0 && strcmp(version, "2") != 0)
    return luaL_error(L, "option 'http_version' must be \"1.1\" or \"2\"");
  settings->http2 = version && strcmp(version, "2") == 0;
  code = engine_copy_texts(L, options, settings, error);
  if(code == BU_OK)
    code = engine_add_headers(L, options, &settings->headers, error);
  if(code == BU_OK)
    code = engine_add_trusted(L, options, settings->origins, error);
  return code;
}

/* New and close. */

static int engine_close(lua_State *L)
{
  struct engine_object *self = class_check(L, 1, CLASS_ENGINE);

  if(!engine_is_foreign(self)) {
    if(self->engine) {
      bu_engine_stop_all(self->engine, self->settings);
      bu_process_release_engine(self->engine);
    }
    bu_settings_release(self->settings);
  }
  self->engine = NULL;
  self->settings = NULL;
  self->base.is_open = 0;
  return 0;
}

int engine_new(lua_State *L)
{
  struct engine_object *self;
  struct bu_error error;

  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  self = class_push(L, CLASS_ENGINE, sizeof(*self));
  self->settings = bu_settings_new();
  if(!self->settings) {
    bu_error_memory(&error);
    return push_error(L, &error);
  }
  if(engine_read_options(L, 1, self->settings, &error) != BU_OK)
    return push_error(L, &error);
  self->engine = bu_process_acquire_engine(&error);
  if(!self->engine)
    return push_error(L, &error);
  self->base.is_open = 1;
  return 1;
}

/* Methods. */

static int engine_set_token(lua_State *L)
{
  struct engine_object *self = engine_check(L, 1);
  size_t length = 0;
  const char *token = luaL_optlstring(L, 2, NULL, &length);
  struct bu_error error;

  if(engine_is_foreign(self))
    return engine_push_forked(L);
  if(token && strlen(token) != length)
    token = "";
  return push_result(L, bu_settings_set_token(self->settings, token, &error),
                     &error);
}

/* engine:queue(parent): the descriptor of the parent, if there is one, is
 * readable for the new queue too. */
static int engine_queue(lua_State *L)
{
  struct bu_queue *parent = NULL;
  struct bu_error error;

  engine_check(L, 1);
  if(!lua_isnoneornil(L, 2)) {
    parent = queue_check(L, 2, &error);
    if(!parent)
      return push_error(L, &error);
  }
  return queue_push(L, parent, &error) ? 1 : push_error(L, &error);
}

/* The body at `body`, with the slice in the options where it is a file. */
static void engine_set_body(lua_State *L, int options, int exchange, int body)
{
  int64_t offset = option_size(L, options, "offset", 0);
  int64_t length = 0;

  if(lua_type(L, body) != LUA_TSTRING)
    length = bu_file_identity(file_check(L, body)->file)->size - offset;
  length = option_size(L, options, "length", length);
  exchange_set_body(L, exchange, body, offset, length);
}

static int engine_set_attributes(lua_State *L, struct bu_request *request,
                                 struct bu_error *error)
{
  const char *attributes = option_string(L, 2, "attributes");

  if(attributes && bu_string_assign(&request->attributes, attributes) != 0)
    return bu_error_memory(error);
  if(attributes && !request->has_body)
    return bu_error_set(error, BU_EINVALID, "a form without a body");
  return BU_OK;
}

static int engine_fill_request(lua_State *L, struct bu_request *request,
                               struct bu_error *error)
{
  const char *method = option_string(L, 2, "method");
  const char *url = option_string(L, 2, "url");
  int code;

  if(!url)
    return luaL_error(L, "option 'url' is missing");
  code = bu_request_init(request, method ? method : "GET", url, error);
  if(code != BU_OK)
    return code;
  request->authorize = option_boolean(L, 2, "authorize", 1);
  request->reply_limit =
      (size_t)option_number(L, 2, "reply_limit", 0, 0, INT_MAX);
  if(option_boolean(L, 2, "content_md5", 0))
    request->digest_header = BU_DIGEST_CONTENT_MD5;
  lua_getfield(L, 2, "body");
  if(!lua_isnil(L, -1))
    engine_set_body(L, 2, lua_gettop(L) - 1, lua_gettop(L));
  lua_pop(L, 1);
  code = engine_set_attributes(L, request, error);
  if(code == BU_OK)
    code = engine_add_headers(L, 2, &request->headers, error);
  return code;
}

static int engine_submit(lua_State *L)
{
  static const char *const known[] = {
      "method",    "url",         "headers",    "authorize", "body",
      "offset",    "length",      "attributes", "queue",     "content_md5",
      "in_flight", "reply_limit", NULL};
  struct exchange_object *self;
  struct bu_error error;

  engine_check(L, 1);
  option_check(L, 2, known);
  lua_settop(L, 2);
  self = exchange_push(L, 1);
  if(engine_fill_request(L, &self->request, &error) != BU_OK)
    return push_error(L, &error);
  return exchange_submit(L, 2, NULL, NULL, NULL);
}

/* engine:submit_hash(string or file, options): a hash worker reads the bytes,
 * in order with the parts of the same digest. Nothing is sent. */
static int engine_submit_hash(lua_State *L)
{
  static const char *const known[] = {"offset", "length", "digest", "queue",
                                      NULL};
  struct bu_digest *file_digest;

  engine_check(L, 1);
  option_check(L, 3, known);
  lua_settop(L, 3);
  file_digest = digest_option(L, 3, "digest");
  exchange_push(L, 1);
  engine_set_body(L, 3, 4, 2);
  return exchange_submit(L, 3, NULL, file_digest, NULL);
}

/* engine:hold(seconds): no request of this client begins for so long. */
static int engine_back_off(lua_State *L)
{
  struct engine_object *self = engine_check(L, 1);
  double seconds = argument_seconds(L, 2, DAY);

  if(engine_is_foreign(self))
    return engine_push_forked(L);
  bu_settings_back_off(self->settings, bu_now() + seconds);
  return 0;
}

/* core.limits(table): sets the limits of the process that the table, if there
 * is one, names. Returns all; 0 is no limit. */
int engine_limits(lua_State *L)
{
  static const char *const known[] = {"connections", "bytes_per_second",
                                      "requests_per_minute", NULL};
  struct bu_limits limits = bu_process_limits();

  if(!lua_isnoneornil(L, 1)) {
    option_check(L, 1, known);
    limits.connections = (unsigned)option_number(
        L, 1, "connections", limits.connections, 0, INT_MAX);
    limits.bytes_per_second =
        option_size(L, 1, "bytes_per_second", limits.bytes_per_second);
    limits.requests_per_minute = option_number(
        L, 1, "requests_per_minute", limits.requests_per_minute, 0, INT_MAX);
    bu_process_set_limits(&limits);
  }
  lua_newtable(L);
  lua_pushinteger(L, (lua_Integer)limits.connections);
  lua_setfield(L, -2, "connections");
  push_size(L, limits.bytes_per_second);
  lua_setfield(L, -2, "bytes_per_second");
  lua_pushnumber(L, limits.requests_per_minute);
  lua_setfield(L, -2, "requests_per_minute");
  return 1;
}

static int engine_tostring(lua_State *L)
{
  return class_tostring(L, CLASS_ENGINE, NULL);
}

void engine_open(lua_State *L)
{
  static const luaL_Reg methods[] = {
      {"set_token", engine_set_token}, {"queue", engine_queue},
      {"submit", engine_submit},       {"submit_hash", engine_submit_hash},
      {"session", session_new},        {"back_off", engine_back_off},
      {"close", engine_close},         {NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", engine_close},
                                         {"__close", engine_close},
                                         {"__tostring", engine_tostring},
                                         {NULL, NULL}};

  class_new(L, CLASS_ENGINE, methods, metamethods);
}
