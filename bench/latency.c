/* latency: measures how long an HTTP server on this machine takes to answer
 * small requests, one after another on one connection, while it is busy.
 *
 *   latency PORT PATH [BUSY_PORT BUSY_PATH]
 *
 * First requests BUSY_PATH on another connection. Until its response arrives,
 * requests PATH every millisecond; without BUSY_PATH, for two seconds. Prints
 * a JSON object: count; p50, p99 and max in milliseconds; the duration in
 * seconds; and the first line of the body of BUSY_PATH's response.
 *
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST 1000000
#define ALONE 2.0 /* seconds */
#define ROOM 4096

static double now(void)
{
  struct timespec time = {0, 0};

  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int fail(const char *what)
{
  (void)fprintf(stderr, "latency: %s: %s\n", what,
                errno ? strerror(errno) : "not an answer");
  return 1;
}

static int open_connection(const char *port)
{
  struct sockaddr_in address;
  long number = strtol(port, NULL, 10);
  int on = 1;
  int connection = socket(AF_INET, SOCK_STREAM, 0);

  if(connection < 0)
    return -1;
  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_port = htons((unsigned short)number);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if(connect(connection, (struct sockaddr *)&address, sizeof(address)) == 0 &&
     setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0)
    return connection;
  (void)close(connection);
  return -1;
}

static int send_request(int connection, const char *path)
{
  char text[512];
  int length = snprintf(text, sizeof(text),
                        "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);

  if(length < 0 || (size_t)length >= sizeof(text))
    return -1;
  return send(connection, text, (size_t)length, 0) == length ? 0 : -1;
}

/* Reads what has arrived: all of a small response; 0 at the end. */
static int receive(int connection, char *text)
{
  ssize_t count = recv(connection, text, ROOM - 1, 0);

  if(count < 0)
    return -1;
  text[count] = '\0';
  return (int)count;
}

/* Returns the seconds until the response; negative if there is none. */
static double ping(int connection, const char *path)
{
  char text[ROOM];
  double before = now();

  errno = 0;
  if(send_request(connection, path) != 0 || receive(connection, text) <= 0 ||
     strncmp(text, "HTTP/1.1 200", 12) != 0)
    return -1;
  return now() - before;
}

static int is_over(int busy, double began)
{
  struct pollfd descriptor = {busy, POLLIN, 0};

  if(busy < 0)
    return now() - began >= ALONE;
  return poll(&descriptor, 1, 0) != 0;
}

static int compare(const void *a, const void *b)
{
  const double *left = a;
  const double *right = b;

  return (*left > *right) - (*left < *right);
}

/* When this is called, the busy connection's response has arrived. */
static void print(double *times, size_t count, double seconds, int busy)
{
  char text[ROOM] = "";
  char *line = text;

  if(busy >= 0 && receive(busy, text) > 0)
    line = strstr(text, "\r\n\r\n") ? strstr(text, "\r\n\r\n") + 4 : text;
  line[strcspn(line, "\"\r\n")] = '\0';
  qsort(times, count, sizeof(*times), compare);
  printf("{\"count\":%zu,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f,"
         "\"seconds\":%.3f,\"answer\":\"%s\"}\n",
         count, times[count / 2] * 1e3, times[count * 99 / 100] * 1e3,
         times[count - 1] * 1e3, seconds, line);
}

int main(int count, char **arguments)
{
  static double times[MOST];
  const struct timespec pause = {0, 1000000};
  size_t taken = 0;
  double began;
  int connection;
  int busy = -1;

  if(count != 3 && count != 5)
    return fail("usage: latency PORT PATH [BUSY_PORT BUSY_PATH]");
  connection = open_connection(arguments[1]);
  if(connection < 0 || ping(connection, arguments[2]) < 0)
    return fail("no server");
  if(count == 5)
    busy = open_connection(arguments[3]);
  if(count == 5 && (busy < 0 || send_request(busy, arguments[4]) != 0))
    return fail("no second connection");
  began = now();
  while(taken < MOST && !is_over(busy, began)) {
    times[taken] = ping(connection, arguments[2]);
    if(times[taken++] < 0)
      return fail(arguments[2]);
    (void)nanosleep(&pause, NULL);
  }
  print(times, taken, now() - began, busy);
  (void)close(connection);
  if(busy >= 0)
    (void)close(busy);
  return 0;
}
