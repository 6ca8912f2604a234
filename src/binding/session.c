/* session: a Box upload session. Its `submit_` methods hand a request to the
 * engine and return at once; the Lua layer adds methods that wait.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include <limits.h>

static struct session_object *session_check(lua_State *L)
{
  struct session_object *self = class_check_open(L, 1, CLASS_SESSION);

  if(!self->engine->base.is_open)
    luaL_error(L, "attempt to use a session of a closed client");
  return self;
}

/* The fields that the service sent, for `session.key`. */
static void session_push_fields(lua_State *L)
{
  class_push_anchored(L, 1, "fields");
}

int session_fields(lua_State *L)
{
  class_check(L, 1, CLASS_SESSION);
  session_push_fields(L);
  return 1;
}

static int session_index(lua_State *L)
{
  if(class_push_method(L))
    return 1;
  class_check(L, 1, CLASS_SESSION);
  session_push_fields(L);
  lua_pushvalue(L, 2);
  lua_rawget(L, -2);
  return 1;
}

/* All URLs are those of the table at `endpoints` from now on. */
static int session_set_urls(lua_State *L, int endpoints,
                            struct bu_session *session,
                            struct bu_error *error)
{
  const char *urls[BU_ENDPOINTS];
  int code = BU_OK;
  int i;

  for(i = 0; i < BU_ENDPOINTS; i++)
    urls[i] =
        option_string(L, endpoints, bu_endpoint_name((enum bu_endpoint)i));
  for(i = 0; code == BU_OK && i < BU_ENDPOINTS; i++)
    code = bu_session_set_url(session, (enum bu_endpoint)i, urls[i], error);
  return code;
}

/* session:set_endpoints{ upload_part = url, ... }: requests that were
 * submitted before go on with the URLs of then. */
static int session_set_endpoints(lua_State *L)
{
  struct session_object *self = session_check(L);
  struct bu_error error;
  int code;

  luaL_checktype(L, 2, LUA_TTABLE);
  code = session_set_urls(L, 2, &self->session, &error);
  if(code != BU_OK)
    return push_error(L, &error);
  session_push_fields(L);
  lua_pushvalue(L, 2);
  lua_setfield(L, -2, "session_endpoints");
  return push_result(L, code, &error);
}

static void session_copy_fields(lua_State *L, int options, int session)
{
  lua_newtable(L);
  lua_pushnil(L);
  while(lua_next(L, options)) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -4);
  }
  class_anchor(L, session, "fields", -1);
  lua_pop(L, 1);
}

/* engine:session{ ... }: the fields of the service's reply, and file_size. */
int session_new(lua_State *L)
{
  struct engine_object *engine = engine_check(L, 1);
  struct session_object *self;
  struct bu_error error;
  int code;

  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  self = class_push(L, CLASS_SESSION, sizeof(*self));
  self->engine = engine;
  class_anchor(L, 3, "engine", 1);
  code = bu_session_init(&self->session,
                         option_size(L, 2, "file_size", BU_SIZE_UNKNOWN),
                         option_size(L, 2, "part_size", 0),
                         option_size(L, 2, "total_parts", 0), &error);
  if(code == BU_OK) {
    lua_getfield(L, 2, "session_endpoints");
    luaL_checktype(L, -1, LUA_TTABLE);
    code = session_set_urls(L, lua_gettop(L), &self->session, &error);
    lua_pop(L, 1);
  }
  if(code != BU_OK)
    return push_error(L, &error);
  session_copy_fields(L, 2, 3);
  self->base.is_open = 1;
  return 1;
}

static int session_gc(lua_State *L)
{
  struct session_object *self = class_check(L, 1, CLASS_SESSION);

  bu_session_free(&self->session);
  self->base.is_open = 0;
  return 0;
}

/* The start of every submit_ method: makes the options at `options` a table,
 * checks them, and pushes an exchange. */
static struct exchange_object *session_begin_submit(lua_State *L, int options,
                                                    const char *const *known)
{
  session_check(L);
  lua_settop(L, options);
  if(lua_isnil(L, options)) {
    lua_newtable(L);
    lua_replace(L, options);
  }
  option_check(L, options, known);
  class_push_anchored(L, 1, "engine");
  exchange_push(L, options + 1);
  lua_remove(L, options + 1);
  return class_check_open(L, options + 1, CLASS_EXCHANGE);
}

/* The end of those whose body, if they have one, is the option `body`. */
static int session_finish_submit(lua_State *L, int code,
                                 const struct bu_error *error)
{
  if(code != BU_OK)
    return push_error(L, error);
  lua_getfield(L, 2, "body");
  if(!lua_isnil(L, -1)) {
    luaL_checktype(L, -1, LUA_TSTRING);
    exchange_set_body(L, 3, lua_gettop(L), 0, 0);
  }
  lua_pop(L, 1);
  return exchange_submit(L, 2, NULL, NULL, NULL);
}

static int session_submit_upload(lua_State *L)
{
  static const char *const known[] = {"queue",       "digest",       "sha1",
                                      "data_offset", "while_paused", NULL};
  struct session_object *self = session_check(L);
  int64_t offset = argument_size(L, 2);
  struct exchange_object *exchange = session_begin_submit(L, 4, known);
  struct bu_digest *file_digest = digest_option(L, 4, "digest");
  unsigned char sha1[BU_SHA1_SIZE];
  int has_sha1 = option_sha1(L, 4, "sha1", sha1);
  struct bu_error error;
  int64_t length = bu_session_part(&self->session, offset, &error);

  if(length < 0)
    return luaL_error(L, "%s", error.text);
  if(lua_type(L, 3) == LUA_TSTRING && (int64_t)lua_rawlen(L, 3) != length)
    return luaL_error(L, "the part at this offset has %f bytes, not %f",
                      (lua_Number)length, (lua_Number)lua_rawlen(L, 3));
  if(bu_session_upload(&self->session, offset, &exchange->request, &error) !=
     BU_OK)
    return push_error(L, &error);
  exchange_set_body(L, 5, 3, offset, length);
  exchange->request.body.data_offset =
      option_size(L, 4, "data_offset", offset);
  return exchange_submit(L, 4, self->session.semaphore, file_digest,
                         has_sha1 ? sha1 : NULL);
}

static int session_submit_parts(lua_State *L)
{
  static const char *const known[] = {"queue", "offset", "limit", NULL};
  struct exchange_object *exchange = session_begin_submit(L, 2, known);
  struct bu_error error;
  int code = bu_session_parts(
      &session_check(L)->session, option_size(L, 2, "offset", -1),
      option_size(L, 2, "limit", -1), &exchange->request, &error);

  return session_finish_submit(L, code, &error);
}

static int session_submit_status(lua_State *L)
{
  static const char *const known[] = {"queue", NULL};
  struct exchange_object *exchange = session_begin_submit(L, 2, known);
  struct bu_error error;
  int code = bu_session_status(&session_check(L)->session, &exchange->request,
                               &error);

  return session_finish_submit(L, code, &error);
}

static int session_submit_commit(lua_State *L)
{
  static const char *const known[] = {
      "queue", "sha1", "body", "if_match", "fields", "if_none_match", NULL};
  struct exchange_object *exchange = session_begin_submit(L, 2, known);
  unsigned char sha1[BU_SHA1_SIZE];
  struct bu_commit commit = {sha1, NULL, NULL, NULL};
  struct bu_error error;
  int code;

  if(!option_sha1(L, 2, "sha1", sha1))
    return luaL_error(L, "option 'sha1' is missing: the whole file's");
  commit.if_match = option_string(L, 2, "if_match");
  commit.if_none_match = option_string(L, 2, "if_none_match");
  commit.fields = option_string(L, 2, "fields");
  code = bu_session_commit(&session_check(L)->session, &commit,
                           &exchange->request, &error);
  return session_finish_submit(L, code, &error);
}

static int session_submit_abort(lua_State *L)
{
  static const char *const known[] = {"queue", NULL};
  struct exchange_object *exchange = session_begin_submit(L, 2, known);
  struct bu_error error;
  int code = bu_session_abort(&session_check(L)->session, &exchange->request,
                              &error);

  return session_finish_submit(L, code, &error);
}

static int session_submit_plan(lua_State *L)
{
  static const char *const known[] = {"queue", "body", NULL};
  struct exchange_object *exchange = session_begin_submit(L, 2, known);
  struct bu_error error;
  int code =
      bu_session_plan(&session_check(L)->session, &exchange->request, &error);

  return session_finish_submit(L, code, &error);
}

/* session:set_parallel(n): so many parts at once may be on the network; 0 is a
 * pause. */
static int session_set_parallel(lua_State *L)
{
  struct session_object *self = session_check(L);
  int limit = argument_integer(L, 2, 0, INT_MAX);

  if(engine_is_foreign(self->engine))
    return engine_push_forked(L);
  bu_semaphore_set_limit(self->session.semaphore, (unsigned)limit);
  bu_engine_wake(self->engine->engine);
  return 0;
}

static int session_part_length(lua_State *L)
{
  const struct session_object *self = class_check_open(L, 1, CLASS_SESSION);
  int64_t offset = argument_size(L, 2);
  struct bu_error error;
  int64_t length = bu_session_part(&self->session, offset, &error);

  if(length < 0)
    return luaL_error(L, "%s", error.text);
  push_size(L, length);
  return 1;
}

static int session_tostring(lua_State *L)
{
  class_check(L, 1, CLASS_SESSION);
  session_push_fields(L);
  lua_getfield(L, -1, "id");
  return class_tostring(L, CLASS_SESSION,
                        lua_isstring(L, -1) ? lua_tostring(L, -1) : "?");
}

void session_open(lua_State *L)
{
  static const luaL_Reg methods[] = {{"submit_upload", session_submit_upload},
                                     {"submit_parts", session_submit_parts},
                                     {"submit_status", session_submit_status},
                                     {"submit_commit", session_submit_commit},
                                     {"submit_abort", session_submit_abort},
                                     {"submit_plan", session_submit_plan},
                                     {"set_parallel", session_set_parallel},
                                     {"set_endpoints", session_set_endpoints},
                                     {"part_length", session_part_length},
                                     {NULL, NULL}};
  static const luaL_Reg metamethods[] = {
      {"__gc", session_gc}, {"__tostring", session_tostring}, {NULL, NULL}};

  class_new_indexed(L, CLASS_SESSION, methods, metamethods, session_index);
}
