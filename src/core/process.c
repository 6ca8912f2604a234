/* process: the one engine that all clients of a process share.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "process.h"

#include "compat.h"
#include "pin.h"

#include <openssl/crypto.h>
#include <stddef.h>
#include <stdlib.h>

/* Seconds that the end of the process waits for the threads. */
#define EXIT_LIMIT 2.0

static struct {
  pthread_mutex_t lock;
  struct {
    struct bu_engine *engine; /* or NULL */
    unsigned users;           /* of that engine */
    struct bu_limits limits;
  } shared; /* under the lock */
} process = {PTHREAD_MUTEX_INITIALIZER, {NULL, 0, {0, 0, 0}}};

static int process_has_engine_locked(void)
{
  return process.shared.engine && bu_engine_is_mine(process.shared.engine);
}

/* A fork waits until no thread has the lock, so that the child finds it
 * free. */
static void process_before_fork(void)
{
  bu_lock(&process.lock);
}

static void process_after_fork(void)
{
  bu_unlock(&process.lock);
}

/* What exit() does next is OpenSSL's cleanup, under which no thread may be at
 * work. */
static void process_before_exit(void)
{
  if(bu_lock_within(&process.lock, EXIT_LIMIT) != 0)
    return;
  if(process_has_engine_locked())
    bu_engine_quit(process.shared.engine, EXIT_LIMIT);
  bu_unlock(&process.lock);
}

static void process_prepare(void)
{
  /* The handlers of exit() run in the reverse order of their registration, so
   * OpenSSL has to register its own first. */
  (void)OPENSSL_init_crypto(0, NULL);
  /* Fails only when out of memory. Then exit() may crash. */
  (void)atexit(process_before_exit);
  /* Fails only when out of memory. Then a fork at the wrong moment leaves the
   * lock locked in the child. */
  (void)pthread_atfork(process_before_fork, process_after_fork,
                       process_after_fork);
  bu_pin();
}

struct bu_engine *bu_process_acquire_engine(struct bu_error *error)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  struct bu_engine *engine;

  pthread_once(&once, process_prepare);
  bu_lock(&process.lock);
  /* A parent's engine has no threads here, and threads that don't exist here
   * may hold its locks: leave it alone. */
  if(!process_has_engine_locked()) {
    process.shared.engine = bu_engine_new(&process.shared.limits, error);
    process.shared.users = 0;
  }
  engine = process.shared.engine;
  if(engine)
    process.shared.users++;
  bu_unlock(&process.lock);
  return engine;
}

void bu_process_release_engine(struct bu_engine *engine)
{
  int is_last;

  bu_lock(&process.lock);
  is_last = --process.shared.users == 0;
  if(is_last)
    process.shared.engine = NULL;
  bu_unlock(&process.lock);
  if(is_last)
    bu_engine_free(engine);
}

void bu_process_set_limits(const struct bu_limits *limits)
{
  bu_lock(&process.lock);
  process.shared.limits = *limits;
  if(process_has_engine_locked())
    bu_engine_set_limits(process.shared.engine, limits);
  bu_unlock(&process.lock);
}

struct bu_limits bu_process_limits(void)
{
  struct bu_limits limits;

  bu_lock(&process.lock);
  limits = process.shared.limits;
  bu_unlock(&process.lock);
  return limits;
}
