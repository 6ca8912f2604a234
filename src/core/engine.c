/* engine: sends and hashes exchanges on threads of its own.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "engine.h"

#include "engine_state.h"
#include "hash_worker.h"
#include "io_thread.h"
#include "multi.h"

#include <stdlib.h>
#include <unistd.h>

/* New and free. */

/* All three or none. */
static int engine_init_locks(struct bu_engine *engine)
{
  int mutex = pthread_mutex_init(&engine->lock, NULL);
  int wanted = pthread_cond_init(&engine->hash_wanted, NULL);
  int ended = pthread_cond_init(&engine->exchange_ended, NULL);

  if(mutex == 0 && wanted == 0 && ended == 0)
    return 0;
  if(mutex == 0)
    pthread_mutex_destroy(&engine->lock);
  if(wanted == 0)
    pthread_cond_destroy(&engine->hash_wanted);
  if(ended == 0)
    pthread_cond_destroy(&engine->exchange_ended);
  return -1;
}

struct bu_engine *bu_engine_new(const struct bu_limits *limits,
                                struct bu_error *error)
{
  struct bu_engine *engine = calloc(1, sizeof(*engine));

  if(!engine || engine_init_locks(engine) != 0) {
    free(engine);
    bu_error_memory(error);
    return NULL;
  }
  engine->shared.limits = *limits;
  return engine;
}

static void engine_ask_to_stop_locked(struct bu_engine *engine)
{
  engine->shared.stop = 1;
  pthread_cond_broadcast(&engine->hash_wanted);
  if(engine->io_thread_started)
    bu_engine_wake_io_thread(engine);
}

static void engine_join_threads(struct bu_engine *engine)
{
  if(engine->io_thread_started)
    pthread_join(engine->io_thread, NULL);
  engine->io_thread_started = 0;
  while(engine->hash_workers_started > 0)
    pthread_join(engine->hash_workers[--engine->hash_workers_started], NULL);
}

void bu_engine_free(struct bu_engine *engine)
{
  bu_engine_stop_all(engine, NULL);
  bu_lock(&engine->lock);
  engine_ask_to_stop_locked(engine);
  bu_unlock(&engine->lock);
  engine_join_threads(engine);
  curl_multi_cleanup(engine->multi);
  pthread_cond_destroy(&engine->exchange_ended);
  pthread_cond_destroy(&engine->hash_wanted);
  pthread_mutex_destroy(&engine->lock);
  free(engine);
}

static int engine_is_running(struct bu_engine *engine)
{
  unsigned running;

  bu_lock(&engine->lock);
  running = engine->shared.running;
  bu_unlock(&engine->lock);
  return running > 0;
}

void bu_engine_quit(struct bu_engine *engine, double seconds)
{
  double until = bu_now() + seconds;
  struct bu_exchange *at;

  if(bu_lock_within(&engine->lock, seconds) != 0)
    return;
  for(at = engine->shared.exchanges.first; at; at = at->next)
    bu_exchange_cancel(at);
  engine_ask_to_stop_locked(engine);
  bu_unlock(&engine->lock);
  while(engine_is_running(engine) && bu_now() < until)
    bu_sleep(0.001);
  /* One that hangs, as a read from a dead server can, is left behind. */
  if(engine_is_running(engine))
    return;
  engine_join_threads(engine);
  bu_engine_stop_all(engine, NULL);
}

void bu_engine_wake(struct bu_engine *engine)
{
  bu_lock(&engine->lock);
  if(engine->shared.started)
    bu_engine_wake_io_thread(engine);
  bu_unlock(&engine->lock);
}

void bu_engine_set_limits(struct bu_engine *engine,
                          const struct bu_limits *limits)
{
  bu_lock(&engine->lock);
  engine->shared.limits = *limits;
  if(engine->shared.started)
    bu_engine_wake_io_thread(engine);
  bu_unlock(&engine->lock);
}

int bu_engine_is_mine(const struct bu_engine *engine)
{
  pid_t owner = bu_atomic_load(&engine->process);

  return owner == 0 || owner == getpid();
}

/* Start. */

static int engine_start_thread_locked(struct bu_engine *engine,
                                      pthread_t *thread, void *(*run)(void *))
{
  int result = bu_thread_start(thread, run, engine);

  if(result == 0)
    engine->shared.running++;
  return result;
}

static int engine_start_workers_locked(struct bu_engine *engine)
{
  int result = 0;

  while(result == 0 && engine->hash_workers_started < BU_HASH_WORKERS) {
    result = engine_start_thread_locked(
        engine, &engine->hash_workers[engine->hash_workers_started],
        bu_hash_worker_run);
    if(result == 0)
      engine->hash_workers_started++;
  }
  /* One is enough. */
  return engine->hash_workers_started > 0 ? 0 : result;
}

static int engine_start_locked(struct bu_engine *engine, int nice,
                               struct bu_error *error)
{
  int result;

  if(engine->shared.stop)
    return bu_error_set(error, BU_ECANCELED, "the process is about to end");
  if(engine->shared.started)
    return BU_OK;
  if(!engine->multi)
    engine->multi = bu_multi_new(error);
  if(!engine->multi)
    return (int)error->code;
  engine->nice = nice;
  /* Before a thread starts: from then on a child must leave it alone. */
  bu_atomic_store(&engine->process, getpid());
  result = engine_start_workers_locked(engine);
  if(result == 0)
    result = engine_start_thread_locked(engine, &engine->io_thread,
                                        bu_io_thread_run);
  if(result != 0)
    return bu_error_system(error, result, "starting a thread");
  engine->io_thread_started = 1;
  engine->shared.started = 1;
  return BU_OK;
}

/* Submit. */

static int engine_check_submit(const struct bu_engine *engine,
                               const struct bu_exchange *exchange,
                               struct bu_error *error)
{
  if(!bu_engine_is_mine(engine))
    return bu_error_forked(error);
  if(exchange->request.url && exchange->request.authorize)
    return bu_origins_check(exchange->settings->origins,
                            exchange->request.url, error);
  return BU_OK;
}

int bu_engine_submit(struct bu_engine *engine, struct bu_exchange *exchange,
                     struct bu_queue *queue, struct bu_error *error)
{
  int code = engine_check_submit(engine, exchange, error);

  if(code != BU_OK)
    return code;
  bu_lock(&engine->lock);
  code = engine_start_locked(engine, exchange->settings->nice, error);
  if(code == BU_OK) {
    exchange->queue = bu_queue_acquire(queue);
    bu_queue_open_to_threads(queue);
    if(exchange->file_digest)
      bu_digest_hold(exchange->file_digest);
    exchange->stage =
        bu_exchange_needs_hash(exchange) ? BU_STAGE_HASH : BU_STAGE_READY;
    bu_exchange_list_append(&engine->shared.exchanges,
                            bu_exchange_acquire(exchange));
    pthread_cond_signal(&engine->hash_wanted);
  }
  bu_unlock(&engine->lock);
  if(code == BU_OK)
    bu_engine_wake_io_thread(engine);
  return code;
}

/* Cancel and stop. */

static int engine_has_locked(const struct bu_exchange *exchange)
{
  return exchange->stage != BU_STAGE_NEW && exchange->stage != BU_STAGE_ENDED;
}

/* Whether it ended at once, as one does that no thread is working on. */
static int engine_cancel_locked(struct bu_engine *engine,
                                struct bu_exchange *exchange)
{
  bu_exchange_cancel(exchange);
  if(exchange->stage != BU_STAGE_HASH && exchange->stage != BU_STAGE_READY)
    return 0;
  bu_exchange_fail_canceled(exchange);
  bu_engine_end_locked(engine, exchange);
  return 1;
}

void bu_engine_cancel(struct bu_engine *engine, struct bu_exchange *exchange)
{
  int was_inside;
  int ended;

  bu_lock(&engine->lock);
  was_inside = engine_has_locked(exchange);
  ended = was_inside && engine_cancel_locked(engine, exchange);
  bu_unlock(&engine->lock);
  if(ended)
    bu_engine_deliver(exchange);
  else if(was_inside)
    bu_engine_wake_io_thread(engine);
}

void bu_engine_stop(struct bu_engine *engine, struct bu_exchange *exchange)
{
  bu_engine_cancel(engine, exchange);
  bu_lock(&engine->lock);
  while(engine_has_locked(exchange))
    pthread_cond_wait(&engine->exchange_ended, &engine->lock);
  bu_unlock(&engine->lock);
}

/* The reference is the caller's. */
static struct bu_exchange *
engine_find_by_settings(struct bu_engine *engine,
                        const struct bu_settings *settings)
{
  struct bu_exchange *at;

  bu_lock(&engine->lock);
  at = engine->shared.exchanges.first;
  while(at && settings && at->settings != settings)
    at = at->next;
  if(at)
    bu_exchange_acquire(at);
  bu_unlock(&engine->lock);
  return at;
}

void bu_engine_stop_all(struct bu_engine *engine,
                        const struct bu_settings *settings)
{
  struct bu_exchange *exchange;

  for(exchange = engine_find_by_settings(engine, settings); exchange;
      exchange = engine_find_by_settings(engine, settings)) {
    bu_engine_stop(engine, exchange);
    bu_exchange_release(exchange);
  }
}
