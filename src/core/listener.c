/* listener: takes requests of a browser on this machine.
 * SPDX-License-Identifier: MIT */
#ifdef __linux__
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4 */
#endif
#endif
#include "platform.h"

#include "listener.h"

#include "compat.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 64
/* Seconds for a whole request. Browsers also open connections that they send
 * nothing on. */
#define PATIENCE 10.0
/* Seconds for an answer, which the system's buffers have room for. */
#define SEND_PATIENCE 1.0

#ifdef MSG_NOSIGNAL
#define SEND_FLAGS MSG_NOSIGNAL
#else
#define SEND_FLAGS 0
#endif

/* Milliseconds for poll(). */
static int listener_milliseconds(double seconds)
{
  if(seconds <= 0)
    return 0;
  return seconds > 3600 ? 3600000 : (int)(seconds * 1000) + 1;
}

static int listener_prepare(int descriptor)
{
  int flags = fcntl(descriptor, F_GETFL);

  if(flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0 ||
     fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0)
    return -1;
#ifdef SO_NOSIGPIPE
  {
    int on = 1;
    /* It fails only for what isn't a socket. */
    (void)setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
  }
#endif
  return 0;
}

/* On Linux close-on-exec from the start: another thread may fork. */
static int listener_accept(int descriptor)
{
#ifdef __linux__
  return accept4(descriptor, NULL, NULL, SOCK_CLOEXEC);
#else
  return accept(descriptor, NULL, NULL);
#endif
}

static int listener_bind(struct bu_listener *listener, int port)
{
  struct sockaddr_in address;
  socklen_t length = sizeof(address);
  int on = 1;

  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((unsigned short)port);
  /* Without it only a fixed port may be busy for a while. */
  (void)setsockopt(listener->socket, SOL_SOCKET, SO_REUSEADDR, &on,
                   sizeof(on));
  if(listener_prepare(listener->socket) != 0 ||
     bind(listener->socket, (struct sockaddr *)&address, length) != 0 ||
     listen(listener->socket, BACKLOG) != 0 ||
     getsockname(listener->socket, (struct sockaddr *)&address, &length) != 0)
    return -1;
  listener->port = ntohs(address.sin_port);
  return 0;
}

int bu_listener_open(struct bu_listener *listener, int port,
                     struct bu_error *error)
{
  char what[64];
  int code;
  int i;

  for(i = 0; i < BU_BROWSERS; i++)
    listener->browsers[i].socket = -1;
  listener->asking = NULL;
  listener->port = 0;
  listener->socket = bu_socket(AF_INET, SOCK_STREAM, 0);
  if(listener->socket >= 0 && listener_bind(listener, port) == 0)
    return BU_OK;
  (void)snprintf(what, sizeof(what), "listening on 127.0.0.1:%d", port);
  code = bu_error_system(error, errno, what);
  bu_listener_close(listener);
  return code;
}

static void listener_hang_up(struct bu_listener *listener,
                             struct bu_browser *browser)
{
  if(listener->asking == browser)
    listener->asking = NULL;
  if(browser->socket >= 0)
    bu_close(browser->socket);
  browser->socket = -1;
}

void bu_listener_close(struct bu_listener *listener)
{
  int i;

  for(i = 0; i < BU_BROWSERS; i++)
    listener_hang_up(listener, &listener->browsers[i]);
  if(listener->socket >= 0)
    bu_close(listener->socket);
  listener->socket = -1;
}

static void listener_send(int descriptor, const char *data, size_t length)
{
  double deadline = bu_now() + SEND_PATIENCE;
  struct pollfd one = {.fd = descriptor, .events = POLLOUT};
  ssize_t count;

  while(length > 0) {
    count = send(descriptor, data, length, SEND_FLAGS);
    if(count > 0) {
      data += count;
      length -= (size_t)count;
    } else if(count == 0 || (errno != EAGAIN && errno != EINTR) ||
              poll(&one, 1, listener_milliseconds(deadline - bu_now())) <=
                  0) {
      return;
    }
  }
}

static void browser_answer(struct bu_browser *browser, int status,
                           const char *html, size_t length)
{
  char head[512];
  int count =
      snprintf(head, sizeof(head),
               "HTTP/1.1 %d %s\r\nContent-Type: text/html; charset=utf-8\r\n"
               "Content-Length: %lu\r\nCache-Control: no-store\r\n"
               "Content-Security-Policy: default-src 'none'; style-src "
               "'unsafe-inline'; frame-ancestors 'none'\r\n"
               "X-Content-Type-Options: nosniff\r\n"
               "Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n",
               status, status == 200 ? "OK" : "Error", (unsigned long)length);

  if(count <= 0 || (size_t)count >= sizeof(head))
    return;
  listener_send(browser->socket, head, (size_t)count);
  listener_send(browser->socket, html, length);
}

void bu_listener_answer(struct bu_listener *listener, int status,
                        const char *html, size_t length)
{
  if(!listener->asking)
    return;
  browser_answer(listener->asking, status, html, length);
  listener_hang_up(listener, listener->asking);
}

/* Whether the value of a Host header is this listener, not a name of another
 * site that was made to lead here. */
static int listener_is_host(const struct bu_listener *listener,
                            const char *value, size_t length)
{
  static const char *const names[] = {"127.0.0.1", "localhost"};
  char expected[32];
  size_t i;

  for(i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    /* A port of 80 goes without saying. */
    if(listener->port == 80 && length == strlen(names[i]) &&
       strncasecmp(value, names[i], length) == 0)
      return 1;
    (void)snprintf(expected, sizeof(expected), "%s:%d", names[i],
                   listener->port);
    if(length == strlen(expected) &&
       strncasecmp(value, expected, length) == 0)
      return 1;
  }
  return 0;
}

/* Whether the headers name this listener as their only host. */
static int listener_is_meant(const struct bu_listener *listener,
                             const char *head)
{
  const char *line = strstr(head, "\r\n");
  size_t length;
  int hosts = 0;

  while(line && line[2] != '\r') {
    line += 2;
    length = strcspn(line, "\r");
    if(strncasecmp(line, "Host:", 5) == 0) {
      const char *value = line + 5 + strspn(line + 5, " \t");
      size_t rest = length - (size_t)(value - line);

      while(rest > 0 && (value[rest - 1] == ' ' || value[rest - 1] == '\t'))
        rest--;
      if(!listener_is_host(listener, value, rest))
        return 0;
      hosts++;
    }
    line = strstr(line + length, "\r\n");
  }
  return hosts == 1;
}

/* "GET /path?query HTTP/1.1" */
static int listener_copy_target(const char *head, char target[BU_TARGET_MAX])
{
  size_t length = 0;

  if(strncmp(head, "GET /", 5) != 0)
    return 0;
  head += 4;
  while(head[length] > ' ' && head[length] < 127)
    length++;
  if(length >= BU_TARGET_MAX || strncmp(head + length, " HTTP/1.", 8) != 0)
    return 0;
  memcpy(target, head, length);
  target[length] = '\0';
  return 1;
}

/* Reads what has come. 1: the request has its empty line, 0: not yet, -1: it
 * won't. */
static int browser_read(struct bu_browser *browser)
{
  size_t before = browser->length;
  ssize_t count = recv(browser->socket, browser->head + before,
                       sizeof(browser->head) - 1 - before, 0);

  if(count < 0)
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
  browser->length += (size_t)count;
  browser->head[browser->length] = '\0';
  if(strstr(browser->head + (before > 3 ? before - 3 : 0), "\r\n\r\n"))
    return 1;
  return count == 0 || browser->length == sizeof(browser->head) - 1 ? -1 : 0;
}

/* 1: this browser asks for the target; 0: it doesn't, or not yet. */
static int listener_read(struct bu_listener *listener,
                         struct bu_browser *browser,
                         char target[BU_TARGET_MAX])
{
  static const char page[] = "<p>This isn't what was waited for.</p>";
  int result = browser_read(browser);

  if(result == 0)
    return 0;
  if(result > 0 && listener_is_meant(listener, browser->head) &&
     listener_copy_target(browser->head, target)) {
    listener->asking = browser;
    return 1;
  }
  browser_answer(browser, 400, page, sizeof(page) - 1);
  listener_hang_up(listener, browser);
  return 0;
}

/* The place of a new browser: a free one, or that of the one that has kept
 * others waiting for longest. */
static struct bu_browser *listener_place(struct bu_listener *listener)
{
  struct bu_browser *oldest = listener->browsers;
  int i;

  for(i = 0; i < BU_BROWSERS; i++) {
    if(listener->browsers[i].socket < 0)
      return &listener->browsers[i];
    if(listener->browsers[i].deadline < oldest->deadline)
      oldest = &listener->browsers[i];
  }
  listener_hang_up(listener, oldest);
  return oldest;
}

static int listener_welcome(struct bu_listener *listener,
                            struct bu_error *error)
{
  struct bu_browser *browser = listener_place(listener);
  int descriptor = listener_accept(listener->socket);

  if(descriptor < 0) {
    if(errno == EAGAIN || errno == EINTR || errno == ECONNABORTED ||
       errno == EPROTO)
      return BU_OK;
    return bu_error_system(error, errno, "accept");
  }
  browser->socket = descriptor;
  browser->deadline = bu_now() + PATIENCE;
  browser->length = 0;
  if(listener_prepare(descriptor) != 0)
    listener_hang_up(listener, browser);
  return BU_OK;
}

/* Waits until something happens. polled[0] is the listener itself, and those
 * after it the browsers. 0: a signal came. */
static int listener_poll(struct bu_listener *listener, double deadline,
                         struct pollfd polled[1 + BU_BROWSERS])
{
  double now = bu_now();
  int i;

  polled[0].fd = listener->socket;
  for(i = 0; i < BU_BROWSERS; i++) {
    struct bu_browser *browser = &listener->browsers[i];

    if(browser->socket >= 0 && browser->deadline <= now)
      listener_hang_up(listener, browser);
    if(browser->socket >= 0 && browser->deadline < deadline)
      deadline = browser->deadline;
    polled[1 + i].fd = browser->socket; /* ignored when it is negative */
  }
  for(i = 0; i < 1 + BU_BROWSERS; i++) {
    polled[i].events = POLLIN;
    polled[i].revents = 0;
  }
  return poll(polled, 1 + BU_BROWSERS,
              listener_milliseconds(deadline - now)) >= 0;
}

int bu_listener_take(struct bu_listener *listener, double seconds,
                     char target[BU_TARGET_MAX], struct bu_error *error)
{
  struct pollfd polled[1 + BU_BROWSERS];
  double deadline = bu_now() + seconds;
  int i;

  if(listener->asking)
    listener_hang_up(listener, listener->asking);
  do {
    if(!listener_poll(listener, deadline, polled))
      return 0;
    for(i = 0; i < BU_BROWSERS; i++) {
      if(polled[1 + i].revents != 0 &&
         listener_read(listener, &listener->browsers[i], target))
        return 1;
    }
    /* One at a time: nobody makes room for more before being read. */
    if(polled[0].revents != 0 && listener_welcome(listener, error) != BU_OK)
      return -1;
  } while(bu_now() < deadline);
  return 0;
}
