/* measure: runs a command and writes its time and memory, from the kernel.
 *
 *   measure FILE COMMAND [ARGUMENT...]
 *
 * FILE gets a JSON object: wall and processor time in seconds, the peak
 * resident memory in bytes, and the exit status.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
  struct timespec time = {0, 0};

  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static int fail(const char *what)
{
  (void)fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
  return 125;
}

/* Returns the exit status of the command, or -1. */
static int run(char **arguments)
{
  pid_t child = fork();
  int status = 0;

  if(child < 0)
    return -1;
  if(child == 0) {
    (void)execvp(arguments[0], arguments);
    _exit(127);
  }
  if(waitpid(child, &status, 0) != child)
    return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int count, char **arguments)
{
  struct rusage usage;
  double before = now();
  FILE *file;
  int status;

  if(count < 3) {
    (void)fprintf(stderr, "usage: measure FILE COMMAND [ARGUMENT...]\n");
    return 2;
  }
  status = run(arguments + 2);
  if(status < 0 || getrusage(RUSAGE_CHILDREN, &usage) != 0)
    return fail(arguments[2]);
  before = now() - before;
  file = fopen(arguments[1], "w");
  if(!file)
    return fail(arguments[1]);
  (void)fprintf(file,
                "{\"seconds\":%.6f,\"cpu\":%.6f,\"peak_memory\":%" PRId64
                ",\"status\":%d}\n",
                before, seconds(usage.ru_utime) + seconds(usage.ru_stime),
                (int64_t)usage.ru_maxrss * 1024, status);
  if(fclose(file) != 0)
    return fail(arguments[1]);
  return status;
}
