/* What a fault does to the request that it fires on. */
/* SPDX-License-Identifier: MIT */
#include "http/effect.h"
#include "http/access.h"
#include "http/connection.h"
#include "http/request.h"
#include "http/throttle.h"

#define EM_HUGE (8u * 1024u * 1024u)
#define EM_BINARY 512u

static enum em_effect reset(struct em_request *request)
{
  /* First, so that a client that sees the reset finds the part free. */
  em_request_abandon(request);
  em_connection_reset(request->client);
  return EM_EFFECT_CLOSE;
}

static enum em_effect stall(struct em_request *request)
{
  double seconds = request->fault->seconds;
  if(seconds < 0)
    em_request_abandon(request);
  if(em_wait(&request->emulator->stop, request->client->fd, seconds) ==
     EM_WAIT_OVER)
    return EM_EFFECT_GO;
  return EM_EFFECT_CLOSE;
}

static enum em_effect interrupt(struct em_request *request, enum em_when when)
{
  struct em_fault *fault = request->fault;
  if(!fault || fault->when != (int)when)
    return EM_EFFECT_GO;
  if(fault->action == EM_ACTION_RESET)
    return reset(request);
  return fault->action == EM_ACTION_STALL ? stall(request) : EM_EFFECT_GO;
}

static void add_headers(struct em_request *request)
{
  const char *key;
  json_t *value;
  json_object_foreach(request->fault->headers, key, value)
  {
    if(json_is_integer(value))
      em_reply_header(&request->reply, key, "%lld",
                      (long long)json_integer_value(value));
    else
      em_reply_header(&request->reply, key, "%s", json_string_value(value));
  }
}

static void scripted_reply(struct em_request *request)
{
  struct em_fault *fault = request->fault;
  em_reply_clear(&request->reply);
  if(json_is_string(fault->body)) {
    char *text = strdup(json_string_value(fault->body));
    em_reply_text(&request->reply, fault->status, text,
                  text ? strlen(text) : 0);
    em_reply_header(&request->reply, "content-type", "text/plain");
  } else if(fault->body)
    em_reply_json(&request->reply, fault->status,
                  json_deep_copy(fault->body));
  else
    em_reply_empty(&request->reply, fault->status);
  add_headers(request);
}

static void redirect(struct em_request *request)
{
  em_reply_empty(&request->reply, request->fault->status);
  em_reply_header(&request->reply, "location", "%s",
                  request->fault->location);
}

enum em_effect em_effect_begin(struct em_request *request)
{
  struct em_fault *fault = request->fault;
  if(!fault)
    return EM_EFFECT_GO;
  switch(fault->action) {
  case EM_ACTION_REPLY:
    scripted_reply(request);
    return fault->early ? EM_EFFECT_SEND : EM_EFFECT_GO;
  case EM_ACTION_REDIRECT:
    redirect(request);
    return EM_EFFECT_GO;
  case EM_ACTION_EXPIRE_TOKEN:
    em_access_expire(request);
    return EM_EFFECT_GO;
  case EM_ACTION_DISAPPEAR:
    em_session_drop(&request->emulator->sessions, request->argument);
    return EM_EFFECT_GO;
  default:
    return interrupt(request, EM_BEFORE);
  }
}

/* `bytes` has come, and it has not happened yet. */
static bool due(struct em_request *request)
{
  int64_t bytes = request->fault->bytes;
  if(bytes < 0)
    bytes = request->content_length > 0 ? request->content_length / 2 : 1;
  return request->received >= bytes;
}

enum em_effect em_effect_data(struct em_request *request)
{
  struct em_fault *fault = request->fault;
  enum em_effect effect;
  if(!fault)
    return EM_EFFECT_GO;
  if(fault->action == EM_ACTION_SLOW)
    em_throttle(request, fault->rate);
  if(request->interrupted || !due(request))
    return EM_EFFECT_GO;
  effect = interrupt(request, EM_DURING);
  request->interrupted = true;
  return effect;
}

/* A body too short for "during" meets it at its end. */
enum em_effect em_effect_end(struct em_request *request)
{
  enum em_effect effect = EM_EFFECT_GO;
  if(!request->interrupted)
    effect = interrupt(request, EM_DURING);
  return effect == EM_EFFECT_GO ? interrupt(request, EM_AFTER) : effect;
}

static enum em_effect lose(struct em_request *request)
{
  if(request->fault->with == EM_LOSS_RESET)
    return reset(request);
  if(request->fault->with == EM_LOSS_STALL)
    em_wait(&request->emulator->stop, request->client->fd, -1);
  return EM_EFFECT_CLOSE;
}

/* Sets or removes what a path such as entries.0.sha1 names. */
static void set_at(json_t *at, const char *path, json_t *value)
{
  char key[80];
  size_t length = strcspn(path, ".");
  size_t index;
  bool last = !path[length];
  snprintf(key, sizeof(key), "%.*s", (int)length, path);
  index = (size_t)strtoul(key, NULL, 10);
  if(!last)
    set_at(json_is_array(at) ? json_array_get(at, index)
                             : json_object_get(at, key),
           path + length + 1, value);
  else if(json_is_array(at) && json_is_null(value))
    json_array_remove(at, index);
  else if(json_is_array(at))
    json_array_set_new(at, index, json_deep_copy(value));
  else if(json_is_null(value))
    json_object_del(at, key);
  else
    json_object_set_new(at, key, json_deep_copy(value));
}

static void set_fields(struct em_request *request)
{
  const char *path;
  json_t *value;
  json_object_foreach(request->fault->fields, path, value)
  {
    if(request->reply.json)
      set_at(request->reply.json, path, value);
  }
}

static void replace_text(struct em_request *request, char *text, size_t size)
{
  em_reply_text(&request->reply, request->reply.status, text,
                text ? size : 0);
}

static void binary(struct em_request *request)
{
  char *bytes = malloc(EM_BINARY);
  size_t i;
  for(i = 0; bytes && i < EM_BINARY; i++)
    bytes[i] = (char)em_random_next(&request->emulator->random);
  replace_text(request, bytes, EM_BINARY);
}

static void huge(struct em_request *request)
{
  char *text = malloc(EM_HUGE);
  if(text) {
    memset(text, 'x', EM_HUGE);
    text[0] = '"';
    text[EM_HUGE - 1] = '"';
  }
  replace_text(request, text, EM_HUGE);
}

static void copy_text(struct em_request *request, const char *text)
{
  char *copy = strdup(text);
  replace_text(request, copy, strlen(text));
}

static void spoil(struct em_request *request)
{
  switch((enum em_garbage)request->fault->kind) {
  case EM_GARBAGE_HTML:
    copy_text(request,
              "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway"
              "</title></head><body><h1>502 Bad Gateway</h1></body></html>");
    em_reply_header(&request->reply, "content-type", "text/html");
    break;
  case EM_GARBAGE_TRUNCATED:
    if(!em_reply_flatten(&request->reply))
      request->reply.text_size /= 2;
    break;
  case EM_GARBAGE_BINARY:
    binary(request);
    break;
  case EM_GARBAGE_EMPTY:
    em_reply_empty(&request->reply, request->reply.status);
    break;
  case EM_GARBAGE_HUGE:
    huge(request);
    break;
  case EM_GARBAGE_NULL:
    copy_text(request, "null");
    break;
  }
}

enum em_effect em_effect_reply(struct em_request *request)
{
  struct em_fault *fault = request->fault;
  if(!fault)
    return EM_EFFECT_GO;
  switch(fault->action) {
  case EM_ACTION_LOSE_REPLY:
    return lose(request);
  case EM_ACTION_DONE_THEN_REPLY:
    scripted_reply(request);
    return EM_EFFECT_GO;
  case EM_ACTION_GARBAGE:
    spoil(request);
    return EM_EFFECT_GO;
  case EM_ACTION_TRUNCATE:
    request->reply.cut = fault->bytes;
    return EM_EFFECT_GO;
  case EM_ACTION_SET:
    set_fields(request);
    return EM_EFFECT_GO;
  default:
    return interrupt(request, EM_AT_REPLY);
  }
}
