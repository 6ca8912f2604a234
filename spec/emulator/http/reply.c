/* Builds and sends the reply to a request. */
/* SPDX-License-Identifier: MIT */
#include "http/reply.h"
#include "base/date.h"

#include <stdarg.h>
#include <strings.h>
#include <unistd.h>

#define EM_READ_BLOCK 16384

void em_reply_init(struct em_reply *reply)
{
  memset(reply, 0, sizeof(*reply));
  reply->file = -1;
  reply->truncate_at = -1;
}

static void clear_reply_body(struct em_reply *reply)
{
  json_decref(reply->json);
  reply->json = NULL;
  free(reply->text);
  reply->text = NULL;
  reply->text_size = 0;
  if(reply->file >= 0)
    close(reply->file);
  reply->file = -1;
}

void em_reply_clear(struct em_reply *reply)
{
  size_t i;
  clear_reply_body(reply);
  for(i = 0; i < reply->header_count; i++) {
    free(reply->headers[i].name);
    free(reply->headers[i].value);
  }
  em_reply_init(reply);
}

void em_reply_empty(struct em_reply *reply, unsigned int status)
{
  clear_reply_body(reply);
  reply->status = status;
}

void em_reply_json(struct em_reply *reply, unsigned int status, json_t *json)
{
  em_reply_empty(reply, status);
  reply->json = json;
  em_reply_header(reply, "content-type", "application/json");
}

void em_reply_text(struct em_reply *reply, unsigned int status, char *text,
                   size_t size)
{
  em_reply_empty(reply, status);
  reply->text = text;
  reply->text_size = size;
}

void em_reply_file(struct em_reply *reply, unsigned int status, int file,
                   int64_t offset, int64_t size)
{
  em_reply_empty(reply, status);
  reply->file = file;
  reply->file_offset = offset;
  reply->file_size = size;
}

static size_t find_reply_header(const struct em_reply *reply,
                                const char *name)
{
  size_t i;
  for(i = 0; i < reply->header_count; i++)
    if(!strcasecmp(reply->headers[i].name, name))
      break;
  return i;
}

static size_t header_slot(struct em_reply *reply, const char *name)
{
  size_t i = find_reply_header(reply, name);
  if(i < reply->header_count) {
    free(reply->headers[i].value);
    reply->headers[i].value = NULL;
  }
  return i;
}

void em_reply_header(struct em_reply *reply, const char *name,
                     const char *format, ...)
{
  va_list arguments;
  size_t slot = header_slot(reply, name);
  char *value = NULL;
  int length;
  if(slot == EM_REPLY_HEADERS)
    return;
  va_start(arguments, format);
  length = vasprintf(&value, format, arguments);
  va_end(arguments);
  if(slot == reply->header_count) {
    reply->headers[slot].name = strdup(name);
    if(!reply->headers[slot].name) {
      if(length >= 0)
        free(value);
      return;
    }
    reply->header_count++;
  }
  reply->headers[slot].value = length < 0 ? NULL : value;
}

int em_reply_serialize(struct em_reply *reply)
{
  if(!reply->json)
    return 0;
  reply->text = json_dumps(reply->json, JSON_COMPACT | JSON_ENCODE_ANY);
  if(!reply->text)
    return -1;
  reply->text_size = strlen(reply->text);
  json_decref(reply->json);
  reply->json = NULL;
  return 0;
}

/* A body shorter than its Content-Length. */
struct truncated_body {
  char *text;
  size_t size;
};

static ssize_t read_truncated(void *opaque, uint64_t at, char *out,
                              size_t room)
{
  const struct truncated_body *body = opaque;
  size_t left;
  if(at >= body->size)
    return MHD_CONTENT_READER_END_WITH_ERROR;
  left = body->size - (size_t)at;
  if(left > room)
    left = room;
  memcpy(out, body->text + at, left);
  return (ssize_t)left;
}

static void free_truncated(void *opaque)
{
  struct truncated_body *body = opaque;
  free(body->text);
  free(body);
}

static struct MHD_Response *truncated_response(struct em_reply *reply)
{
  struct truncated_body *body = malloc(sizeof(*body));
  struct MHD_Response *response;
  uint64_t whole = reply->text_size;
  if(!body)
    return NULL;
  body->text = reply->text;
  body->size = reply->text_size;
  if((uint64_t)reply->truncate_at < body->size)
    body->size = (size_t)reply->truncate_at;
  response = MHD_create_response_from_callback(
      whole, EM_READ_BLOCK, read_truncated, body, free_truncated);
  if(response)
    reply->text = NULL;
  else
    free(body);
  return response;
}

static struct MHD_Response *body_response(struct em_reply *reply)
{
  struct MHD_Response *response;
  if(reply->file >= 0) {
    response = MHD_create_response_from_fd_at_offset64(
        (uint64_t)reply->file_size, reply->file,
        (uint64_t)reply->file_offset);
    if(response)
      reply->file = -1;
    return response;
  }
  if(em_reply_serialize(reply))
    return NULL;
  if(reply->truncate_at >= 0 && reply->text_size > 0)
    return truncated_response(reply);
  response = MHD_create_response_from_buffer(
      reply->text_size, reply->text ? reply->text : (char *)"",
      reply->text ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
  if(response)
    reply->text = NULL;
  return response;
}

static void add_reply_headers(struct em_reply *reply,
                              struct MHD_Response *response)
{
  size_t i;
  for(i = 0; i < reply->header_count; i++)
    if(reply->headers[i].value)
      MHD_add_response_header(response, reply->headers[i].name,
                              reply->headers[i].value);
}

enum MHD_Result em_reply_send(struct em_reply *reply,
                              struct MHD_Connection *connection)
{
  char now[EM_DATE_SIZE];
  struct MHD_Response *response;
  enum MHD_Result result;
  em_date_format_http(now, time(NULL));
  /* A fault script may have set a wrong date on purpose. */
  if(find_reply_header(reply, "date") == reply->header_count)
    em_reply_header(reply, "date", "%s", now);
  response = body_response(reply);
  if(!response)
    return MHD_NO;
  add_reply_headers(reply, response);
  result = MHD_queue_response(connection, reply->status, response);
  MHD_destroy_response(response);
  return result;
}
