/* hash_worker: takes the SHA-1 of bodies before they are sent.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "hash_worker.h"

#include "engine_state.h"

static int worker_is_digest_busy_locked(const struct bu_engine *engine,
                                        const struct bu_digest *file_digest)
{
  struct bu_exchange *at;

  for(at = engine->shared.exchanges.first; file_digest && at; at = at->next) {
    if(at->stage == BU_STAGE_HASHING && at->file_digest == file_digest)
      return 1;
  }
  return 0;
}

/* The oldest exchange to hash whose file no other worker is hashing: a
 * file_digest takes the bytes of a file in order. */
static struct bu_exchange *worker_next_locked(struct bu_engine *engine)
{
  struct bu_exchange *at;

  for(at = engine->shared.exchanges.first; at; at = at->next) {
    if(at->stage == BU_STAGE_HASH &&
       !worker_is_digest_busy_locked(engine, at->file_digest))
      return at;
  }
  return NULL;
}

/* Whether the exchange has ended: by an error, or because it was to be
 * hashed only. Else it goes on to the network. */
static int worker_move_on_locked(struct bu_engine *engine,
                                 struct bu_exchange *exchange)
{
  if(bu_exchange_is_canceled(exchange))
    bu_exchange_fail_canceled(exchange);
  if(exchange->error.code != BU_OK || !exchange->request.url) {
    bu_engine_end_locked(engine, exchange);
    return 1;
  }
  exchange->stage = BU_STAGE_READY;
  return 0;
}

/* Called with the lock, which it gives up while it reads and delivers. */
static void worker_hash_locked(struct bu_engine *engine,
                               struct bu_exchange *exchange)
{
  int ended;

  exchange->stage = BU_STAGE_HASHING;
  bu_unlock(&engine->lock);
  bu_exchange_hash(exchange);
  bu_lock(&engine->lock);
  ended = worker_move_on_locked(engine, exchange);
  /* Another worker may now feed the same file_digest. */
  pthread_cond_signal(&engine->hash_wanted);
  bu_unlock(&engine->lock);
  if(ended)
    bu_engine_deliver(exchange);
  else
    bu_engine_wake_io_thread(engine);
  bu_lock(&engine->lock);
}

void *bu_hash_worker_run(void *argument)
{
  struct bu_engine *engine = argument;

  bu_thread_nice(engine->nice);
  bu_lock(&engine->lock);
  while(!engine->shared.stop) {
    struct bu_exchange *exchange = worker_next_locked(engine);

    if(exchange)
      worker_hash_locked(engine, exchange);
    else
      pthread_cond_wait(&engine->hash_wanted, &engine->lock);
  }
  bu_unlock(&engine->lock);
  bu_engine_leave(engine);
  return NULL;
}
