/* server: an HTTP server on the loopback for the engine's tests.
 * SPDX-License-Identifier: MIT */
#include "server.h"

#include "check.h"
#include "compat.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct server {
  struct MHD_Daemon *daemon;
  unsigned port;
  int has_tls;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  struct {
    int open; /* the gate */
    int held;
    int most_held;
    int requests;
    int connections;
    struct server_record last;
  } shared; /* under the lock */
};

/* A request that is arriving. */
struct arrival {
  struct server_record record;
  EVP_MD_CTX *digest;
};

static enum MHD_Result add_header(void *argument, enum MHD_ValueKind kind,
                                  const char *name, const char *value)
{
  struct server_record *record = argument;
  char *line = record->headers + strlen(record->headers);
  size_t room = sizeof(record->headers) - strlen(record->headers);

  (void)kind;
  (void)snprintf(line, room, "%s: %s\n", name, value);
  for(; *line && *line != ':'; line++)
    *line = (char)tolower((unsigned char)*line);
  return MHD_YES;
}

static struct arrival *arrival_new(struct MHD_Connection *connection,
                                   const char *method, const char *path)
{
  struct arrival *arrival = calloc(1, sizeof(*arrival));

  if(!arrival)
    return NULL;
  (void)snprintf(arrival->record.method, sizeof(arrival->record.method), "%s",
                 method);
  (void)snprintf(arrival->record.path, sizeof(arrival->record.path), "%s",
                 path);
  (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, add_header,
                                  &arrival->record);
  arrival->digest = EVP_MD_CTX_new();
  if(arrival->digest &&
     EVP_DigestInit_ex(arrival->digest, EVP_sha1(), NULL) == 1)
    return arrival;
  EVP_MD_CTX_free(arrival->digest);
  free(arrival);
  return NULL;
}

static void take_bytes(struct arrival *arrival, const char *data,
                       size_t length)
{
  struct server_record *record = &arrival->record;
  size_t room = record->length < sizeof(record->body) - 1
                    ? sizeof(record->body) - 1 - record->length
                    : 0;

  if(room > 0)
    memcpy(record->body + record->length, data,
           length < room ? length : room);
  record->length += length;
  (void)EVP_DigestUpdate(arrival->digest, data, length);
}

static void finish_record(struct arrival *arrival)
{
  unsigned char value[EVP_MAX_MD_SIZE];
  int i;

  (void)EVP_DigestFinal_ex(arrival->digest, value, NULL);
  for(i = 0; i < 20; i++)
    (void)snprintf(arrival->record.sha1 + (size_t)2 * (size_t)i, 3, "%02x",
                   value[i]);
}

static void hold(struct server *server)
{
  bu_lock(&server->lock);
  server->shared.held++;
  if(server->shared.held > server->shared.most_held)
    server->shared.most_held = server->shared.held;
  (void)pthread_cond_broadcast(&server->changed);
  while(!server->shared.open)
    (void)pthread_cond_wait(&server->changed, &server->lock);
  server->shared.held--;
  bu_unlock(&server->lock);
}

static enum MHD_Result reply(struct MHD_Connection *connection,
                             unsigned status, const char *body, size_t length)
{
  struct MHD_Response *response = MHD_create_response_from_buffer(
      length, (void *)body, MHD_RESPMEM_MUST_COPY);
  enum MHD_Result result;

  if(!response)
    return MHD_NO;
  (void)MHD_add_response_header(response, "X-Test", "yes");
  if(status / 100 == 3)
    (void)MHD_add_response_header(response, "Location", "/ok");
  result = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return result;
}

static enum MHD_Result reply_big(struct MHD_Connection *connection,
                                 size_t length)
{
  char *body = malloc(length + 1);
  enum MHD_Result result;

  if(!body)
    return MHD_NO;
  memset(body, 'x', length);
  result = reply(connection, MHD_HTTP_OK, body, length);
  free(body);
  return result;
}

static enum MHD_Result answer(struct server *server,
                              struct MHD_Connection *connection,
                              const char *path)
{
  if(strcmp(path, "/hold") == 0)
    hold(server);
  if(strcmp(path, "/reset") == 0)
    return MHD_NO;
  if(strncmp(path, "/big/", 5) == 0)
    return reply_big(connection, strtoul(path + 5, NULL, 10));
  if(strncmp(path, "/status/", 8) == 0)
    return reply(connection, (unsigned)strtoul(path + 8, NULL, 10), "", 0);
  return reply(connection, MHD_HTTP_OK, "fine", 4);
}

static enum MHD_Result refuse_tunnel(struct MHD_Connection *connection,
                                     const char *host)
{
  unsigned long status = strtoul(host, NULL, 10);

  return reply(connection,
               status ? (unsigned)status
                      : MHD_HTTP_PROXY_AUTHENTICATION_REQUIRED,
               "", 0);
}

static enum MHD_Result on_request(void *argument,
                                  struct MHD_Connection *connection,
                                  const char *path, const char *method,
                                  const char *version, const char *data,
                                  size_t *length, void **context)
{
  struct server *server = argument;
  struct arrival *arrival = *context;

  (void)version;
  if(!arrival) {
    *context = arrival_new(connection, method, path);
    return *context ? MHD_YES : MHD_NO;
  }
  if(*length > 0) {
    take_bytes(arrival, data, *length);
    *length = 0;
    return MHD_YES;
  }
  finish_record(arrival);
  bu_lock(&server->lock);
  server->shared.requests++;
  server->shared.last = arrival->record;
  bu_unlock(&server->lock);
  if(strcmp(method, MHD_HTTP_METHOD_CONNECT) == 0)
    return refuse_tunnel(connection, path);
  return answer(server, connection, path);
}

static void on_completed(void *argument, struct MHD_Connection *connection,
                         void **context, enum MHD_RequestTerminationCode code)
{
  struct arrival *arrival = *context;

  (void)argument;
  (void)connection;
  (void)code;
  if(arrival)
    EVP_MD_CTX_free(arrival->digest);
  free(arrival);
  *context = NULL;
}

static void on_connection(void *argument, struct MHD_Connection *connection,
                          void **context,
                          enum MHD_ConnectionNotificationCode code)
{
  struct server *server = argument;

  (void)connection;
  (void)context;
  if(code != MHD_CONNECTION_NOTIFY_STARTED)
    return;
  bu_lock(&server->lock);
  server->shared.connections++;
  bu_unlock(&server->lock);
}

static struct server *server_begin(unsigned flags,
                                   struct MHD_OptionItem *options)
{
  struct server *server = calloc(1, sizeof(*server));
  const union MHD_DaemonInfo *info;
  struct sockaddr_in address;

  assert_non_null(server);
  assert_int_equal(pthread_mutex_init(&server->lock, NULL), 0);
  assert_int_equal(pthread_cond_init(&server->changed, NULL), 0);
  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  server->daemon = MHD_start_daemon(
      MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | flags,
      0, NULL, NULL, on_request, server, MHD_OPTION_SOCK_ADDR,
      (struct sockaddr *)&address, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
      NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
      MHD_OPTION_ARRAY, options, MHD_OPTION_END);
  assert_non_null(server->daemon);
  info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
  assert_non_null(info);
  server->port = info->port;
  server->has_tls = (flags & MHD_USE_TLS) != 0;
  return server;
}

struct server *server_start(void)
{
  struct MHD_OptionItem options[] = {{MHD_OPTION_END, 0, NULL}};

  return server_begin(0, options);
}

struct server *server_start_tls(const struct certificate *certificate)
{
  struct MHD_OptionItem options[] = {
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)certificate->key},
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)certificate->chain},
      {MHD_OPTION_END, 0, NULL}};

  return server_begin(MHD_USE_TLS, options);
}

void server_stop(struct server *server)
{
  server_open_gate(server);
  MHD_stop_daemon(server->daemon);
  (void)pthread_cond_destroy(&server->changed);
  (void)pthread_mutex_destroy(&server->lock);
  free(server);
}

const char *server_url(const struct server *server, const char *path,
                       char *url)
{
  (void)snprintf(url, SERVER_URL_MAX, "http%s://127.0.0.1:%u%s",
                 server->has_tls ? "s" : "", server->port, path);
  return url;
}

void server_open_gate(struct server *server)
{
  bu_lock(&server->lock);
  server->shared.open = 1;
  (void)pthread_cond_broadcast(&server->changed);
  bu_unlock(&server->lock);
}

void server_wait_held(struct server *server, int count)
{
  bu_lock(&server->lock);
  while(server->shared.held < count)
    (void)pthread_cond_wait(&server->changed, &server->lock);
  bu_unlock(&server->lock);
}

static int value_of(struct server *server, const int *field)
{
  int value;

  bu_lock(&server->lock);
  value = *field;
  bu_unlock(&server->lock);
  return value;
}

int server_most_held(struct server *server)
{
  return value_of(server, &server->shared.most_held);
}

int server_requests(struct server *server)
{
  return value_of(server, &server->shared.requests);
}

int server_connections(struct server *server)
{
  return value_of(server, &server->shared.connections);
}

void server_last(struct server *server, struct server_record *record)
{
  bu_lock(&server->lock);
  *record = server->shared.last;
  bu_unlock(&server->lock);
}
