/* exchange: one HTTP request and its reply, or, without a URL, only the hash
 * of its body.
 * SPDX-License-Identifier: MIT */
#include "exchange.h"

#include "compat.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HASH_CHUNK ((size_t)256 << 10)
#define HEADERS_LIMIT ((size_t)64 << 10)
/* Fewer, larger writes: a quarter of the system calls of libcurl's 64 KiB. */
#define UPLOAD_BUFFER (512L << 10)
#define UPLOAD_BUFFER_LEAST (16L << 10) /* libcurl's own minimum */
/* Box drops connections that idle for some 15 minutes, mid-request if it
 * must, so an older one isn't used again. */
#define IDLE_LIMIT 600L

struct bu_exchange_private {
  unsigned references;
  int canceled; /* atomic */
  int64_t sent; /* atomic */
  struct bu_error callback_error;
  char curl_error[CURL_ERROR_SIZE];
  CURL *easy;
  struct curl_slist *headers;
  curl_mime *form;
};

struct bu_exchange *bu_exchange_new(struct bu_request *request,
                                    struct bu_settings *settings,
                                    struct bu_queue *queue)
{
  struct bu_exchange *exchange = calloc(1, sizeof(*exchange));
  struct bu_exchange_private *hidden = calloc(1, sizeof(*hidden));

  if(!exchange || !hidden) {
    free(exchange);
    free(hidden);
    bu_request_free(request);
    return NULL;
  }
  exchange->request = *request;
  memset(request, 0, sizeof(*request));
  exchange->settings = bu_settings_acquire(settings);
  exchange->queue = bu_queue_acquire(queue);
  exchange->hidden = hidden;
  hidden->references = 1;
  bu_buffer_init(&exchange->headers, HEADERS_LIMIT);
  bu_buffer_init(&exchange->body, settings->reply_limit);
  return exchange;
}

struct bu_exchange *bu_exchange_acquire(struct bu_exchange *exchange)
{
  bu_ref(&exchange->hidden->references);
  return exchange;
}

void bu_exchange_release(struct bu_exchange *exchange)
{
  if(!exchange || !bu_unref(&exchange->hidden->references))
    return;
  bu_request_free(&exchange->request);
  bu_semaphore_release(exchange->semaphore);
  bu_digest_release(exchange->running);
  bu_queue_release(exchange->queue);
  bu_settings_release(exchange->settings);
  bu_buffer_free(&exchange->headers);
  bu_buffer_free(&exchange->body);
  free(exchange->hidden);
  free(exchange);
}

int64_t bu_exchange_sent(const struct bu_exchange *exchange)
{
  return bu_atomic_load(&exchange->hidden->sent);
}

void bu_exchange_cancel(struct bu_exchange *exchange)
{
  bu_atomic_store(&exchange->hidden->canceled, 1);
}

int bu_exchange_canceled(const struct bu_exchange *exchange)
{
  return bu_atomic_load(&exchange->hidden->canceled);
}

static int is_blank(char byte)
{
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

const char *bu_exchange_header(const struct bu_exchange *exchange,
                               const char *name, size_t *length)
{
  const char *line = exchange->headers.data;
  const char *end = line ? line + exchange->headers.length : NULL;
  size_t size = strlen(name);

  while(line && line < end) {
    const char *next = memchr(line, '\n', (size_t)(end - line));

    next = next ? next + 1 : end;
    if((size_t)(next - line) > size && line[size] == ':' &&
       strncasecmp(line, name, size) == 0) {
      for(line += size + 1; line < next && is_blank(*line);)
        line++;
      while(next > line && is_blank(next[-1]))
        next--;
      *length = (size_t)(next - line);
      return line;
    }
    line = next;
  }
  return NULL;
}

/* The hash. */

int bu_exchange_needs_hash(const struct bu_exchange *exchange)
{
  return exchange->running || !exchange->request.url ||
         (exchange->request.digest_header != BU_DIGEST_NONE &&
          !exchange->has_sha1);
}

static int hash_chunks(struct bu_exchange *exchange, struct bu_digest *part,
                       char *chunk)
{
  struct bu_error *error = &exchange->error;
  int64_t count;

  for(;;) {
    if(bu_exchange_canceled(exchange))
      return bu_error_set(error, BU_ECANCELED, "canceled");
    count = bu_source_read(&exchange->request.body, chunk, HASH_CHUNK, error);
    if(count <= 0)
      return count < 0 ? (int)error->code : BU_OK;
    if(bu_digest_update(part, chunk, (size_t)count) != BU_OK ||
       (exchange->running &&
        bu_digest_update(exchange->running, chunk, (size_t)count) != BU_OK))
      return bu_error_memory(error);
  }
}

static int hash_body(struct bu_exchange *exchange, struct bu_digest *part,
                     char *chunk)
{
  struct bu_source *body = &exchange->request.body;
  int code;

  if(exchange->running && bu_digest_count(exchange->running) != body->offset)
    return bu_error_set(&exchange->error, BU_EINVALID,
                        "parts must be hashed in the order of the file");
  (void)bu_source_seek(body, 0);
  code = hash_chunks(exchange, part, chunk);
  if(code == BU_OK && body->file)
    code = bu_file_check(body->file, &exchange->error);
  if(code != BU_OK)
    return code;
  if(bu_digest_value(part, exchange->sha1) != BU_SHA1_SIZE)
    return bu_error_memory(&exchange->error);
  exchange->has_sha1 = 1;
  return BU_OK;
}

void bu_exchange_hash(struct bu_exchange *exchange)
{
  struct bu_digest *part = bu_digest_new(BU_SHA1);
  char *chunk = malloc(HASH_CHUNK);

  if(part && chunk)
    (void)hash_body(exchange, part, chunk);
  else
    (void)bu_error_memory(&exchange->error);
  free(chunk);
  bu_digest_release(part);
}

/* What libcurl calls, on the I/O thread. */

static size_t on_read(char *data, size_t size, size_t count, void *argument)
{
  struct bu_exchange *exchange = argument;
  struct bu_exchange_private *hidden = exchange->hidden;
  int64_t length;

  if(bu_exchange_canceled(exchange))
    return CURL_READFUNC_ABORT;
  length = bu_source_read(&exchange->request.body, data, size * count,
                          &hidden->callback_error);
  if(length < 0)
    return CURL_READFUNC_ABORT;
  bu_atomic_store(&hidden->sent, exchange->request.body.position);
  return (size_t)length;
}

/* libcurl rewinds to send a request again when a reused connection broke
 * without an answer. What has left may have been stored, so whether to send
 * it again is for the owner to decide. Of an empty file in a form nobody can
 * tell whether the rest of the form has left. */
static int on_seek(void *argument, curl_off_t offset, int origin)
{
  struct bu_exchange *exchange = argument;
  int is_empty = exchange->request.body.length == 0;

  if(origin != SEEK_SET || offset != 0 || is_empty ||
     bu_exchange_sent(exchange) > 0)
    return CURL_SEEKFUNC_FAIL;
  return CURL_SEEKFUNC_OK;
}

static size_t append(struct bu_exchange *exchange, struct bu_buffer *buffer,
                     const char *data, size_t length, const char *what)
{
  struct bu_error *error = &exchange->hidden->callback_error;

  switch(bu_buffer_append(buffer, data, length)) {
  case BU_OK:
    return length;
  case BU_ELIMIT:
    (void)bu_error_set(error, BU_ELIMIT, "the reply's %s is over %lu bytes",
                       what, (unsigned long)buffer->limit);
    return 0;
  default:
    (void)bu_error_memory(error);
    return 0;
  }
}

static size_t on_header(char *data, size_t size, size_t count, void *argument)
{
  struct bu_exchange *exchange = argument;
  size_t length = size * count;

  /* A status line begins another block: what came before was a 1xx. */
  if(length >= 5 && memcmp(data, "HTTP/", 5) == 0)
    bu_buffer_reset(&exchange->headers);
  /* libcurl takes a short count for an error, of an empty line too. */
  return append(exchange, &exchange->headers, data, length, "head");
}

static size_t on_body(char *data, size_t size, size_t count, void *argument)
{
  struct bu_exchange *exchange = argument;

  return append(exchange, &exchange->body, data, size * count, "body");
}

/* The easy handle. */

static int copy_headers(struct curl_slist **to, const struct curl_slist *from)
{
  for(; from; from = from->next) {
    struct curl_slist *list = curl_slist_append(*to, from->data);

    if(!list)
      return BU_EMEMORY;
    *to = list;
  }
  return BU_OK;
}

static int add_digest(struct bu_exchange *exchange)
{
  char value[BU_HEX_MAX + sizeof("sha=")];
  const char *name = "content-md5";

  if(exchange->request.digest_header == BU_DIGEST_NONE)
    return BU_OK;
  if(exchange->request.digest_header == BU_DIGEST_SHA) {
    name = "Digest";
    memcpy(value, "sha=", sizeof("sha="));
    bu_base64(value + 4, exchange->sha1, BU_SHA1_SIZE);
  } else {
    bu_hex(value, exchange->sha1, BU_SHA1_SIZE);
  }
  return bu_header_append(&exchange->hidden->headers, name, value,
                          &exchange->error);
}

static int add_token(struct bu_exchange *exchange)
{
  char *token = bu_settings_token(exchange->settings, &exchange->error);
  size_t size = token ? strlen(token) + sizeof("Bearer ") : 0;
  char *value;
  int code;

  if(!token)
    return exchange->error.code;
  value = malloc(size);
  if(value) {
    (void)snprintf(value, size, "Bearer %s", token);
    code = bu_header_append(&exchange->hidden->headers, "Authorization",
                            value, &exchange->error);
    OPENSSL_cleanse(value, size);
  } else {
    code = bu_error_memory(&exchange->error);
  }
  free(value);
  OPENSSL_cleanse(token, size - sizeof("Bearer ") + 1);
  free(token);
  return code;
}

static int build_headers(struct bu_exchange *exchange)
{
  struct curl_slist **headers = &exchange->hidden->headers;
  struct curl_slist *list;
  int code;

  /* The client's headers say for whom it acts, as its token does. */
  if((exchange->request.authorize &&
      copy_headers(headers, exchange->settings->headers) != BU_OK) ||
     copy_headers(headers, exchange->request.headers) != BU_OK)
    return bu_error_memory(&exchange->error);
  /* No wait for a "100 Continue" that Box never sends. */
  list = curl_slist_append(*headers, "Expect:");
  if(!list)
    return bu_error_memory(&exchange->error);
  *headers = list;
  code = add_digest(exchange);
  if(code == BU_OK && exchange->request.authorize)
    code = add_token(exchange);
  return code;
}

static CURLcode set_client(CURL *easy, const struct bu_settings *settings)
{
  CURLcode result = CURLE_OK;

#define SET(option, value)                                                   \
  if(result == CURLE_OK)                                                     \
  result = curl_easy_setopt(easy, option, value)
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_FOLLOWLOCATION, 0L);
  SET(CURLOPT_TCP_KEEPALIVE, 1L);
  SET(CURLOPT_MAXAGE_CONN, IDLE_LIMIT);
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  SET(CURLOPT_HTTP_VERSION, settings->http2 ? (long)CURL_HTTP_VERSION_2TLS
                                            : (long)CURL_HTTP_VERSION_1_1);
  SET(CURLOPT_USERAGENT, settings->user_agent);
  SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(settings->connect_timeout * 1000.0));
  SET(CURLOPT_LOW_SPEED_LIMIT, settings->low_speed_limit);
  SET(CURLOPT_LOW_SPEED_TIME, settings->low_speed_time);
#if LIBCURL_VERSION_NUM >= 0x075500
  SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
  SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
  /* A cancel must not wait for a name look-up to time out. */
  SET(CURLOPT_QUICK_EXIT, 1L);
#endif
  if(settings->ca_file)
    SET(CURLOPT_CAINFO, settings->ca_file);
  if(settings->proxy)
    SET(CURLOPT_PROXY, settings->proxy);
  return result;
}

static long upload_buffer(int64_t length)
{
  if(length >= UPLOAD_BUFFER)
    return UPLOAD_BUFFER;
  return length > UPLOAD_BUFFER_LEAST ? (long)length : UPLOAD_BUFFER_LEAST;
}

/* In the form of an upload whatever the method, for that is where libcurl
 * reads through a callback and adds no header of its own. */
static CURLcode set_body(CURL *easy, struct bu_exchange *exchange)
{
  curl_off_t length = (curl_off_t)exchange->request.body.length;
  CURLcode result = CURLE_OK;

  SET(CURLOPT_UPLOAD, 1L);
  SET(CURLOPT_INFILESIZE_LARGE, length);
  SET(CURLOPT_UPLOAD_BUFFERSIZE, upload_buffer((int64_t)length));
  SET(CURLOPT_READFUNCTION, on_read);
  SET(CURLOPT_READDATA, exchange);
  SET(CURLOPT_SEEKFUNCTION, on_seek);
  SET(CURLOPT_SEEKDATA, exchange);
  return result;
}

static CURLcode set_form(CURL *easy, struct bu_exchange *exchange)
{
  const struct bu_request *request = &exchange->request;
  curl_mime *form = curl_mime_init(easy);
  curl_mimepart *part = form ? curl_mime_addpart(form) : NULL;
  CURLcode result = part ? CURLE_OK : CURLE_OUT_OF_MEMORY;

  exchange->hidden->form = form;
#define PART(call)                                                           \
  if(result == CURLE_OK)                                                     \
  result = (call)
  /* The attributes come first, or Box answers metadata_after_file_contents. */
  PART(curl_mime_name(part, "attributes"));
  PART(curl_mime_data(part, request->attributes, CURL_ZERO_TERMINATED));
  if(result == CURLE_OK) {
    part = curl_mime_addpart(form);
    result = part ? CURLE_OK : CURLE_OUT_OF_MEMORY;
  }
  PART(curl_mime_name(part, "file"));
  PART(curl_mime_filename(part, "file"));
  PART(curl_mime_type(part, "application/octet-stream"));
  PART(curl_mime_data_cb(part, (curl_off_t)request->body.length, on_read,
                         on_seek, NULL, exchange));
#undef PART
  SET(CURLOPT_UPLOAD_BUFFERSIZE, upload_buffer(request->body.length));
  SET(CURLOPT_MIMEPOST, form);
  return result;
}

static CURLcode set_request(CURL *easy, struct bu_exchange *exchange)
{
  const struct bu_request *request = &exchange->request;
  CURLcode result = CURLE_OK;

  SET(CURLOPT_URL, request->url);
  SET(CURLOPT_HTTPHEADER, exchange->hidden->headers);
  SET(CURLOPT_ERRORBUFFER, exchange->hidden->curl_error);
  SET(CURLOPT_PRIVATE, exchange);
  SET(CURLOPT_HEADERFUNCTION, on_header);
  SET(CURLOPT_HEADERDATA, exchange);
  SET(CURLOPT_WRITEFUNCTION, on_body);
  SET(CURLOPT_WRITEDATA, exchange);
  if(result == CURLE_OK && request->attributes)
    result = set_form(easy, exchange);
  else if(result == CURLE_OK && request->has_body)
    result = set_body(easy, exchange);
  SET(CURLOPT_CUSTOMREQUEST, request->method);
  return result;
}
#undef SET

CURL *bu_exchange_open(struct bu_exchange *exchange)
{
  struct bu_exchange_private *hidden = exchange->hidden;
  CURLcode result = CURLE_OUT_OF_MEMORY;

  (void)bu_source_seek(&exchange->request.body, 0);
  if(build_headers(exchange) != BU_OK)
    return NULL;
  hidden->easy = curl_easy_init();
  if(hidden->easy)
    result = set_client(hidden->easy, exchange->settings);
  if(result == CURLE_OK)
    result = set_request(hidden->easy, exchange);
  if(result == CURLE_OK)
    return hidden->easy;
  (void)bu_error_set(&exchange->error, BU_EINVALID,
                     "libcurl refused the request: %s",
                     curl_easy_strerror(result));
  return NULL;
}

CURL *bu_exchange_easy(const struct bu_exchange *exchange)
{
  return exchange->hidden->easy;
}

static enum bu_code code_of(CURLcode result)
{
  switch(result) {
  case CURLE_OUT_OF_MEMORY:
    return BU_EMEMORY;
  case CURLE_OPERATION_TIMEDOUT:
    return BU_ETIMEOUT;
  case CURLE_URL_MALFORMAT:
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_BAD_FUNCTION_ARGUMENT:
    return BU_EINVALID;
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_INVALIDCERTSTATUS:
    return BU_ETLS;
  default:
    return BU_ENETWORK;
  }
}

static void set_failure(struct bu_exchange *exchange, CURLcode result)
{
  struct bu_exchange_private *hidden = exchange->hidden;
  const char *text =
      hidden->curl_error[0] ? hidden->curl_error : curl_easy_strerror(result);

  if(bu_exchange_canceled(exchange)) {
    (void)bu_error_set(&exchange->error, BU_ECANCELED, "canceled");
  } else if(hidden->callback_error.code != BU_OK) {
    exchange->error = hidden->callback_error;
  } else {
    (void)bu_error_set(&exchange->error, code_of(result), "%s", text);
    exchange->error.curl = (int)result;
  }
}

void bu_exchange_close(struct bu_exchange *exchange, CURLcode result)
{
  struct bu_exchange_private *hidden = exchange->hidden;
  long request_size = 0;
  curl_off_t microseconds = 0;

  if(hidden->easy) {
    (void)curl_easy_getinfo(hidden->easy, CURLINFO_REQUEST_SIZE,
                            &request_size);
    exchange->reached = request_size > 0;
    (void)curl_easy_getinfo(hidden->easy, CURLINFO_TOTAL_TIME_T,
                            &microseconds);
    exchange->seconds = (double)microseconds / 1e6;
    if(result == CURLE_OK)
      (void)curl_easy_getinfo(hidden->easy, CURLINFO_RESPONSE_CODE,
                              &exchange->status);
    else if(exchange->error.code == BU_OK)
      set_failure(exchange, result);
    curl_easy_cleanup(hidden->easy);
  }
  curl_mime_free(hidden->form);
  curl_slist_free_all(hidden->headers);
  hidden->easy = NULL;
  hidden->form = NULL;
  hidden->headers = NULL;
}
