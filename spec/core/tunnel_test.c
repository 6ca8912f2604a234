/* tunnel_test: requests to a TLS server through a proxy's tunnel, whose own
 * reply isn't the server's.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "compat.h"
#include "process.h"
#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* More than the buffers of all connections on the way. */
#define BODY ((size_t)24 << 20)

struct fixture {
  struct certificate certificate;
  struct server *server;
  struct bu_settings *settings;
  struct bu_queue *queue;
  struct bu_engine *engine;
  char *body;
  int listener;
  pthread_t proxy;
  char ca_file[CHECK_PATH_MAX];
};

/* Copies what has come; 0 at its end. */
static int relay(int from, int to)
{
  char chunk[65536];
  ssize_t count = read(from, chunk, sizeof(chunk));
  ssize_t done = 0;

  while(done < count) {
    ssize_t sent = send(to, chunk + done, (size_t)(count - done), 0);

    if(sent <= 0)
      return 0;
    done += sent;
  }
  return count > 0;
}

/* To 127.0.0.1 at the port in "CONNECT 127.0.0.1:port HTTP/1.1". */
static int connect_as_asked(int client)
{
  struct sockaddr_in address;
  char head[4096];
  size_t length = 0;
  const char *port;
  int server;

  memset(head, 0, sizeof(head));
  while(!strstr(head, "\r\n\r\n")) {
    ssize_t count = read(client, head + length, sizeof(head) - 1 - length);

    if(count <= 0)
      return -1;
    length += (size_t)count;
  }
  port = strchr(head, ':');
  if(strncmp(head, "CONNECT ", 8) != 0 || !port)
    return -1;
  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((uint16_t)strtol(port + 1, NULL, 10));
  server = socket(AF_INET, SOCK_STREAM, 0);
  if(server < 0 ||
     connect(server, (struct sockaddr *)&address, sizeof(address)) == 0)
    return server;
  (void)close(server);
  return -1;
}

/* The proxy: one tunnel. */
static void *run_proxy(void *argument)
{
  static const char reply[] = "HTTP/1.1 200 Connection established\r\n"
                              "Via: 1.1 proxy\r\n\r\n";
  const struct fixture *fixture = argument;
  sigset_t broken_pipe;
  int client = accept(fixture->listener, NULL, NULL);
  int server = client < 0 ? -1 : connect_as_asked(client);
  struct pollfd ends[2] = {{.fd = client, .events = POLLIN},
                           {.fd = server, .events = POLLIN}};
  int goes_on = server >= 0 && send(client, reply, sizeof(reply) - 1, 0) > 0;

  (void)sigemptyset(&broken_pipe);
  (void)sigaddset(&broken_pipe, SIGPIPE);
  (void)pthread_sigmask(SIG_BLOCK, &broken_pipe, NULL);
  while(goes_on && poll(ends, 2, -1) > 0) {
    if(ends[0].revents != 0)
      goes_on = relay(client, server);
    if(goes_on && ends[1].revents != 0)
      goes_on = relay(server, client);
  }
  if(server >= 0)
    (void)close(server);
  if(client >= 0)
    (void)close(client);
  return NULL;
}

static int begin(void **state)
{
  struct fixture *fixture = calloc(1, sizeof(*fixture));
  struct sockaddr_in address;
  socklen_t size = sizeof(address);
  struct bu_error error;
  char proxy[64];

  if(!fixture)
    return -1;
  *state = fixture;
  certificate_make(&fixture->certificate, -3600, 3600, "IP:127.0.0.1");
  fixture->server = server_start_tls(&fixture->certificate);
  check_file(fixture->ca_file, fixture->certificate.chain,
             strlen(fixture->certificate.chain));
  fixture->body = calloc(1, BODY);
  fixture->settings = bu_settings_new();
  fixture->queue = bu_queue_new(NULL, &error);
  fixture->engine = bu_process_acquire_engine(&error);
  fixture->listener = socket(AF_INET, SOCK_STREAM, 0);
  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if(!fixture->body ||
     bind(fixture->listener, (struct sockaddr *)&address, size) != 0 ||
     listen(fixture->listener, 1) != 0 ||
     getsockname(fixture->listener, (struct sockaddr *)&address, &size) != 0)
    return -1;
  (void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d",
                 ntohs(address.sin_port));
  if(bu_string_assign(&fixture->settings->ca_file, fixture->ca_file) != 0 ||
     bu_string_assign(&fixture->settings->proxy, proxy) != 0)
    return -1;
  return pthread_create(&fixture->proxy, NULL, run_proxy, fixture);
}

/* The engine first: it closes the tunnel, for whose end the proxy waits. */
static int finish(void **state)
{
  struct fixture *fixture = *state;

  bu_process_release_engine(fixture->engine);
  (void)shutdown(fixture->listener, SHUT_RDWR);
  (void)pthread_join(fixture->proxy, NULL);
  server_stop(fixture->server);
  bu_queue_release(fixture->queue);
  bu_settings_release(fixture->settings);
  (void)close(fixture->listener);
  (void)unlink(fixture->ca_file);
  free(fixture->body);
  free(fixture);
  return 0;
}

static void test_a_tunnel_is_no_success_before_the_body(void **state)
{
  struct fixture *fixture = *state;
  char url[SERVER_URL_MAX];
  struct bu_request request;
  struct bu_exchange *exchange;
  struct server_record record;
  struct bu_error error;

  assert_int_equal(bu_request_init(&request, "PUT",
                                   server_url(fixture->server, "/ok", url),
                                   &error),
                   BU_OK);
  request.authorize = 0;
  request.has_body = 1;
  bu_source_memory(&request.body, fixture->body, BODY);
  exchange = bu_exchange_new(&request, fixture->settings);
  assert_non_null(exchange);
  assert_int_equal(
      bu_engine_submit(fixture->engine, exchange, fixture->queue, &error),
      BU_OK);
  while(!bu_queue_take(fixture->queue))
    assert_true(bu_queue_wait(fixture->queue, -1, &error) >= 0);
  bu_exchange_release(exchange);
  assert_string_equal(bu_code_name(exchange->error.code), "ok");
  assert_int_equal(exchange->status, 200);
  server_last(fixture->server, &record);
  assert_int_equal(record.length, BODY);
  bu_exchange_release(exchange);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
      test_a_tunnel_is_no_success_before_the_body, begin, finish)};

  return RUN(tests);
}
