/* exchange: one HTTP request and its reply, or, without a URL, only the hash
 * of its body.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "exchange.h"

#include "compat.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define HASH_CHUNK ((size_t)256 << 10)
#define HEADERS_LIMIT ((size_t)64 << 10)

struct bu_exchange *bu_exchange_new(struct bu_request *request,
                                    struct bu_settings *settings)
{
  struct bu_exchange *exchange = calloc(1, sizeof(*exchange));

  if(!exchange || pthread_mutex_init(&exchange->lock, NULL) != 0) {
    free(exchange);
    bu_request_free(request);
    return NULL;
  }
  exchange->references = 1;
  exchange->request = *request;
  memset(request, 0, sizeof(*request));
  exchange->settings = bu_settings_acquire(settings);
  bu_buffer_init(&exchange->headers, HEADERS_LIMIT);
  bu_buffer_init(&exchange->body, exchange->request.reply_limit > 0
                                      ? exchange->request.reply_limit
                                      : settings->reply_limit);
  return exchange;
}

struct bu_exchange *bu_exchange_acquire(struct bu_exchange *exchange)
{
  bu_ref(&exchange->references);
  return exchange;
}

void bu_exchange_release(struct bu_exchange *exchange)
{
  if(!exchange || !bu_unref(&exchange->references))
    return;
  bu_request_free(&exchange->request);
  bu_semaphore_release(exchange->semaphore);
  bu_digest_release(exchange->file_digest);
  bu_settings_release(exchange->settings);
  bu_buffer_free(&exchange->headers);
  bu_buffer_free(&exchange->body);
  pthread_mutex_destroy(&exchange->lock);
  free(exchange);
}

int64_t bu_exchange_sent(struct bu_exchange *exchange)
{
  int64_t sent;

  bu_lock(&exchange->lock);
  sent = exchange->shared.sent;
  bu_unlock(&exchange->lock);
  return sent;
}

void bu_exchange_note_sent(struct bu_exchange *exchange, int64_t sent)
{
  bu_lock(&exchange->lock);
  exchange->shared.sent = sent;
  bu_unlock(&exchange->lock);
}

void bu_exchange_cancel(struct bu_exchange *exchange)
{
  bu_atomic_store(&exchange->canceled, 1);
}

int bu_exchange_is_canceled(const struct bu_exchange *exchange)
{
  return bu_atomic_load(&exchange->canceled);
}

void bu_exchange_fail_canceled(struct bu_exchange *exchange)
{
  if(exchange->error.code == BU_OK)
    bu_error_set(&exchange->error, BU_ECANCELED, "canceled");
}

/* Lists. */

void bu_exchange_list_append(struct bu_exchange_list *list,
                             struct bu_exchange *exchange)
{
  exchange->next = NULL;
  if(list->last)
    list->last->next = exchange;
  else
    list->first = exchange;
  list->last = exchange;
}

void bu_exchange_list_remove(struct bu_exchange_list *list,
                             struct bu_exchange *exchange)
{
  struct bu_exchange *before = NULL;
  struct bu_exchange *at;

  for(at = list->first; at != exchange; at = at->next)
    before = at;
  if(before)
    before->next = exchange->next;
  else
    list->first = exchange->next;
  if(list->last == exchange)
    list->last = before;
  exchange->next = NULL;
}

/* Reply headers. */

static int header_is_blank(char byte)
{
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Whether the line up to `end` begins with "name:", in any case. */
static int header_has_name(const char *line, const char *end,
                           const char *name, size_t length)
{
  return (size_t)(end - line) > length && line[length] == ':' &&
         curl_strnequal(line, name, length);
}

const char *bu_exchange_header(const struct bu_exchange *exchange,
                               const char *name, size_t *length)
{
  const char *line = exchange->headers.data;
  const char *end = line ? line + exchange->headers.length : NULL;
  size_t name_length = strlen(name);

  while(line && line < end) {
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    const char *next = newline ? newline + 1 : end;

    if(header_has_name(line, next, name, name_length)) {
      for(line += name_length + 1; line < next && header_is_blank(*line);)
        line++;
      while(next > line && header_is_blank(next[-1]))
        next--;
      *length = (size_t)(next - line);
      return line;
    }
    line = next;
  }
  return NULL;
}

/* The hash of the body. */

int bu_exchange_needs_hash(const struct bu_exchange *exchange)
{
  return exchange->file_digest || !exchange->request.url ||
         (exchange->request.digest_header != BU_DIGEST_NONE &&
          !exchange->has_sha1);
}

static int exchange_hash_chunks(struct bu_exchange *exchange,
                                struct bu_digest *part, char *chunk)
{
  struct bu_error *error = &exchange->error;
  int64_t count;
  int code = BU_OK;

  for(;;) {
    if(bu_exchange_is_canceled(exchange))
      return bu_error_set(error, BU_ECANCELED, "canceled");
    count = bu_source_read(&exchange->request.body, chunk, HASH_CHUNK, error);
    if(count <= 0)
      return count < 0 ? (int)error->code : BU_OK;
    code = bu_digest_update(part, chunk, (size_t)count, error);
    if(code == BU_OK && exchange->file_digest)
      code = bu_digest_update(exchange->file_digest, chunk, (size_t)count,
                              error);
    if(code != BU_OK)
      return code;
  }
}

/* A file whose bytes have changed for certain isn't worth sending. Where only
 * its times differ, the owner compares the bytes in the end. */
static int exchange_check_file(const struct bu_source *body,
                               struct bu_error *error)
{
  int code = body->file ? bu_file_check(body->file, error) : BU_OK;

  if(code != BU_ETOUCHED)
    return code;
  bu_error_clear(error);
  return BU_OK;
}

static int exchange_hash_body(struct bu_exchange *exchange,
                              struct bu_digest *part, char *chunk)
{
  struct bu_source *body = &exchange->request.body;
  int code;

  if(exchange->file_digest &&
     bu_digest_count(exchange->file_digest) != body->offset)
    return bu_error_set(&exchange->error, BU_EINVALID,
                        "parts must be hashed in the order of the file");
  bu_source_seek(body, 0);
  /* So that a store after the reading is noticed. */
  if(body->file)
    bu_file_clean(body->file, body->data_offset, body->length);
  code = exchange_hash_chunks(exchange, part, chunk);
  if(code == BU_OK)
    code = exchange_check_file(body, &exchange->error);
  if(code != BU_OK)
    return code;
  if(bu_digest_value(part, exchange->sha1, &exchange->error) == 0)
    return (int)exchange->error.code;
  exchange->has_sha1 = 1;
  return BU_OK;
}

void bu_exchange_hash(struct bu_exchange *exchange)
{
  struct bu_digest *part = bu_digest_new(BU_SHA1, &exchange->error);
  char *chunk = malloc(HASH_CHUNK);

  if(part && chunk)
    exchange_hash_body(exchange, part, chunk);
  else if(part)
    bu_error_memory(&exchange->error);
  free(chunk);
  bu_digest_release(part);
}
