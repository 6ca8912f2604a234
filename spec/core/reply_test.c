/* reply_test: replies that are too large, too early or too slow, from a server
 * that writes them byte by byte.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "compat.h"
#include "process.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT 1000
#define MEBIBYTE ((size_t)1 << 20)
#define FINE "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

/* What the server does with its one connection. */
struct scenario {
  const char *reply;    /* or NULL: once the request's head is there */
  const char *repeated; /* or NULL: what it writes from then on ... */
  double pause;         /* ... with so many seconds between */
  size_t body;          /* bytes to read of the request's body, first ... */
  double delay;         /* ... with so many seconds for each 128 KiB */
  int wait;             /* tenths of a second before the reply */
};

struct fixture {
  struct bu_settings *settings;
  struct bu_queue *queue;
  struct bu_engine *engine;
  const struct scenario *scenario;
  int listener;
  int is_over; /* atomic: the server closes its connection */
  pthread_t thread;
  char url[64];
};

static int begin(void **state)
{
  struct fixture *fixture = calloc(1, sizeof(*fixture));
  struct sockaddr_in address;
  socklen_t size = sizeof(address);
  struct bu_error error;

  if(!fixture)
    return -1;
  fixture->settings = bu_settings_new();
  fixture->settings->reply_limit = LIMIT;
  fixture->queue = bu_queue_new(NULL, &error);
  fixture->engine = bu_process_acquire_engine(&error);
  fixture->listener = socket(AF_INET, SOCK_STREAM, 0);
  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  *state = fixture;
  if(bind(fixture->listener, (struct sockaddr *)&address, size) != 0 ||
     listen(fixture->listener, 1) != 0 ||
     getsockname(fixture->listener, (struct sockaddr *)&address, &size) != 0)
    return -1;
  (void)snprintf(fixture->url, sizeof(fixture->url), "http://127.0.0.1:%d/",
                 ntohs(address.sin_port));
  return 0;
}

static int finish(void **state)
{
  static const struct bu_limits none = {0, 0, 0};
  struct fixture *fixture = *state;

  bu_process_release_engine(fixture->engine);
  bu_process_set_limits(&none);
  bu_queue_release(fixture->queue);
  bu_settings_release(fixture->settings);
  (void)close(fixture->listener);
  free(fixture);
  return 0;
}

/* The server. */

/* Reads up to the end of the head; returns how much of the body came along. */
static size_t read_head(int connection)
{
  char head[8192];
  size_t length = 0;

  while(length < sizeof(head) - 1) {
    ssize_t count =
        read(connection, head + length, sizeof(head) - 1 - length);
    const char *end;

    if(count <= 0)
      return 0;
    length += (size_t)count;
    head[length] = '\0';
    end = strstr(head, "\r\n\r\n");
    if(end)
      return length - (size_t)(end + 4 - head);
  }
  return 0;
}

static void read_body(int connection, size_t left, double delay)
{
  static char chunk[128 << 10];

  while(left > 0) {
    ssize_t count =
        read(connection, chunk, left < sizeof(chunk) ? left : sizeof(chunk));

    if(count <= 0)
      return;
    left -= (size_t)count;
    bu_sleep(delay * (double)count / sizeof(chunk));
  }
}

/* In steps, so that it goes on where the process was stopped. */
static void wait_for(int tenths)
{
  for(; tenths > 0; tenths--)
    bu_sleep(0.1);
}

static int is_written(int connection, const char *text)
{
  return !text || write(connection, text, strlen(text)) >= 0;
}

static int is_over(const struct fixture *fixture)
{
  return bu_atomic_load(&fixture->is_over);
}

static void *serve(void *argument)
{
  const struct fixture *fixture = argument;
  const struct scenario *scenario = fixture->scenario;
  int connection = accept(fixture->listener, NULL, NULL);
  size_t early = read_head(connection);
  sigset_t broken_pipe;
  int is_open;

  (void)sigemptyset(&broken_pipe);
  (void)sigaddset(&broken_pipe, SIGPIPE);
  (void)pthread_sigmask(SIG_BLOCK, &broken_pipe, NULL);
  if(scenario->body > early)
    read_body(connection, scenario->body - early, scenario->delay);
  wait_for(scenario->wait);
  is_open = is_written(connection, scenario->reply);
  while(is_open && scenario->repeated && !is_over(fixture)) {
    is_open = is_written(connection, scenario->repeated);
    bu_sleep(scenario->pause);
  }
  while(!is_over(fixture))
    bu_sleep(0.001);
  (void)close(connection);
  return NULL;
}

/* The client. */

static struct bu_exchange *ask(struct fixture *fixture,
                               const struct scenario *scenario,
                               const void *body, size_t length)
{
  struct bu_exchange *exchange;
  struct bu_request request;
  struct bu_error error;

  fixture->scenario = scenario;
  bu_atomic_store(&fixture->is_over, 0);
  assert_int_equal(pthread_create(&fixture->thread, NULL, serve, fixture), 0);
  assert_int_equal(
      bu_request_init(&request, body ? "PUT" : "GET", fixture->url, &error),
      BU_OK);
  request.authorize = 0;
  if(body) {
    bu_source_memory(&request.body, body, length);
    request.has_body = 1;
  }
  exchange = bu_exchange_new(&request, fixture->settings);
  assert_non_null(exchange);
  assert_int_equal(
      bu_engine_submit(fixture->engine, exchange, fixture->queue, &error),
      BU_OK);
  while(!bu_queue_take(fixture->queue))
    assert_true(bu_queue_wait(fixture->queue, -1, &error) >= 0);
  bu_exchange_release(exchange);
  return exchange;
}

static void leave(struct fixture *fixture, struct bu_exchange *exchange)
{
  bu_exchange_release(exchange);
  bu_atomic_store(&fixture->is_over, 1);
  assert_int_equal(pthread_join(fixture->thread, NULL), 0);
}

static void assert_status(struct fixture *fixture,
                          struct bu_exchange *exchange, long status)
{
  if(exchange->error.code != BU_OK)
    fail_msg("%s", exchange->error.text);
  assert_int_equal(exchange->status, status);
  leave(fixture, exchange);
}

static void assert_failure(struct fixture *fixture,
                           struct bu_exchange *exchange, enum bu_code code)
{
  assert_string_equal(bu_code_name(exchange->error.code), bu_code_name(code));
  assert_true(exchange->reached);
  leave(fixture, exchange);
}

static void fill(char *text, size_t size, const char *head, char byte)
{
  size_t length = strlen(head);

  memcpy(text, head, length);
  memset(text + length, byte, size - length - 1);
  text[size - 1] = '\0';
}

/* Too large. */

static void test_an_error_is_cut(void **state)
{
  struct fixture *fixture = *state;
  static char text[MEBIBYTE];
  struct scenario scenario = {.reply = text};
  struct bu_exchange *exchange;

  fill(text, sizeof(text), "HTTP/1.1 404 No\r\n\r\n", '{');
  exchange = ask(fixture, &scenario, NULL, 0);
  assert_int_equal(exchange->body.length, LIMIT);
  assert_status(fixture, exchange, 404);
}

static void test_a_page_is_cut(void **state)
{
  struct fixture *fixture = *state;
  static char text[MEBIBYTE];
  struct scenario scenario = {.reply = text};
  struct bu_exchange *exchange;

  fill(text, sizeof(text), "HTTP/1.1 200 OK\r\n\r\n<html>", 'x');
  exchange = ask(fixture, &scenario, NULL, 0);
  assert_memory_equal(exchange->body.data, "<html>xxx", 9);
  assert_int_equal(exchange->body.length, LIMIT);
  assert_status(fixture, exchange, 200);
}

static void test_a_success_is_not_cut(void **state)
{
  struct fixture *fixture = *state;
  static char text[LIMIT + 50];
  struct scenario scenario = {.reply = text};

  fill(text, sizeof(text), "HTTP/1.1 201 OK\r\n\r\n{", 'x');
  assert_failure(fixture, ask(fixture, &scenario, NULL, 0), BU_ELIMIT);
}

static void test_a_flood_of_heads(void **state)
{
  struct fixture *fixture = *state;
  struct scenario scenario = {
      .repeated = "HTTP/1.1 102 Wait\r\nX-Long: 0123456789\r\n\r\n"};

  assert_failure(fixture, ask(fixture, &scenario, NULL, 0), BU_ELIMIT);
}

/* Too early. */

static void test_a_success_before_the_body(void **state)
{
  static const char *const replies[] = {
      "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 204 None\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"};
  struct fixture *fixture = *state;
  size_t length = 64 * MEBIBYTE;
  void *body = calloc(length, 1);
  size_t i;

  for(i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
    struct scenario scenario = {.reply = replies[i]};

    assert_failure(fixture, ask(fixture, &scenario, body, length), BU_EEARLY);
  }
  free(body);
}

static void test_a_refusal_before_the_body(void **state)
{
  struct fixture *fixture = *state;
  struct scenario scenario = {
      .reply = "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\n{}"};
  size_t length = 64 * MEBIBYTE;
  void *body = calloc(length, 1);

  assert_status(fixture, ask(fixture, &scenario, body, length), 403);
  free(body);
}

/* Too slow. */

static void test_a_reply_that_drips(void **state)
{
  static const struct scenario scenarios[] = {
      {.reply = "HTTP/1.1 200 OK\r\n\r\n", .repeated = "x", .pause = 0.05},
      {.reply = "HTTP/1.1 200 OK\r\nX-Long: ",
       .repeated = "x",
       .pause = 0.05},
      {.repeated = "HTTP/1.1 100 Continue\r\n\r\n", .pause = 0.05},
      {.reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
       .repeated = "1\r\nx\r\n",
       .pause = 0.05},
      {.reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
       .repeated = "X: y\r\n",
       .pause = 0.05},
      {.reply = "HTTP/1.1 500 No\r\n\r\n", .repeated = "x", .pause = 0.05}};
  struct fixture *fixture = *state;
  size_t i;

  fixture->settings->reply_timeout = 0.3;
  for(i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
    struct scenario with_body = scenarios[i];

    with_body.body = 3;
    assert_failure(fixture, ask(fixture, &scenarios[i], NULL, 0),
                   BU_ETIMEOUT);
    assert_failure(fixture, ask(fixture, &with_body, "abc", 3), BU_ETIMEOUT);
  }
}

/* Its heads would keep libcurl's own count of the speed up. */
static void test_heads_for_a_body_that_is_not_read(void **state)
{
  struct fixture *fixture = *state;
  struct scenario scenario = {.repeated = "HTTP/1.1 100 Continue\r\n\r\n",
                              .pause = 0.05};
  size_t length = 64 * MEBIBYTE;
  void *body = calloc(length, 1);

  fixture->settings->reply_timeout = 0.3;
  assert_failure(fixture, ask(fixture, &scenario, body, length), BU_ETIMEOUT);
  free(body);
}

static void test_a_body_may_take_long(void **state)
{
  struct fixture *fixture = *state;
  size_t length = 24 * MEBIBYTE;
  struct scenario scenario = {.reply = FINE, .body = length, .delay = 0.01};
  void *body = calloc(length, 1);

  fixture->settings->reply_timeout = 1.5;
  assert_status(fixture, ask(fixture, &scenario, body, length), 200);
  free(body);
}

/* As when a laptop sleeps. */
static void test_a_process_that_is_stopped(void **state)
{
  struct fixture *fixture = *state;
  struct scenario scenario = {.reply = FINE, .wait = 10};
  pid_t parent = getpid();
  pid_t child;

#ifdef __SANITIZE_THREAD__
  /* It doesn't allow threads in the parent of a fork. */
  skip();
#endif
  fixture->settings->reply_timeout = 3.5;
  child = fork();
  if(child == 0) {
    bu_sleep(0.3);
    (void)kill(parent, SIGSTOP);
    (void)sleep(5);
    (void)kill(parent, SIGCONT);
    _exit(0);
  }
  assert_true(child > 0);
  assert_status(fixture, ask(fixture, &scenario, NULL, 0), 200);
  assert_int_equal(waitpid(child, NULL, 0), child);
}

static void test_waiting_for_a_turn_does_not_count(void **state)
{
  static const struct bu_limits two_bytes_a_second = {0, 2, 0};
  struct fixture *fixture = *state;
  struct scenario scenario = {.reply = FINE, .body = 4};

  bu_process_set_limits(&two_bytes_a_second);
  fixture->settings->reply_timeout = 0.4;
  assert_status(fixture, ask(fixture, &scenario, "abcd", 4), 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(test_an_error_is_cut),
      TEST(test_a_page_is_cut),
      TEST(test_a_success_is_not_cut),
      TEST(test_a_flood_of_heads),
      TEST(test_a_success_before_the_body),
      TEST(test_a_refusal_before_the_body),
      TEST(test_a_reply_that_drips),
      TEST(test_heads_for_a_body_that_is_not_read),
      TEST(test_a_body_may_take_long),
      TEST(test_a_process_that_is_stopped),
      TEST(test_waiting_for_a_turn_does_not_count)};

  return RUN(tests);
}
