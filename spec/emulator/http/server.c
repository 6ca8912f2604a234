/* The three listeners and their connections. */
/* SPDX-License-Identifier: MIT */
#include "http/server.h"
#include "http/emulator.h"
#include "http/request.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

/* The read buffer is half of this: large reads are what makes a gigabyte a
   second possible (a system call and a wake-up a read). */
#define EM_CONNECTION_MEMORY (1024u * 1024u)
#define EM_CONNECTIONS 4096u
#define EM_STACK (512u * 1024u)
#define EM_DRAIN_SECONDS 2.0

/* connect(2) to AF_UNSPEC aborts a TCP connection on Linux: the peer gets a
   reset at once, where close(2) would come after libmicrohttpd's
   shutdown(2), thus after an orderly end. SO_LINGER serves elsewhere. */
void em_link_reset(struct em_link *link)
{
  struct linger linger;
  struct sockaddr none;
  linger.l_onoff = 1;
  linger.l_linger = 0;
  setsockopt(link->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
  memset(&none, 0, sizeof(none));
  none.sa_family = AF_UNSPEC;
  if(connect(link->fd, &none, sizeof(none)))
    shutdown(link->fd, SHUT_RDWR);
}

/* Closing a socket with unread bytes resets the connection, and the reply
   may be lost with it: read them first, but not for ever. */
static void drain(struct em_emulator *emulator, struct em_link *link)
{
  char waste[16384];
  double end = em_clock() + EM_DRAIN_SECONDS;
  if(!emulator->options.tls)
    shutdown(link->fd, SHUT_WR);
  while(em_clock() < end) {
    ssize_t got = recv(link->fd, waste, sizeof(waste), MSG_DONTWAIT);
    if(got == 0)
      break;
    if(got < 0 && em_wait(&emulator->stop, -1, 0.01) == EM_WAIT_STOP)
      break;
  }
}

static enum MHD_Result answer(void *opaque, struct MHD_Connection *connection,
                              const char *url, const char *method,
                              const char *version, const char *bytes,
                              size_t *size, void **state)
{
  struct em_door *door = opaque;
  struct em_request *request = *state;
  enum MHD_Result result;
  (void)version;
  if(!request) {
    request = em_request_new(door->emulator, door->listener, connection, url,
                             method);
    *state = request;
    return request ? em_request_begin(request) : MHD_NO;
  }
  if(!*size)
    return em_request_end(request);
  result = em_request_data(request, bytes, *size);
  *size = 0;
  return result;
}

static void completed(void *opaque, struct MHD_Connection *connection,
                      void **state, enum MHD_RequestTerminationCode code)
{
  struct em_door *door = opaque;
  struct em_request *request = *state;
  (void)connection;
  (void)code;
  if(!request)
    return;
  if(request->link->drain)
    drain(door->emulator, request->link);
  em_request_free(request);
  *state = NULL;
}

static void link_started(struct em_emulator *emulator,
                         struct MHD_Connection *connection, void **state)
{
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  struct em_link *link = calloc(1, sizeof(*link));
  int on = 1;
  if(!link)
    return;
  link->serial = em_record_connection(&emulator->records);
  link->fd = info ? info->connect_fd : -1;
  setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  *state = link;
}

static void connection_changed(void *opaque,
                               struct MHD_Connection *connection,
                               void **state,
                               enum MHD_ConnectionNotificationCode code)
{
  struct em_door *door = opaque;
  if(code == MHD_CONNECTION_NOTIFY_STARTED) {
    link_started(door->emulator, connection, state);
    return;
  }
  if(*state)
    em_record_disconnection(&door->emulator->records);
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

static struct MHD_Daemon *listen_on(struct em_door *door,
                                    struct sockaddr_storage *address)
{
  struct em_emulator *emulator = door->emulator;
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
      flags, 0, NULL, NULL, answer, door, MHD_OPTION_SOCK_ADDR,
      (struct sockaddr *)address, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      (size_t)EM_CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT,
      EM_CONNECTIONS, MHD_OPTION_THREAD_STACK_SIZE, (size_t)EM_STACK,
      MHD_OPTION_CONNECTION_TIMEOUT,
      (unsigned int)emulator->options.idle_timeout,
      MHD_OPTION_NOTIFY_COMPLETED, completed, door,
      MHD_OPTION_NOTIFY_CONNECTION, connection_changed, door,
      MHD_OPTION_ARRAY, emulator->options.tls ? tls : &tls[3],
      MHD_OPTION_END);
}

/* A wildcard address is no address to go to. */
static const char *name_in_url(const char *host)
{
  if(!strcmp(host, "0.0.0.0") || !strcmp(host, "::"))
    return "localhost";
  return host;
}

static int open_door(struct em_door *door, int64_t port)
{
  struct em_options *options = &door->emulator->options;
  const char *host = name_in_url(options->host);
  const union MHD_DaemonInfo *info;
  struct sockaddr_storage address;
  bool colons = strchr(host, ':') != NULL;
  if(resolve(options, port, &address))
    return -1;
  door->daemon = listen_on(door, &address);
  info = door->daemon
             ? MHD_get_daemon_info(door->daemon, MHD_DAEMON_INFO_BIND_PORT)
             : NULL;
  if(!info) {
    fprintf(stderr, "box-emulator: cannot listen on %s port %d\n",
            options->host, (int)port);
    return -1;
  }
  snprintf(door->origin, sizeof(door->origin), "%s://%s%s%s:%d",
           options->tls ? "https" : "http", colons ? "[" : "", host,
           colons ? "]" : "", (int)info->port);
  return 0;
}

int em_server_start(struct em_server *server, struct em_emulator *emulator)
{
  int64_t ports[EM_LISTENERS];
  int i;
  ports[EM_API] = emulator->options.port;
  ports[EM_UPLOAD] = emulator->options.upload_port;
  ports[EM_SESSION] = emulator->options.session_port;
  for(i = 0; i < EM_LISTENERS; i++) {
    server->doors[i].emulator = emulator;
    server->doors[i].listener = (enum em_listener)i;
    if(open_door(&server->doors[i], ports[i]))
      return -1;
  }
  return 0;
}

void em_server_stop(struct em_server *server)
{
  int i;
  for(i = 0; i < EM_LISTENERS; i++) {
    if(server->doors[i].daemon)
      MHD_stop_daemon(server->doors[i].daemon);
    server->doors[i].daemon = NULL;
  }
}
