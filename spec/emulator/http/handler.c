/* Handles a request, from its headers to its reply. */
/* SPDX-License-Identifier: MIT */
#include "http/handler.h"
#include "base/number.h"
#include "faults/action.h"
#include "http/access.h"
#include "http/effect.h"
#include "http/error.h"
#include "http/throttle.h"

#ifndef MHD_HTTP_CONTENT_TOO_LARGE /* libmicrohttpd before 0.9.74 */
#define MHD_HTTP_CONTENT_TOO_LARGE 413
#endif

#define EM_BODY_LIMIT (16u * 1024u * 1024u)

static int record_request(struct em_request *request, const char *method,
                          const char *path)
{
  struct em_record like;
  memset(&like, 0, sizeof(like));
  like.operation = request->operation;
  like.listener = request->listener;
  like.connection = request->client->serial;
  like.part = request->part;
  request->record = em_record_new(&like, request->connection, method, path);
  if(!request->record)
    return -1;
  em_log_add(&request->emulator->log, request->record);
  return 0;
}

static void pick_fault(struct em_request *request, const char *path)
{
  struct em_emulator *emulator = request->emulator;
  struct em_fault_request wanted;
  if(!request->operation)
    return;
  wanted.operation = request->operation->name;
  wanted.listener = em_listener_name(request->listener);
  wanted.path = path;
  wanted.id = request->path_id;
  wanted.part = request->part;
  request->fault = em_fault_pick(&emulator->faults, &wanted);
  if(request->fault)
    em_log_set_fault(&emulator->log, request->record,
                     em_action_name(request->fault->action));
}

static void find_operation(struct em_request *request, const char *method,
                           const char *path)
{
  size_t prefix = strlen(em_control_operation.path);
  enum em_route route;
  if(request->listener == EM_LISTENER_API &&
     !strncmp(path, em_control_operation.path, prefix)) {
    request->operation = &em_control_operation;
    request->control = true;
    snprintf(request->method, sizeof(request->method), "%s", method);
    snprintf(request->control_path, sizeof(request->control_path), "%s",
             path + prefix);
    return;
  }
  route =
      em_operation_find(request->listener, method, path, &request->operation,
                        request->path_id, sizeof(request->path_id));
  if(route == EM_ROUTE_NONE)
    em_fail_not_found(request);
  else if(route == EM_ROUTE_NO_METHOD)
    em_fail_method(request);
}

static int64_t announced_length(struct em_request *request)
{
  const char *value = em_request_header(request, "content-length");
  int64_t length;
  return value && !em_number_parse(value, &length) ? length : -1;
}

/* The part that a PUT uploads, or -1. Fault scripts and the log need it before
   the operation has checked the headers. */
static int64_t part_index(struct em_request *request)
{
  const char *range = em_request_header(request, "content-range");
  struct em_session *session = NULL;
  char start[24];
  int64_t offset;
  int64_t part = -1;
  if(!range || strncmp(range, "bytes ", 6))
    return -1;
  snprintf(start, sizeof(start), "%.*s", (int)strcspn(range + 6, "-"),
           range + 6);
  if(em_number_parse(start, &offset))
    return -1;
  em_session_lock(&request->emulator->sessions);
  session =
      em_session_find_locked(&request->emulator->sessions, request->path_id);
  if(session && offset < session->size)
    part = offset / session->part_size;
  em_session_unlock(&request->emulator->sessions);
  return part;
}

static struct em_connection *client_of(struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

struct em_request *em_handler_open(struct em_emulator *emulator,
                                   enum em_listener_id listener,
                                   struct MHD_Connection *connection,
                                   const char *path, const char *method)
{
  struct em_request *request = calloc(1, sizeof(*request));
  if(!request)
    return NULL;
  request->emulator = emulator;
  request->listener = listener;
  request->connection = connection;
  request->client = client_of(connection);
  request->part = -1;
  em_reply_init(&request->reply);
  em_emulator_settings(emulator, &request->settings);
  em_random_hex(&emulator->random, request->id, EM_REQUEST_ID_SIZE - 1,
                false);
  request->content_length = announced_length(request);
  find_operation(request, method, path);
  if(request->client && request->control)
    return request;
  if(request->operation && !strcmp(request->operation->name, "upload_part"))
    request->part = part_index(request);
  if(!request->client || record_request(request, method, path)) {
    em_reply_clear(&request->reply);
    free(request);
    return NULL;
  }
  pick_fault(request, path);
  return request;
}

void em_handler_close(struct em_request *request)
{
  em_request_cleanup(request);
  em_fault_release(&request->emulator->faults, request->fault);
  if(request->record)
    em_log_release(&request->emulator->log, request->record);
  em_buffer_free(&request->body);
  em_reply_clear(&request->reply);
  free(request);
}

static enum MHD_Result send_reply(struct em_request *request)
{
  em_reply_header(&request->reply, "box-request-id", "%s", request->id);
  if(request->record)
    em_log_set_status(&request->emulator->log, request->record,
                      request->reply.status);
  return em_reply_send(&request->reply, request->connection);
}

static void begin_throttle(struct em_request *request)
{
  struct em_fault *fault = request->fault;
  if(fault && fault->action == EM_ACTION_SLOW)
    em_throttle_begin(request, fault->rate);
  else if(request->settings.connection_rate && !request->control)
    em_throttle_begin(request, request->settings.connection_rate);
}

enum MHD_Result em_handler_headers(struct em_request *request)
{
  enum em_effect effect;
  request->body_started = em_clock();
  begin_throttle(request);
  effect = em_effect_begin(request);
  if(effect == EM_EFFECT_CLOSE)
    return MHD_NO;
  if(effect == EM_EFFECT_REPLY) {
    request->client->needs_drain = true;
    em_reply_header(&request->reply, "connection", "close");
    return send_reply(request);
  }
  if(!request->reply.status)
    em_access_check(request);
  if(!request->reply.status && request->operation->begin)
    request->operation->begin(request);
  return MHD_YES;
}

static void take_body(struct em_request *request, const char *bytes,
                      size_t size)
{
  if(request->reply.status)
    return;
  if(request->operation->data)
    request->operation->data(request, bytes, size);
  else if(em_buffer_add(&request->body, bytes, size, EM_BODY_LIMIT))
    em_fail(request, MHD_HTTP_CONTENT_TOO_LARGE, "request_entity_too_large",
            "Request entity too large");
}

enum MHD_Result em_handler_data(struct em_request *request, const char *bytes,
                                size_t size)
{
  request->received += (int64_t)size;
  if(request->control) {
    take_body(request, bytes, size);
    return MHD_YES;
  }
  em_log_count_body(&request->emulator->log, request->record, size);
  if(request->settings.connection_rate)
    em_throttle(request, request->settings.connection_rate);
  if(em_effect_data(request) == EM_EFFECT_CLOSE)
    return MHD_NO;
  take_body(request, bytes, size);
  return MHD_YES;
}

enum MHD_Result em_handler_end(struct em_request *request)
{
  double latency = (double)request->settings.latency_ms / 1000;
  if(em_effect_end(request) == EM_EFFECT_CLOSE)
    return MHD_NO;
  if(!request->reply.status)
    request->operation->finish(request);
  if(!request->reply.status)
    em_fail_internal(request);
  if(em_effect_reply(request) == EM_EFFECT_CLOSE)
    return MHD_NO;
  if(latency > 0 && !request->control &&
     em_wait(&request->emulator->stop, request->client->fd, latency) !=
         EM_WAIT_TIMEOUT)
    return MHD_NO;
  return send_reply(request);
}
