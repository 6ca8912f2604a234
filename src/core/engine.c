/* engine: sends and hashes exchanges on threads of its own.
 * SPDX-License-Identifier: MIT */
#include "engine.h"

#include "engine_state.h"
#include "hash_worker.h"
#include "io_thread.h"

#include <stdlib.h>
#include <unistd.h>

/* Idle connections kept for reuse. */
#define CONNECTIONS_KEPT 64L

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

static void engine_stop_threads(struct bu_engine *engine)
{
  int started;
  unsigned i;

  bu_lock(&engine->lock);
  engine->shared.stop = 1;
  started = engine->shared.started;
  pthread_cond_broadcast(&engine->hash_wanted);
  bu_unlock(&engine->lock);
  if(started) {
    bu_engine_wake_io_thread(engine);
    pthread_join(engine->io_thread, NULL);
  }
  for(i = 0; i < engine->hash_workers_started; i++)
    pthread_join(engine->hash_workers[i], NULL);
}

void bu_engine_free(struct bu_engine *engine)
{
  bu_engine_stop_all(engine, NULL);
  engine_stop_threads(engine);
  curl_multi_cleanup(engine->multi);
  pthread_cond_destroy(&engine->exchange_ended);
  pthread_cond_destroy(&engine->hash_wanted);
  pthread_mutex_destroy(&engine->lock);
  free(engine);
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

static int engine_start_workers_locked(struct bu_engine *engine)
{
  int result = 0;

  while(result == 0 && engine->hash_workers_started < BU_HASH_WORKERS) {
    result =
        bu_thread_start(&engine->hash_workers[engine->hash_workers_started],
                        bu_hash_worker_run, engine);
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

  if(engine->shared.started)
    return BU_OK;
  if(!engine->multi)
    engine->multi = curl_multi_init();
  if(!engine->multi)
    return bu_error_memory(error);
  curl_multi_setopt(engine->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT);
  engine->nice = nice;
  result = engine_start_workers_locked(engine);
  if(result == 0)
    result = bu_thread_start(&engine->io_thread, bu_io_thread_run, engine);
  if(result != 0)
    return bu_error_system(error, result, "starting a thread");
  engine->shared.started = 1;
  bu_atomic_store(&engine->process, getpid());
  return BU_OK;
}

/* Submit. */

static int engine_check_submit(const struct bu_engine *engine,
                               const struct bu_exchange *exchange,
                               struct bu_error *error)
{
  if(!bu_engine_is_mine(engine))
    return bu_error_set(error, BU_EFORKED,
                        "this client was made before a fork: make a new one "
                        "in the child process");
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
