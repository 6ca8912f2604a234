/* listener: takes requests of a browser on this machine, one at a time.
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
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 8
/* Seconds; browsers also open connections that they send nothing on. */
#define PATIENCE 1.0
#define HEAD_MAX 16384

#ifdef MSG_NOSIGNAL
#define SEND_FLAGS MSG_NOSIGNAL
#else
#define SEND_FLAGS 0
#endif

/* 1: ready, 0: not until the deadline, or a signal came. */
static int listener_wait(int descriptor, short events, double deadline)
{
  struct pollfd one = {.fd = descriptor, .events = events};
  double left = deadline - bu_now();

  if(left < 0)
    left = 0;
  if(left > 3600)
    left = 3600;
  return poll(&one, 1, (int)(left * 1000)) > 0;
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

  listener->browser = -1;
  listener->port = 0;
  listener->socket = bu_socket(AF_INET, SOCK_STREAM, 0);
  if(listener->socket >= 0 && listener_bind(listener, port) == 0)
    return BU_OK;
  (void)snprintf(what, sizeof(what), "listening on 127.0.0.1:%d", port);
  code = bu_error_system(error, errno, what);
  bu_listener_close(listener);
  return code;
}

static void listener_hang_up(struct bu_listener *listener)
{
  if(listener->browser >= 0)
    bu_close(listener->browser);
  listener->browser = -1;
}

void bu_listener_close(struct bu_listener *listener)
{
  listener_hang_up(listener);
  if(listener->socket >= 0)
    bu_close(listener->socket);
  listener->socket = -1;
}

static void listener_send(int descriptor, const char *data, size_t length)
{
  double deadline = bu_now() + PATIENCE;
  ssize_t count;

  while(length > 0) {
    count = send(descriptor, data, length, SEND_FLAGS);
    if(count > 0) {
      data += count;
      length -= (size_t)count;
    } else if(count == 0 || (errno != EAGAIN && errno != EINTR) ||
              !listener_wait(descriptor, POLLOUT, deadline)) {
      return;
    }
  }
}

void bu_listener_answer(struct bu_listener *listener, int status,
                        const char *html, size_t length)
{
  char head[256];
  int count;

  if(listener->browser < 0)
    return;
  count =
      snprintf(head, sizeof(head),
               "HTTP/1.1 %d %s\r\nContent-Type: text/html; "
               "charset=utf-8\r\nContent-Length: %lu\r\n"
               "Cache-Control: no-store\r\nConnection: close\r\n\r\n",
               status, status == 200 ? "OK" : "Error", (unsigned long)length);
  if(count > 0 && (size_t)count < sizeof(head)) {
    listener_send(listener->browser, head, (size_t)count);
    listener_send(listener->browser, html, length);
  }
  listener_hang_up(listener);
}

/* Reads up to the empty line after the headers; 0 when there is none. */
static int listener_read_head(int descriptor, char *head)
{
  double deadline = bu_now() + PATIENCE;
  size_t length = 0;
  ssize_t count;

  while(length < HEAD_MAX - 1) {
    count = recv(descriptor, head + length, HEAD_MAX - 1 - length, 0);
    if(count > 0) {
      length += (size_t)count;
      head[length] = '\0';
      if(strstr(head, "\r\n\r\n"))
        return 1;
    } else if(count == 0 || (errno != EAGAIN && errno != EINTR) ||
              !listener_wait(descriptor, POLLIN, deadline)) {
      return 0;
    }
  }
  return 0;
}

/* "GET /path?query HTTP/1.1" */
static int listener_copy_target(const char *head, char target[BU_TARGET_MAX])
{
  size_t length;

  if(strncmp(head, "GET /", 5) != 0)
    return 0;
  head += 4;
  length = strcspn(head, " \r\n");
  if(length >= BU_TARGET_MAX || strncmp(head + length, " HTTP/1.", 8) != 0)
    return 0;
  memcpy(target, head, length);
  target[length] = '\0';
  return 1;
}

int bu_listener_take(struct bu_listener *listener, double seconds,
                     char target[BU_TARGET_MAX], struct bu_error *error)
{
  static const char page[] = "<p>This isn't what was waited for.</p>";
  char head[HEAD_MAX];

  listener_hang_up(listener);
  if(!listener_wait(listener->socket, POLLIN, bu_now() + seconds))
    return 0;
  listener->browser = listener_accept(listener->socket);
  if(listener->browser < 0) {
    if(errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
      return 0;
    return bu_error_system(error, errno, "accept") == BU_OK ? 0 : -1;
  }
  if(listener_prepare(listener->browser) == 0 &&
     listener_read_head(listener->browser, head)) {
    if(listener_copy_target(head, target))
      return 1;
    bu_listener_answer(listener, 400, page, sizeof(page) - 1);
  }
  listener_hang_up(listener);
  return 0;
}
