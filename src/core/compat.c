/* compat: what C99 and POSIX lack or spell differently.
 * SPDX-License-Identifier: MIT */
#undef _GNU_SOURCE /* its strerror_r is another */
#include "platform.h"

#include "compat.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __APPLE__
#define ST_MTIME st_mtimespec
#define ST_CTIME st_ctimespec
#else
#define ST_MTIME st_mtim
#define ST_CTIME st_ctim
#endif

void bu_lock(pthread_mutex_t *mutex)
{
  pthread_mutex_lock(mutex);
}

void bu_unlock(pthread_mutex_t *mutex)
{
  pthread_mutex_unlock(mutex);
}

int bu_lock_within(pthread_mutex_t *mutex, double seconds)
{
  double until = bu_now() + seconds;

  while(pthread_mutex_trylock(mutex) != 0) {
    if(bu_now() > until)
      return -1;
    bu_sleep(0.001);
  }
  return 0;
}

struct timespec bu_stat_mtime(const struct stat *status)
{
  return status->ST_MTIME;
}

struct timespec bu_stat_ctime(const struct stat *status)
{
  return status->ST_CTIME;
}

int bu_string_assign(char **string, const char *value)
{
  char *copy = NULL;

  if(value) {
    copy = strdup(value);
    if(!copy)
      return ENOMEM;
  }
  free(*string);
  *string = copy;
  return 0;
}

int bu_has_descriptor(void)
{
  int descriptor = open("/", O_RDONLY | O_CLOEXEC);

  if(descriptor < 0)
    return errno != EMFILE && errno != ENFILE;
  bu_close(descriptor);
  return 1;
}

int bu_socket(int family, int type, int protocol)
{
#ifdef SOCK_CLOEXEC
  return socket(family, type | SOCK_CLOEXEC, protocol);
#else
  int descriptor = socket(family, type, protocol);

  if(descriptor >= 0)
    (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return descriptor;
#endif
}

int bu_above_standard(int number)
{
  int copy;
  int sys;

  if(number < 0 || number > STDERR_FILENO)
    return number;
  copy = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  sys = errno;
  bu_close(number);
  errno = sys;
  return copy;
}

/* POSIX has mkostemp since 2024. Before, headers show it only beside a
 * strerror_r that isn't POSIX's. */
#ifdef __GLIBC__
int mkostemp64(char *template, int flags);
#define MKOSTEMP mkostemp64
#elif defined(__linux__)
int mkostemp(char *template, int flags);
#define MKOSTEMP mkostemp
#endif

int bu_temporary(char *template, int flags)
{
#ifdef MKOSTEMP
  return bu_above_standard(MKOSTEMP(template, O_CLOEXEC | flags));
#else
  int number = bu_above_standard(mkstemp(template));

  if(number >= 0) {
    /* They have no other error than a bad descriptor. */
    (void)fcntl(number, F_SETFD, FD_CLOEXEC);
    (void)fcntl(number, F_SETFL, flags);
  }
  return number;
#endif
}

int bu_fsync(int descriptor)
{
  int result;

  do {
    result = fsync(descriptor);
  } while(result != 0 && errno == EINTR);
  return result;
}

void bu_close(int descriptor)
{
  (void)close(descriptor);
}

void bu_discard(const char *path)
{
  (void)unlink(path);
}

double bu_now(void)
{
  struct timespec now = {0, 0};

  /* POSIX systems with threads have this clock. */
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void bu_sleep(double seconds)
{
  struct timespec time = {0, 0};

  time.tv_nsec = (long)(seconds * 1e9);
  if(seconds >= 1) {
    time.tv_sec = 1;
    time.tv_nsec = 0;
  }
  (void)nanosleep(&time, NULL);
}

void bu_strerror(int sys, char *text, size_t size)
{
  /* The XSI form, which _POSIX_C_SOURCE without _GNU_SOURCE selects. */
  if(strerror_r(sys, text, size) != 0)
    (void)snprintf(text, size, "error %d", sys);
}

int bu_thread_start(pthread_t *thread, void *(*run)(void *), void *argument)
{
  static const int faults[] = {SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGABRT};
  sigset_t blocked, before;
  size_t i;
  int result;

  sigfillset(&blocked);
  for(i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
    sigdelset(&blocked, faults[i]);
  result = pthread_sigmask(SIG_SETMASK, &blocked, &before);
  if(result != 0)
    return result;
  result = pthread_create(thread, NULL, run, argument);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return result;
}

void bu_thread_nice(int increment)
{
#ifdef __linux__
  /* On Linux it is the thread's, against POSIX: see nice(2). */
  if(increment > 0 && nice(increment) == -1)
    return; /* it failed, or -1 is the new value: nothing to do for either */
#else
  (void)increment;
#endif
}
