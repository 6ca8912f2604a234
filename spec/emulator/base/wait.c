/* Waits that end early when the emulator stops or the client disconnects. */
/* SPDX-License-Identifier: MIT */
#include "base/wait.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

int em_stop_init(struct em_stop *stop)
{
  if(pipe(stop->fd))
    return -1;
  if(fcntl(stop->fd[0], F_SETFD, FD_CLOEXEC) < 0 ||
     fcntl(stop->fd[1], F_SETFD, FD_CLOEXEC) < 0)
    return -1;
  return 0;
}

void em_stop_free(struct em_stop *stop)
{
  close(stop->fd[0]);
  close(stop->fd[1]);
}

void em_stop_send(const struct em_stop *stop)
{
  int saved = errno;
  ssize_t wrote = write(stop->fd[1], "", 1);
  (void)wrote; /* if the pipe is full, the stop was sent */
  errno = saved;
}

double em_clock(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int milliseconds_left(double end, double seconds)
{
  double left;
  if(seconds < 0)
    return -1;
  left = (end - em_clock()) * 1000;
  if(left <= 0)
    return 0;
  return left > 60000 ? 60000 : (int)left + 1;
}

enum em_wait_result em_wait(const struct em_stop *stop, int client,
                            double seconds)
{
  double end = em_clock() + seconds;
  struct pollfd polled[2];
  polled[0].fd = stop->fd[0];
  polled[0].events = POLLIN;
  polled[1].fd = client;
  polled[1].events = POLLRDHUP;
  for(;;) {
    int left = milliseconds_left(end, seconds);
    int count = poll(polled, 2, left);
    if(count < 0 && errno != EINTR)
      return EM_WAIT_STOPPED;
    if(count > 0)
      return polled[0].revents ? EM_WAIT_STOPPED : EM_WAIT_HANGUP;
    if(left == 0)
      return EM_WAIT_TIMEOUT;
  }
}
