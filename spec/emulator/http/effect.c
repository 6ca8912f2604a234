/* Applies faults to requests. */
/* SPDX-License-Identifier: MIT */
#include "http/effect.h"
#include "http/access.h"
#include "http/connection.h"
#include "http/reply_fault.h"
#include "http/request.h"
#include "http/throttle.h"

static enum em_effect reset_connection(struct em_request *request)
{
  /* Release the part first: the client may send it again as soon as it sees
     the reset. */
  em_request_cleanup(request);
  em_connection_reset(request->client);
  return EM_EFFECT_CLOSE;
}

static enum em_effect stall_request(struct em_request *request)
{
  double seconds = request->fault->seconds;
  if(seconds < 0)
    em_request_cleanup(request);
  if(em_wait(&request->emulator->stop, request->client->fd, seconds) ==
     EM_WAIT_TIMEOUT)
    return EM_EFFECT_CONTINUE;
  return EM_EFFECT_CLOSE;
}

static enum em_effect interrupt_request(struct em_request *request,
                                        enum em_when when)
{
  struct em_fault *fault = request->fault;
  if(!fault || fault->when != (int)when)
    return EM_EFFECT_CONTINUE;
  if(fault->action == EM_ACTION_RESET)
    return reset_connection(request);
  return fault->action == EM_ACTION_STALL ? stall_request(request)
                                          : EM_EFFECT_CONTINUE;
}

static void add_scripted_headers(struct em_request *request)
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

static void send_scripted_reply(struct em_request *request)
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
  add_scripted_headers(request);
}

static void send_redirect(struct em_request *request)
{
  em_reply_empty(&request->reply, request->fault->status);
  em_reply_header(&request->reply, "location", "%s",
                  request->fault->location);
}

enum em_effect em_effect_begin(struct em_request *request)
{
  struct em_fault *fault = request->fault;
  if(!fault)
    return EM_EFFECT_CONTINUE;
  switch(fault->action) {
  case EM_ACTION_REPLY:
    send_scripted_reply(request);
    return fault->early ? EM_EFFECT_REPLY : EM_EFFECT_CONTINUE;
  case EM_ACTION_REDIRECT:
    send_redirect(request);
    return EM_EFFECT_CONTINUE;
  case EM_ACTION_EXPIRE_TOKEN:
    em_access_expire(request);
    return EM_EFFECT_CONTINUE;
  case EM_ACTION_DISAPPEAR:
    em_session_drop(&request->emulator->sessions, request->path_id);
    return EM_EFFECT_CONTINUE;
  default:
    return interrupt_request(request, EM_BEFORE);
  }
}

/* Whether enough of the body has arrived for a fault "during" it. */
static bool is_due(struct em_request *request)
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
    return EM_EFFECT_CONTINUE;
  if(fault->action == EM_ACTION_SLOW)
    em_throttle(request, fault->rate);
  if(request->interrupted || !is_due(request))
    return EM_EFFECT_CONTINUE;
  effect = interrupt_request(request, EM_DURING);
  request->interrupted = true;
  return effect;
}

/* "during" happens here if the body was too short for it. */
enum em_effect em_effect_end(struct em_request *request)
{
  enum em_effect effect = EM_EFFECT_CONTINUE;
  if(!request->interrupted)
    effect = interrupt_request(request, EM_DURING);
  return effect == EM_EFFECT_CONTINUE ? interrupt_request(request, EM_AFTER)
                                      : effect;
}

static enum em_effect lose_reply(struct em_request *request)
{
  if(request->fault->with == EM_LOSS_RESET)
    return reset_connection(request);
  if(request->fault->with == EM_LOSS_STALL)
    em_wait(&request->emulator->stop, request->client->fd, -1);
  return EM_EFFECT_CLOSE;
}

enum em_effect em_effect_reply(struct em_request *request)
{
  struct em_fault *fault = request->fault;
  if(!fault)
    return EM_EFFECT_CONTINUE;
  switch(fault->action) {
  case EM_ACTION_LOSE_REPLY:
    return lose_reply(request);
  case EM_ACTION_DONE_THEN_REPLY:
    send_scripted_reply(request);
    return EM_EFFECT_CONTINUE;
  case EM_ACTION_GARBAGE:
    em_replace_with_garbage(request);
    return EM_EFFECT_CONTINUE;
  case EM_ACTION_TRUNCATE:
    request->reply.truncate_at = fault->bytes;
    return EM_EFFECT_CONTINUE;
  case EM_ACTION_SET:
    em_set_reply_fields(request);
    return EM_EFFECT_CONTINUE;
  default:
    return interrupt_request(request, EM_AT_REPLY);
  }
}
