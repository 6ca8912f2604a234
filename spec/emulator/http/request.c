/* One request, from its headers to its reply. */
/* SPDX-License-Identifier: MIT */
#include "http/request.h"
#include "base/number.h"
#include "faults/action.h"
#include "http/access.h"
#include "http/effect.h"

#include <stdarg.h>
#include <strings.h>
#include <sys/socket.h>

#define EM_BODY_LIMIT (16u * 1024u * 1024u)

const char *em_header(struct em_request *request, const char *name)
{
  return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND,
                                     name);
}

const char *em_query(struct em_request *request, const char *name)
{
  return MHD_lookup_connection_value(request->connection,
                                     MHD_GET_ARGUMENT_KIND, name);
}

bool em_has_type(struct em_request *request, const char *type)
{
  const char *value = em_header(request, "content-type");
  size_t length = strlen(type);
  if(!value || strncasecmp(value, type, length))
    return false;
  value += length;
  value += strspn(value, " \t");
  return !*value || *value == ';';
}

void em_fail_info(struct em_request *request, unsigned int status,
                  const char *code, json_t *info, const char *message)
{
  json_t *object = json_pack("{s:s, s:i, s:s, s:s, s:s}", "type", "error",
                             "status", (int)status, "code", code, "help_url",
                             "http://developers.box.com/docs/#errors",
                             "request_id", request->id);
  json_object_set_new(object, "context_info", info ? info : json_null());
  /* A message may quote bytes of the request that are no UTF-8. */
  if(json_object_set_new(object, "message", json_string(message)))
    json_object_set_new(object, "message", json_string(code));
  em_reply_json(&request->reply, status, object);
}

void em_fail(struct em_request *request, unsigned int status,
             const char *code, const char *format, ...)
{
  char message[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof(message), format, arguments);
  va_end(arguments);
  em_fail_info(request, status, code, NULL, message);
}

void em_fail_parameter(struct em_request *request, const char *code,
                       const char *name, const char *message)
{
  json_t *info =
      json_pack("{s:[{s:s, s:s, s:s}]}", "errors", "reason",
                "invalid_parameter", "name", name, "message", message);
  em_fail_info(request, MHD_HTTP_BAD_REQUEST, code, info, message);
}

json_t *em_json_object(struct em_request *request, const char *bytes,
                       size_t size)
{
  json_error_t error;
  json_t *json =
      json_loadb(bytes ? bytes : "", size, JSON_REJECT_DUPLICATES, &error);
  if(json_is_object(json))
    return json;
  json_decref(json);
  em_fail(request, MHD_HTTP_BAD_REQUEST, "invalid_json",
          "Entity body should be a JSON object: %s",
          json ? "it is not one" : error.text);
  return NULL;
}

json_t *em_body_json(struct em_request *request)
{
  return em_json_object(request, request->body.bytes, request->body.size);
}

/* A token in a log is a token lost: only its beginning and its length. */
static void add_header(json_t *headers, const char *name, const char *value)
{
  char lower[128];
  size_t i;
  for(i = 0; i < sizeof(lower) - 1 && name[i]; i++) {
    lower[i] = name[i];
    if(name[i] >= 'A' && name[i] <= 'Z')
      lower[i] = (char)(name[i] + ('a' - 'A'));
  }
  lower[i] = '\0';
  if(!strcmp(lower, "authorization"))
    json_object_set_new(
        headers, lower,
        json_sprintf("%.6s… (%u)", value, (unsigned int)strlen(value)));
  else
    json_object_set_new(headers, lower, json_string(value));
}

static enum MHD_Result collect(void *opaque, enum MHD_ValueKind kind,
                               const char *name, const char *value)
{
  if(kind == MHD_HEADER_KIND)
    add_header(opaque, name, value ? value : "");
  else
    json_object_set_new(opaque, name, json_string(value ? value : ""));
  return MHD_YES;
}

static json_t *values(struct em_request *request, enum MHD_ValueKind kind)
{
  json_t *object = json_object();
  MHD_get_connection_values(request->connection, kind, collect, object);
  return object;
}

static int record(struct em_request *request, const char *method,
                  const char *path)
{
  struct em_records *records = &request->emulator->records;
  struct em_record like;
  memset(&like, 0, sizeof(like));
  like.operation = request->operation;
  like.listener = request->listener;
  like.connection = request->link->serial;
  like.part = request->part;
  like.query = values(request, MHD_GET_ARGUMENT_KIND);
  like.headers = values(request, MHD_HEADER_KIND);
  request->record = em_record_new(records, &like, method, path);
  if(request->record)
    return 0;
  json_decref(like.query);
  json_decref(like.headers);
  return -1;
}

static void pick_fault(struct em_request *request, const char *path)
{
  struct em_emulator *emulator = request->emulator;
  struct em_fault_request subject;
  if(!request->operation)
    return;
  subject.operation = request->operation->name;
  subject.listener = em_listener_name(request->listener);
  subject.path = path;
  subject.id = request->argument;
  subject.part = request->part;
  request->fault = em_fault_pick(&emulator->faults, &subject);
  if(request->fault)
    em_record_fault(&emulator->records, request->record,
                    em_action_name(request->fault->action));
}

static void find_operation(struct em_request *request, const char *method,
                           const char *path)
{
  size_t prefix = strlen(em_control_operation.path);
  enum em_route route;
  if(request->listener == EM_API &&
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
                        request->argument, sizeof(request->argument));
  if(route == EM_ROUTE_NONE)
    em_fail(request, MHD_HTTP_NOT_FOUND, "not_found", "Not Found");
  else if(route == EM_ROUTE_NO_METHOD)
    em_fail(request, MHD_HTTP_METHOD_NOT_ALLOWED, "method_not_allowed",
            "Method Not Allowed");
}

static int64_t announced_length(struct em_request *request)
{
  const char *value = em_header(request, "content-length");
  int64_t length;
  return value && !em_number_parse(value, &length) ? length : -1;
}

/* Which part a PUT is about, as far as its headers tell: the fault script
   and the log want to know before the operation does. */
static int64_t part_index(struct em_request *request)
{
  const char *range = em_header(request, "content-range");
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
      em_session_find_locked(&request->emulator->sessions, request->argument);
  if(session && offset < session->size)
    part = offset / session->part_size;
  em_session_unlock(&request->emulator->sessions);
  return part;
}

static struct em_link *link_of(struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

struct em_request *em_request_new(struct em_emulator *emulator,
                                  enum em_listener listener,
                                  struct MHD_Connection *connection,
                                  const char *path, const char *method)
{
  struct em_request *request = calloc(1, sizeof(*request));
  if(!request)
    return NULL;
  request->emulator = emulator;
  request->listener = listener;
  request->connection = connection;
  request->link = link_of(connection);
  request->part = -1;
  em_reply_init(&request->reply);
  em_emulator_settings(emulator, &request->settings);
  em_random_hex(&emulator->random, request->id, EM_REQUEST_ID_SIZE - 1,
                false);
  request->content_length = announced_length(request);
  find_operation(request, method, path);
  if(request->link && request->control)
    return request;
  if(request->operation && !strcmp(request->operation->name, "upload_part"))
    request->part = part_index(request);
  if(!request->link || record(request, method, path)) {
    em_reply_clear(&request->reply);
    free(request);
    return NULL;
  }
  pick_fault(request, path);
  return request;
}

void em_request_abandon(struct em_request *request)
{
  if(request->operation && request->operation->forget)
    request->operation->forget(request);
}

void em_request_free(struct em_request *request)
{
  em_request_abandon(request);
  em_fault_release(&request->emulator->faults, request->fault);
  if(request->record)
    em_record_leave(&request->emulator->records, request->record);
  em_buffer_free(&request->body);
  em_reply_clear(&request->reply);
  free(request);
}

static enum MHD_Result send_reply(struct em_request *request)
{
  em_reply_header(&request->reply, "box-request-id", "%s", request->id);
  if(request->record)
    em_record_status(&request->emulator->records, request->record,
                     request->reply.status);
  return em_reply_send(&request->reply, request->connection);
}

static void fit_window(struct em_request *request, int64_t rate)
{
  int64_t quarter = rate / 4;
  int size = quarter < 4096      ? 4096
             : quarter > 1048576 ? 1048576
                                 : (int)quarter;
  setsockopt(request->link->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/* What the kernel takes in beforehand is not slow: keep that small. */
static void slow_down(struct em_request *request)
{
  struct em_fault *fault = request->fault;
  if(fault && fault->action == EM_ACTION_SLOW)
    fit_window(request, fault->rate);
  else if(request->settings.connection_rate && !request->control)
    fit_window(request, request->settings.connection_rate);
}

enum MHD_Result em_request_begin(struct em_request *request)
{
  enum em_effect effect;
  request->began = em_clock();
  slow_down(request);
  effect = em_effect_begin(request);
  if(effect == EM_EFFECT_CLOSE)
    return MHD_NO;
  if(effect == EM_EFFECT_SEND) {
    request->link->drain = true;
    em_reply_header(&request->reply, "connection", "close");
    return send_reply(request);
  }
  if(!request->reply.status)
    em_access_check(request);
  if(!request->reply.status && request->operation->begin)
    request->operation->begin(request);
  return MHD_YES;
}

void em_request_pace(struct em_request *request, int64_t rate)
{
  double due = (double)request->received / (double)rate;
  double late = em_clock() - request->began;
  if(due > late)
    em_wait(&request->emulator->stop, -1, due - late);
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

enum MHD_Result em_request_data(struct em_request *request, const char *bytes,
                                size_t size)
{
  request->received += (int64_t)size;
  if(request->control) {
    take_body(request, bytes, size);
    return MHD_YES;
  }
  em_record_bytes(&request->emulator->records, request->record, size);
  if(request->settings.connection_rate)
    em_request_pace(request, request->settings.connection_rate);
  if(em_effect_data(request) == EM_EFFECT_CLOSE)
    return MHD_NO;
  take_body(request, bytes, size);
  return MHD_YES;
}

enum MHD_Result em_request_end(struct em_request *request)
{
  double latency = (double)request->settings.latency_ms / 1000;
  if(em_effect_end(request) == EM_EFFECT_CLOSE)
    return MHD_NO;
  if(!request->reply.status)
    request->operation->finish(request);
  if(!request->reply.status)
    em_fail(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "internal_server_error",
            "Internal Server Error");
  if(em_effect_reply(request) == EM_EFFECT_CLOSE)
    return MHD_NO;
  if(latency > 0 && !request->control &&
     em_wait(&request->emulator->stop, request->link->fd, latency) !=
         EM_WAIT_OVER)
    return MHD_NO;
  return send_reply(request);
}
