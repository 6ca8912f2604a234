/* listener_test: the requests that a port of this machine may get.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

#define SECONDS 10.0
#define HUGE_HEAD (2 * BU_HEAD_MAX)

static struct bu_listener listener;
static char target[BU_TARGET_MAX];

static int test_open(void **state)
{
  struct bu_error error;

  (void)state;
  return bu_listener_open(&listener, 0, &error) == BU_OK ? 0 : -1;
}

static int test_close(void **state)
{
  (void)state;
  bu_listener_close(&listener);
  return 0;
}

static int browser_open(void)
{
  struct sockaddr_in address;
  int browser = socket(AF_INET, SOCK_STREAM, 0);

  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((unsigned short)listener.port);
  assert_true(browser >= 0);
  assert_int_equal(
      connect(browser, (struct sockaddr *)&address, sizeof(address)), 0);
  return browser;
}

static void browser_send(int browser, const char *text)
{
  size_t length = strlen(text);

  assert_int_equal(send(browser, text, length, MSG_NOSIGNAL), (long)length);
}

/* A browser that has sent a request: of its text, the first "PORT" becomes the
 * port. */
static int browser_ask(const char *text)
{
  const char *port = strstr(text, "PORT");
  int browser = browser_open();
  char request[512];

  if(!port) {
    browser_send(browser, text);
    return browser;
  }
  (void)snprintf(request, sizeof(request), "%.*s%d%s", (int)(port - text),
                 text, listener.port, port + 4);
  browser_send(browser, request);
  return browser;
}

/* The status of the answer; 0 without one. Closes the connection. */
static int browser_status(int browser)
{
  char answer[2048] = "";
  size_t length = 0;
  ssize_t count;

  while((count = recv(browser, answer + length, sizeof(answer) - 1 - length,
                      0)) > 0)
    length += (size_t)count;
  answer[length] = '\0';
  close(browser);
  return strncmp(answer, "HTTP/1.1 ", 9) == 0
             ? (int)strtol(answer + 9, NULL, 10)
             : 0;
}

static int take(double seconds)
{
  struct bu_error error;

  return bu_listener_take(&listener, seconds, target, &error);
}

#define RIGHT "GET /right?a=b HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n"

/* The right request is taken, whatever came before it. */
static void check_right(void)
{
  int browser = browser_ask(RIGHT);

  assert_int_equal(take(SECONDS), 1);
  assert_string_equal(target, "/right?a=b");
  bu_listener_answer(&listener, 200, "x", 1);
  assert_int_equal(browser_status(browser), 200);
}

static void test_takes_a_get_that_names_it(void **state)
{
  static const char *const requests[] = {
      RIGHT, "GET /right?a=b HTTP/1.0\r\nhost:\t LocalHost:PORT \r\n\r\n",
      "GET /right?a=b HTTP/1.1\r\nA: b\r\nHost: localhost:PORT\r\n\r\n"};
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
    int browser = browser_ask(requests[i]);

    assert_int_equal(take(SECONDS), 1);
    assert_string_equal(target, "/right?a=b");
    bu_listener_answer(&listener, 404, "x", 1);
    assert_int_equal(browser_status(browser), 404);
    /* It has its answer. */
    bu_listener_answer(&listener, 200, "x", 1);
  }
}

static void test_refuses_other_requests(void **state)
{
  static const char *const requests[] = {
      "POST /right HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
      "HEAD /right HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
      "GET http://127.0.0.1/right HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
      "GET right HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
      "GET /right\r\nHost: 127.0.0.1:PORT\r\n\r\n",
      "GET /right HTTP/2\r\nHost: 127.0.0.1:PORT\r\n\r\n",
      "GET /ri\033ght HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
      "GET /ri\303\244ght HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
      "GET /right HTTP/1.1\r\n\r\n",
      "GET /right HTTP/1.1\r\nHost:\r\n\r\n",
      "GET /right HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
      "GET /right HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n",
      "GET /right HTTP/1.1\r\nHost: 127.0.0.1:PORT0\r\n\r\n",
      "GET /right HTTP/1.1\r\nHost: evil.example:PORT\r\n\r\n",
      "GET /right HTTP/1.1\r\nHost: localhost.evil.example:PORT\r\n\r\n",
      "GET /right HTTP/1.1\r\nX: 1\r\n Host: 127.0.0.1:PORT\r\n\r\n",
      "GET /right HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: evil\r\n\r\n",
      "GET /right HTTP/1.1\r\n\r\nHost: 127.0.0.1:PORT\r\n\r\n",
      "\r\n\r\n"};
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
    int browser = browser_ask(requests[i]);

    check_right();
    assert_int_equal(browser_status(browser), 400);
  }
}

static void test_is_not_held_up(void **state)
{
  int silent[4 * BU_BROWSERS / 2];
  size_t count = sizeof(silent) / sizeof(silent[0]);
  size_t i;
  int gone;

  (void)state;
  for(i = 0; i < count; i++)
    silent[i] = browser_ask(i % 2 ? "" : "GET /slow HTTP/1.1\r\nHost: 127");
  check_right();
  gone = browser_ask("GET /right HTTP/1.1\r\n");
  close(gone);
  check_right();
  for(i = 0; i < count; i++)
    close(silent[i]);
  check_right();
}

static void test_reads_a_request_in_pieces(void **state)
{
  int browser = browser_open();
  char host[64];

  (void)state;
  (void)snprintf(host, sizeof(host), "Host: 127.0.0.1:%d\r\n", listener.port);
  browser_send(browser, "GET /pi");
  assert_int_equal(take(0), 0);
  assert_int_equal(take(0.01), 0);
  browser_send(browser, "eces HTTP/1.1\r\n");
  assert_int_equal(take(0.01), 0);
  browser_send(browser, host);
  browser_send(browser, "\r");
  assert_int_equal(take(0.01), 0);
  browser_send(browser, "\n");
  assert_int_equal(take(SECONDS), 1);
  assert_string_equal(target, "/pieces");
  /* Its connection ends with the next request. */
  check_right();
  assert_int_equal(browser_status(browser), 0);
}

static void test_refuses_what_is_too_long(void **state)
{
  static char request[HUGE_HEAD + 1];
  int browser = browser_open();

  (void)state;
  (void)snprintf(request, sizeof(request), "GET /%0*d", HUGE_HEAD - 5, 0);
  (void)send(browser, request, HUGE_HEAD, MSG_NOSIGNAL);
  check_right();
  close(browser);

  browser = browser_open();
  (void)snprintf(request + BU_TARGET_MAX + 10, 64,
                 " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", listener.port);
  browser_send(browser, request);
  check_right();
  assert_int_equal(browser_status(browser), 400);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_takes_a_get_that_names_it,
                                      test_open, test_close),
      cmocka_unit_test_setup_teardown(test_refuses_other_requests, test_open,
                                      test_close),
      cmocka_unit_test_setup_teardown(test_is_not_held_up, test_open,
                                      test_close),
      cmocka_unit_test_setup_teardown(test_reads_a_request_in_pieces,
                                      test_open, test_close),
      cmocka_unit_test_setup_teardown(test_refuses_what_is_too_long,
                                      test_open, test_close)};

  return RUN(tests);
}
