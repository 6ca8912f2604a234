/* The control paths: how tests inspect and change the emulator. */
/* SPDX-License-Identifier: MIT */
#include "base/lock.h"
#include "config/settings.h"
#include "http/body.h"
#include "http/error.h"
#include "http/request.h"
#include "operations/operations.h"
#include "store/session_list.h"
#include "uploads/target.h"

struct control_route {
  const char *method;
  const char *path; /* after /_emulator; `*` is an id */
  void (*run)(struct em_request *request);
};

static void reply_error(struct em_request *request, const char *reason)
{
  em_reply_json(&request->reply, MHD_HTTP_BAD_REQUEST,
                json_pack("{s:s}", "error", reason));
}

static void reply_done(struct em_request *request)
{
  em_reply_empty(&request->reply, MHD_HTTP_NO_CONTENT);
}

static void reply_json(struct em_request *request, json_t *json)
{
  em_reply_json(&request->reply, MHD_HTTP_OK, json);
}

/* Treats an empty body as an empty object. */
static json_t *read_optional_body(struct em_request *request)
{
  return request->body.size ? em_body_json(request) : json_object();
}

static void put_faults(struct em_request *request)
{
  char reason[256];
  json_t *body = em_body_json(request);
  if(!body)
    return;
  if(em_faults_set(&request->emulator->faults, body, reason, sizeof(reason)))
    reply_error(request, reason);
  else
    reply_done(request);
  json_decref(body);
}

static void get_faults(struct em_request *request)
{
  reply_json(request, em_faults_json(&request->emulator->faults));
}

static void delete_faults(struct em_request *request)
{
  em_faults_clear(&request->emulator->faults);
  reply_done(request);
}

static void get_requests(struct em_request *request)
{
  reply_json(request, em_log_json(&request->emulator->log));
}

static void delete_requests(struct em_request *request)
{
  em_log_clear(&request->emulator->log);
  reply_done(request);
}

static void get_stats(struct em_request *request)
{
  struct em_emulator *emulator = request->emulator;
  json_t *object = em_log_stats(&emulator->log);
  size_t files = em_store_file_count(&emulator->store);
  json_object_set_new(object, "files", json_integer((json_int_t)files));
  json_object_set_new(
      object, "sessions_open",
      json_integer((json_int_t)em_session_open_count(&emulator->sessions)));
  json_object_set_new(
      object, "tokens",
      json_integer((json_int_t)em_token_count(&emulator->tokens)));
  reply_json(request, object);
}

static void get_sessions(struct em_request *request)
{
  reply_json(request, em_session_list(&request->emulator->sessions));
}

static void get_files(struct em_request *request)
{
  reply_json(request, em_store_histories(&request->emulator->store));
}

static void expire_session(struct em_request *request)
{
  if(em_session_expire(&request->emulator->sessions, request->path_id))
    reply_done(request);
  else
    em_target_refuse(request, EM_STORE_NO_FILE, NULL);
}

static void create_token(struct em_request *request, json_t *body)
{
  const char *user = json_string_value(json_object_get(body, "user"));
  json_t *life = json_object_get(body, "expires_in");
  int64_t ttl = request->settings.token_ttl;
  struct em_token token;
  if(json_is_integer(life))
    ttl = json_integer_value(life);
  if(em_token_create(&request->emulator->tokens, user ? user : EM_USER, ttl,
                     true, NULL, &token))
    return;
  reply_json(request, json_pack("{s:s, s:s, s:I}", "access_token",
                                token.access, "refresh_token", token.refresh,
                                "expires_in", (json_int_t)ttl));
}

static void post_tokens(struct em_request *request)
{
  json_t *body = read_optional_body(request);
  if(body)
    create_token(request, body);
  json_decref(body);
}

static void delete_tokens(struct em_request *request)
{
  em_token_revoke_all(&request->emulator->tokens);
  reply_done(request);
}

static void get_options(struct em_request *request)
{
  struct em_settings settings;
  em_emulator_settings(request->emulator, &settings);
  reply_json(request, em_settings_json(&settings));
}

static void post_options(struct em_request *request)
{
  struct em_emulator *emulator = request->emulator;
  char reason[128];
  json_t *body = em_body_json(request);
  int result;
  if(!body)
    return;
  em_lock(&emulator->settings_lock);
  result = em_settings_set(&emulator->settings, body, reason, sizeof(reason));
  em_unlock(&emulator->settings_lock);
  json_decref(body);
  if(result)
    reply_error(request, reason);
  else
    get_options(request);
}

static const struct control_route control_routes[] = {
    {"PUT", "/faults", put_faults},
    {"GET", "/faults", get_faults},
    {"DELETE", "/faults", delete_faults},
    {"GET", "/requests", get_requests},
    {"DELETE", "/requests", delete_requests},
    {"GET", "/stats", get_stats},
    {"GET", "/sessions", get_sessions},
    {"GET", "/files", get_files},
    {"POST", "/sessions/*/expire", expire_session},
    {"POST", "/tokens", post_tokens},
    {"DELETE", "/tokens", delete_tokens},
    {"GET", "/options", get_options},
    {"POST", "/options", post_options},
    {"POST", "/folders", em_create_folder_finish},
    {"POST", "/files/*/trash", em_delete_file_finish},
    {"POST", "/files/*/restore", em_restore_file_finish}};

static bool control_path_matches(struct em_request *request,
                                 const char *pattern)
{
  const char *path = request->control_path;
  const char *star = strchr(pattern, '*');
  size_t before;
  size_t length;
  if(!star)
    return !strcmp(path, pattern);
  before = (size_t)(star - pattern);
  if(strncmp(path, pattern, before))
    return false;
  length = strcspn(path + before, "/");
  if(strcmp(path + before + length, star + 1))
    return false;
  snprintf(request->path_id, sizeof(request->path_id), "%.*s", (int)length,
           path + before);
  return true;
}

void em_control_finish(struct em_request *request)
{
  bool known = false;
  size_t i;
  for(i = 0; i < sizeof(control_routes) / sizeof(control_routes[0]); i++) {
    if(!control_path_matches(request, control_routes[i].path))
      continue;
    known = true;
    if(!strcmp(control_routes[i].method, request->method)) {
      control_routes[i].run(request);
      return;
    }
  }
  if(known)
    em_fail_method(request);
  else
    em_fail_not_found(request);
}
