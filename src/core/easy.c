/* easy: an exchange on the network, as a libcurl easy handle.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "easy.h"

#include "compat.h"
#include "easy_code.h"
#include "headers.h"
#include "reply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fewer, larger reads: a quarter of the system calls of libcurl's 64 KiB. */
#define UPLOAD_BUFFER (512L << 10)
#define UPLOAD_BUFFER_LEAST (16L << 10) /* libcurl's own minimum */
/* Box closes connections that were idle for some 15 minutes, even in the
 * middle of a new request; older ones aren't used again. Seconds. */
#define IDLE_LIMIT 600L

struct bu_easy {
  CURL *handle;
  CURLcode setup; /* the first option that libcurl refused, or CURLE_OK */
  struct bu_pace *pace;
  struct bu_turn turn;
  int64_t bytes_per_second; /* about what it may send; 0: no limit */
  struct bu_reply reply;
  struct curl_slist *headers;
  curl_mime *form;
  struct bu_error callback_error; /* why a callback made libcurl give up */
  char curl_error[CURL_ERROR_SIZE];
};

/* What libcurl calls. */

static size_t easy_on_read(char *data, size_t size, size_t count,
                           void *argument)
{
  struct bu_exchange *exchange = argument;
  struct bu_easy *easy = exchange->easy;
  const struct bu_source *body = &exchange->request.body;
  int64_t length = body->length - body->position;

  if(bu_exchange_is_canceled(exchange))
    return CURL_READFUNC_ABORT;
  if(length > (int64_t)(size * count))
    length = (int64_t)(size * count);
  if(length > 0) {
    length = bu_pace_take(easy->pace, &easy->turn, length, bu_now());
    if(length == 0)
      return CURL_READFUNC_PAUSE;
  }
  length = bu_source_read(&exchange->request.body, data, (size_t)length,
                          &easy->callback_error);
  if(length < 0)
    return CURL_READFUNC_ABORT;
  bu_exchange_note_sent(exchange, exchange->request.body.position);
  return (size_t)length;
}

/* libcurl rewinds to send a request again when a reused connection broke
 * without a reply. What has left may be stored by now, so only the owner can
 * decide to send it again. With an empty file in a form, nobody can tell
 * whether the rest of the form has left. */
static int easy_on_seek(void *argument, curl_off_t offset, int origin)
{
  struct bu_exchange *exchange = argument;
  int is_empty = exchange->request.body.length == 0;

  if(origin != SEEK_SET || offset != 0 || is_empty ||
     bu_exchange_sent(exchange) > 0)
    return CURL_SEEKFUNC_FAIL;
  return CURL_SEEKFUNC_OK;
}

/* libcurl's own sockets are inherited by children, which would keep a
 * connection open that this process has closed. */
static curl_socket_t easy_on_open_socket(void *argument, curlsocktype purpose,
                                         struct curl_sockaddr *address)
{
  struct bu_exchange *exchange = argument;
  int descriptor =
      bu_socket(address->family, address->socktype, address->protocol);

  (void)purpose;
  /* Other errors, such as no IPv6, are libcurl's to handle. */
  if(descriptor < 0 && (errno == EMFILE || errno == ENFILE))
    bu_error_system(&exchange->easy->callback_error, errno, "socket");
  return descriptor < 0 ? CURL_SOCKET_BAD : descriptor;
}

/* Options. Each setter does nothing once one has failed. */

static void easy_set_long(struct bu_easy *easy, CURLoption option, long value)
{
  if(easy->setup == CURLE_OK)
    easy->setup = curl_easy_setopt(easy->handle, option, value);
}

static void easy_set_size(struct bu_easy *easy, CURLoption option,
                          int64_t value)
{
  if(easy->setup == CURLE_OK)
    easy->setup = curl_easy_setopt(easy->handle, option, (curl_off_t)value);
}

/* NULL leaves libcurl's default. libcurl copies the string. */
static void easy_set_string(struct bu_easy *easy, CURLoption option,
                            const char *value)
{
  if(easy->setup == CURLE_OK && value)
    easy->setup = curl_easy_setopt(easy->handle, option, value);
}

static void easy_set_pointer(struct bu_easy *easy, CURLoption option,
                             void *value)
{
  if(easy->setup == CURLE_OK)
    easy->setup = curl_easy_setopt(easy->handle, option, value);
}

static void easy_set_writer(struct bu_easy *easy, CURLoption option,
                            curl_write_callback callback)
{
  if(easy->setup == CURLE_OK)
    easy->setup = curl_easy_setopt(easy->handle, option, callback);
}

static void easy_set_constants(struct bu_easy *easy)
{
  static const struct {
    CURLoption option;
    long value;
  } constants[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_TCP_KEEPALIVE, 1},
    {CURLOPT_MAXAGE_CONN, IDLE_LIMIT},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
#if LIBCURL_VERSION_NUM < 0x075500
    {CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS},
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    /* A cancel must not wait for a name look-up to time out. */
    {CURLOPT_QUICK_EXIT, 1},
#endif
  };
  size_t i;

  for(i = 0; i < sizeof(constants) / sizeof(constants[0]); i++)
    easy_set_long(easy, constants[i].option, constants[i].value);
#if LIBCURL_VERSION_NUM >= 0x075500
  easy_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#endif
}

static void easy_set_settings(struct bu_easy *easy,
                              const struct bu_settings *settings)
{
  easy_set_long(easy, CURLOPT_HTTP_VERSION,
                settings->http2 ? (long)CURL_HTTP_VERSION_2TLS
                                : (long)CURL_HTTP_VERSION_1_1);
  easy_set_string(easy, CURLOPT_USERAGENT, settings->user_agent);
  easy_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS,
                (long)(settings->connect_timeout * 1000.0));
  easy_set_long(easy, CURLOPT_LOW_SPEED_LIMIT,
                bu_settings_stall_speed(settings, easy->bytes_per_second));
  easy_set_long(easy, CURLOPT_LOW_SPEED_TIME, settings->low_speed_time);
  easy_set_string(easy, CURLOPT_CAINFO, settings->ca_file);
  /* Otherwise the system's authorities stay trusted beside the caller's. It
   * fails where the TLS library knows no such folder. */
  if(settings->ca_file && easy->handle)
    (void)curl_easy_setopt(easy->handle, CURLOPT_CAPATH, NULL);
  easy_set_string(easy, CURLOPT_PROXY, settings->proxy);
}

/* As large as the body. */
static long easy_upload_buffer(int64_t length)
{
  if(length > UPLOAD_BUFFER)
    return UPLOAD_BUFFER;
  return length > UPLOAD_BUFFER_LEAST ? (long)length : UPLOAD_BUFFER_LEAST;
}

/* As an upload whatever the method is: there libcurl reads the body through a
 * callback and adds no header of its own. */
static void easy_set_body(struct bu_easy *easy, struct bu_exchange *exchange)
{
  int64_t length = exchange->request.body.length;

  easy_set_long(easy, CURLOPT_UPLOAD, 1);
  easy_set_size(easy, CURLOPT_INFILESIZE_LARGE, length);
  if(easy->setup == CURLE_OK)
    easy->setup =
        curl_easy_setopt(easy->handle, CURLOPT_READFUNCTION, easy_on_read);
  easy_set_pointer(easy, CURLOPT_READDATA, exchange);
  if(easy->setup == CURLE_OK)
    easy->setup =
        curl_easy_setopt(easy->handle, CURLOPT_SEEKFUNCTION, easy_on_seek);
  easy_set_pointer(easy, CURLOPT_SEEKDATA, exchange);
}

static CURLcode easy_add_attributes(curl_mime *form, const char *attributes)
{
  curl_mimepart *part = curl_mime_addpart(form);
  CURLcode result = CURLE_OUT_OF_MEMORY;

  if(part)
    result = curl_mime_name(part, "attributes");
  if(result == CURLE_OK)
    result = curl_mime_data(part, attributes, CURL_ZERO_TERMINATED);
  return result;
}

static CURLcode easy_add_file(curl_mime *form, struct bu_exchange *exchange)
{
  curl_mimepart *part = curl_mime_addpart(form);
  CURLcode result = CURLE_OUT_OF_MEMORY;

  if(part)
    result = curl_mime_name(part, "file");
  if(result == CURLE_OK)
    result = curl_mime_filename(part, "file");
  if(result == CURLE_OK)
    result = curl_mime_type(part, "application/octet-stream");
  if(result == CURLE_OK)
    result =
        curl_mime_data_cb(part, (curl_off_t)exchange->request.body.length,
                          easy_on_read, easy_on_seek, NULL, exchange);
  return result;
}

static void easy_set_form(struct bu_easy *easy, struct bu_exchange *exchange)
{
  easy->form = curl_mime_init(easy->handle);
  if(!easy->form)
    easy->setup = CURLE_OUT_OF_MEMORY;
  /* The attributes come first, or Box answers metadata_after_file_contents. */
  if(easy->setup == CURLE_OK)
    easy->setup =
        easy_add_attributes(easy->form, exchange->request.attributes);
  if(easy->setup == CURLE_OK)
    easy->setup = easy_add_file(easy->form, exchange);
  easy_set_pointer(easy, CURLOPT_MIMEPOST, easy->form);
}

static void easy_set_request(struct bu_easy *easy,
                             struct bu_exchange *exchange)
{
  const struct bu_request *request = &exchange->request;

  easy_set_string(easy, CURLOPT_URL, request->url);
  easy_set_pointer(easy, CURLOPT_HTTPHEADER, easy->headers);
  easy_set_pointer(easy, CURLOPT_ERRORBUFFER, easy->curl_error);
  easy_set_pointer(easy, CURLOPT_PRIVATE, exchange);
  easy_set_writer(easy, CURLOPT_HEADERFUNCTION, bu_reply_on_header);
  easy_set_pointer(easy, CURLOPT_HEADERDATA, &easy->reply);
  easy_set_writer(easy, CURLOPT_WRITEFUNCTION, bu_reply_on_body);
  easy_set_pointer(easy, CURLOPT_WRITEDATA, &easy->reply);
  if(easy->setup == CURLE_OK)
    easy->setup = curl_easy_setopt(easy->handle, CURLOPT_OPENSOCKETFUNCTION,
                                   easy_on_open_socket);
  easy_set_pointer(easy, CURLOPT_OPENSOCKETDATA, exchange);
  if(request->has_body)
    easy_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE,
                  easy_upload_buffer(request->body.length));
  if(request->attributes)
    easy_set_form(easy, exchange);
  else if(request->has_body)
    easy_set_body(easy, exchange);
  /* Last: the body's options choose a method of their own. */
  easy_set_string(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

/* Open and close. */

static int easy_check_settings(struct bu_exchange *exchange)
{
  if(bu_settings_is_proxy_refused(exchange->settings))
    return bu_error_set(&exchange->error, BU_EPROXY,
                        "the proxy has refused the sign-in before");
  return bu_settings_check_ca_file(exchange->settings, &exchange->error);
}

CURL *bu_easy_open(struct bu_exchange *exchange, struct bu_pace *pace,
                   int64_t bytes_per_second)
{
  struct bu_easy *easy = calloc(1, sizeof(*easy));

  if(!easy) {
    bu_error_memory(&exchange->error);
    return NULL;
  }
  exchange->easy = easy;
  easy->pace = pace;
  easy->bytes_per_second = bytes_per_second;
  if(easy_check_settings(exchange) != BU_OK)
    return NULL;
  bu_source_seek(&exchange->request.body, 0);
  if(bu_headers_build(exchange, &easy->headers) != BU_OK)
    return NULL;
  easy->handle = curl_easy_init();
  if(!easy->handle)
    easy->setup = CURLE_OUT_OF_MEMORY;
  easy->turn.owner = easy->handle;
  easy->reply.handle = easy->handle;
  easy->reply.exchange = exchange;
  easy_set_constants(easy);
  easy_set_settings(easy, exchange->settings);
  if(easy->setup == CURLE_OK)
    easy_set_request(easy, exchange);
  if(easy->setup == CURLE_OK)
    return easy->handle;
  if(easy->setup == CURLE_OUT_OF_MEMORY)
    bu_error_memory(&exchange->error);
  else
    bu_error_set(&exchange->error, BU_EINVALID,
                 "libcurl refused the request: %s",
                 curl_easy_strerror(easy->setup));
  return NULL;
}

CURL *bu_easy_handle(const struct bu_easy *easy)
{
  return easy->handle;
}

struct bu_exchange *bu_easy_exchange(CURL *handle)
{
  void *exchange = NULL;

  curl_easy_getinfo(handle, CURLINFO_PRIVATE, &exchange);
  return exchange;
}

void bu_easy_limit_speed(struct bu_easy *easy, int64_t bytes_per_second)
{
  const struct bu_settings *settings =
      bu_easy_exchange(easy->handle)->settings;

  if(easy->bytes_per_second == bytes_per_second)
    return;
  easy->bytes_per_second = bytes_per_second;
  curl_easy_setopt(easy->handle, CURLOPT_LOW_SPEED_LIMIT,
                   bu_settings_stall_speed(settings, bytes_per_second));
}

int bu_easy_is_late(struct bu_easy *easy, double now, double *wake)
{
  return bu_reply_is_late(&easy->reply, now, easy->turn.waits, wake);
}

static void easy_set_failure(struct bu_exchange *exchange, CURLcode result)
{
  const struct bu_easy *easy = exchange->easy;
  const char *text =
      easy->curl_error[0] ? easy->curl_error : curl_easy_strerror(result);

  if(bu_exchange_is_canceled(exchange)) {
    bu_exchange_fail_canceled(exchange);
  } else if(easy->callback_error.code != BU_OK) {
    exchange->error = easy->callback_error;
  } else if(easy->reply.error.code != BU_OK) {
    exchange->error = easy->reply.error;
  } else {
    bu_error_set(
        &exchange->error,
        bu_easy_code(easy->handle, result, text, exchange->settings->ca_file),
        "%s", text);
    exchange->error.curl = (int)result;
  }
}

static void easy_collect_reply(struct bu_exchange *exchange, CURLcode result)
{
  CURL *handle = exchange->easy->handle;
  long request_size = 0;
  curl_off_t microseconds = 0;

  /* The size is also that of a request for a tunnel. */
  curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &request_size);
  exchange->reached =
      request_size > 0 &&
      !bu_easy_is_without_tunnel(handle, result, exchange->easy->curl_error);
  curl_easy_getinfo(handle, CURLINFO_TOTAL_TIME_T, &microseconds);
  exchange->seconds = (double)microseconds / 1e6;
  if(bu_easy_is_proxy_refusal(handle, result))
    bu_settings_refuse_proxy(exchange->settings);
  if(result == CURLE_OK || exchange->easy->reply.is_cut)
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &exchange->status);
  else if(exchange->error.code == BU_OK)
    easy_set_failure(exchange, result);
}

void bu_easy_close(struct bu_exchange *exchange, CURLcode result)
{
  struct bu_easy *easy = exchange->easy;

  if(!easy)
    return;
  bu_pace_leave(easy->pace, &easy->turn);
  if(easy->handle)
    easy_collect_reply(exchange, result);
  curl_easy_cleanup(easy->handle);
  curl_mime_free(easy->form);
  curl_slist_free_all(easy->headers);
  free(easy);
  exchange->easy = NULL;
}
