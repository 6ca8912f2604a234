/* reply: what is taken of a reply, in bytes and in time. A server is input.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "reply.h"

#include "easy_code.h"

#include <string.h>

/* Of all heads of one reply together, in bytes. A single one has its own limit
 * as a buffer. */
#define HEADS_LIMIT ((size_t)256 << 10)

static long reply_status(const struct bu_reply *reply)
{
  long status = 0;

  curl_easy_getinfo(reply->handle, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

static size_t reply_append(struct bu_reply *reply, struct bu_buffer *buffer,
                           const char *data, size_t length, const char *what)
{
  switch(bu_buffer_append(buffer, data, length)) {
  case BU_OK:
    return length;
  case BU_ELIMIT:
    bu_error_set(&reply->error, BU_ELIMIT, "the reply's %s is over %lu bytes",
                 what, (unsigned long)buffer->limit);
    return 0;
  default:
    bu_error_memory(&reply->error);
    return 0;
  }
}

/* A server that has taken a body answers after it. */
static int reply_check_early(struct bu_reply *reply)
{
  curl_off_t sent = 0;
  curl_off_t length = 0;

  if(reply_status(reply) / 100 != 2)
    return BU_OK;
  curl_easy_getinfo(reply->handle, CURLINFO_SIZE_UPLOAD_T, &sent);
  curl_easy_getinfo(reply->handle, CURLINFO_CONTENT_LENGTH_UPLOAD_T, &length);
  if(length < reply->exchange->request.body.length)
    length = reply->exchange->request.body.length;
  if(sent >= length)
    return BU_OK;
  return bu_error_set(&reply->error, BU_EEARLY,
                      "the service answered %ld when it had %.0f bytes of "
                      "%.0f",
                      reply_status(reply), (double)sent, (double)length);
}

size_t bu_reply_on_header(char *data, size_t size, size_t count,
                          void *argument)
{
  struct bu_reply *reply = argument;
  struct bu_exchange *exchange = reply->exchange;
  size_t length = size * count;

  /* Another status line: the headers before it were those of a 1xx, or of a
   * proxy's tunnel. */
  if(length >= 5 && memcmp(data, "HTTP/", 5) == 0) {
    bu_buffer_reset(&exchange->headers);
    if(!bu_easy_is_refusal_line(data, length))
      bu_settings_accept_proxy(exchange->settings);
  }
  reply->head_bytes += length;
  if(reply->head_bytes > HEADS_LIMIT) {
    bu_error_set(&reply->error, BU_ELIMIT,
                 "the reply's heads are over %lu bytes",
                 (unsigned long)HEADS_LIMIT);
    return 0;
  }
  if((*data == '\r' || *data == '\n') && reply_check_early(reply) != BU_OK)
    return 0;
  /* libcurl takes any other count than `length` for an error. */
  return reply_append(reply, &exchange->headers, data, length, "head");
}

/* Of an error, and of a page that isn't Box's, the beginning suffices. */
static int reply_may_be_cut(const struct bu_reply *reply, const char *data)
{
  const struct bu_buffer *body = &reply->exchange->body;
  const char *first = body->length > 0 ? body->data : data;

  return reply_status(reply) >= 300 || *first == '<';
}

size_t bu_reply_on_body(char *data, size_t size, size_t count, void *argument)
{
  struct bu_reply *reply = argument;
  struct bu_buffer *body = &reply->exchange->body;
  size_t length = size * count;
  size_t room = body->limit - body->length;

  if(length <= room || !reply_may_be_cut(reply, data))
    return reply_append(reply, body, data, length, "body");
  if(room == 0 || reply_append(reply, body, data, room, "body") == room)
    reply->is_cut = 1;
  return 0;
}

int bu_reply_is_late(struct bu_reply *reply, double now, int waits_for_turn,
                     double *wake)
{
  long request_size = 0;
  curl_off_t sent = 0;

  /* Connecting has a time of its own. */
  curl_easy_getinfo(reply->handle, CURLINFO_REQUEST_SIZE, &request_size);
  curl_easy_getinfo(reply->handle, CURLINFO_SIZE_UPLOAD_T, &sent);
  if(reply->due <= 0 || request_size == 0 || waits_for_turn ||
     sent != reply->sent) {
    reply->sent = sent;
    reply->due = now + reply->exchange->settings->reply_timeout;
  }
  if(reply->due < *wake)
    *wake = reply->due;
  return now >= reply->due;
}
