/* Runs the three listeners. */
/* SPDX-License-Identifier: MIT */
#include "http/server.h"
#include "http/connection.h"
#include "http/handler.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* libmicrohttpd uses half of this as its read buffer. Each read costs a system
   call and a wake-up, so small reads would limit the throughput. */
#define EM_CONNECTION_MEMORY (1024u * 1024u)
#define EM_CONNECTIONS 4096u
#define EM_STACK (512u * 1024u)

static enum MHD_Result on_request(void *opaque,
                                  struct MHD_Connection *connection,
                                  const char *url, const char *method,
                                  const char *version, const char *bytes,
                                  size_t *size, void **state)
{
  struct em_listener *listener = opaque;
  struct em_request *request = *state;
  enum MHD_Result result;
  (void)version;
  if(!request) {
    request = em_handler_open(listener->emulator, listener->id, connection,
                              url, method);
    *state = request;
    return request ? em_handler_headers(request) : MHD_NO;
  }
  if(!*size)
    return em_handler_end(request);
  result = em_handler_data(request, bytes, *size);
  *size = 0;
  return result;
}

static void on_request_completed(void *opaque,
                                 struct MHD_Connection *connection,
                                 void **state,
                                 enum MHD_RequestTerminationCode code)
{
  struct em_listener *listener = opaque;
  struct em_request *request = *state;
  (void)connection;
  (void)code;
  if(!request)
    return;
  if(request->client->needs_drain)
    em_connection_drain(request->client, listener->emulator);
  em_handler_close(request);
  *state = NULL;
}

static void start_connection(struct em_emulator *emulator,
                             struct MHD_Connection *connection, void **state)
{
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  struct em_connection *client = calloc(1, sizeof(*client));
  int on = 1;
  if(!client)
    return;
  client->serial = em_log_connect(&emulator->log);
  client->fd = info ? info->connect_fd : -1;
  (void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  *state = client;
}

static void on_connection_changed(void *opaque,
                                  struct MHD_Connection *connection,
                                  void **state,
                                  enum MHD_ConnectionNotificationCode code)
{
  struct em_listener *listener = opaque;
  if(code == MHD_CONNECTION_NOTIFY_STARTED) {
    start_connection(listener->emulator, connection, state);
    return;
  }
  if(*state)
    em_log_disconnect(&listener->emulator->log);
  free(*state);
  *state = NULL;
}

static bool is_loopback(const struct sockaddr *address)
{
  if(address->sa_family == AF_INET) {
    const struct sockaddr_in *v4 = (const void *)address;
    return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
  }
  return IN6_IS_ADDR_LOOPBACK(
      &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

static int resolve(const struct em_options *options, int64_t port,
                   struct sockaddr_storage *out)
{
  struct addrinfo hints;
  struct addrinfo *found;
  char service[16];
  int error;
  memset(&hints, 0, sizeof(hints));
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  snprintf(service, sizeof(service), "%d", (int)port);
  error = getaddrinfo(options->host, service, &hints, &found);
  if(error) {
    fprintf(stderr, "box-emulator: --host %s: %s\n", options->host,
            gai_strerror(error));
    return -1;
  }
  memcpy(out, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  if(!options->bind_any && !is_loopback((struct sockaddr *)out)) {
    fprintf(stderr,
            "box-emulator: --host %s is not a loopback address "
            "(--bind-any allows it)\n",
            options->host);
    return -1;
  }
  return 0;
}

int em_server_check(const struct em_options *options)
{
  struct sockaddr_storage address;
  return resolve(options, options->port, &address);
}

static struct MHD_Daemon *start_daemon(struct em_listener *listener,
                                       struct sockaddr_storage *address)
{
  struct em_emulator *emulator = listener->emulator;
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_CERT, 0, emulator->certificate.chain},
      {MHD_OPTION_HTTPS_MEM_KEY, 0, emulator->certificate.key},
      {MHD_OPTION_HTTPS_PRIORITIES, 0,
       (char *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
      {MHD_OPTION_END, 0, NULL}};
  unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD |
                       MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
                       MHD_USE_SUPPRESS_DATE_NO_CLOCK | MHD_USE_ITC;
  if(address->ss_family == AF_INET6)
    flags |= MHD_USE_IPv6;
  if(emulator->options.tls)
    flags |= MHD_USE_TLS;
  return MHD_start_daemon(
      flags, 0, NULL, NULL, on_request, listener, MHD_OPTION_SOCK_ADDR,
      (struct sockaddr *)address, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      (size_t)EM_CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT,
      EM_CONNECTIONS, MHD_OPTION_THREAD_STACK_SIZE, (size_t)EM_STACK,
      MHD_OPTION_CONNECTION_TIMEOUT,
      (unsigned int)emulator->options.idle_timeout,
      MHD_OPTION_NOTIFY_COMPLETED, on_request_completed, listener,
      MHD_OPTION_NOTIFY_CONNECTION, on_connection_changed, listener,
      MHD_OPTION_ARRAY, emulator->options.tls ? tls : &tls[3],
      MHD_OPTION_END);
}

/* Clients cannot connect to a wildcard address. */
static const char *host_in_url(const char *host)
{
  if(!strcmp(host, "0.0.0.0") || !strcmp(host, "::"))
    return "localhost";
  return host;
}

static int open_listener(struct em_listener *listener, int64_t port)
{
  struct em_options *options = &listener->emulator->options;
  const char *host = host_in_url(options->host);
  const union MHD_DaemonInfo *info;
  struct sockaddr_storage address;
  bool colons = strchr(host, ':') != NULL;
  if(resolve(options, port, &address))
    return -1;
  listener->daemon = start_daemon(listener, &address);
  info = listener->daemon ? MHD_get_daemon_info(listener->daemon,
                                                MHD_DAEMON_INFO_BIND_PORT)
                          : NULL;
  if(!info) {
    fprintf(stderr, "box-emulator: cannot listen on %s port %d\n",
            options->host, (int)port);
    return -1;
  }
  snprintf(listener->origin, sizeof(listener->origin), "%s://%s%s%s:%d",
           options->tls ? "https" : "http", colons ? "[" : "", host,
           colons ? "]" : "", (int)info->port);
  return 0;
}

int em_server_start(struct em_server *server, struct em_emulator *emulator)
{
  int64_t ports[EM_LISTENER_COUNT];
  int i;
  ports[EM_LISTENER_API] = emulator->options.port;
  ports[EM_LISTENER_UPLOAD] = emulator->options.upload_port;
  ports[EM_LISTENER_SESSION] = emulator->options.session_port;
  for(i = 0; i < EM_LISTENER_COUNT; i++) {
    server->listeners[i].emulator = emulator;
    server->listeners[i].id = (enum em_listener_id)i;
    if(open_listener(&server->listeners[i], ports[i]))
      return -1;
  }
  return 0;
}

void em_server_stop(struct em_server *server)
{
  int i;
  for(i = 0; i < EM_LISTENER_COUNT; i++) {
    if(server->listeners[i].daemon)
      MHD_stop_daemon(server->listeners[i].daemon);
    server->listeners[i].daemon = NULL;
  }
}
