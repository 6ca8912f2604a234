/* engine_state: what the engine and its threads share.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "engine_state.h"

#include "queue.h"

#include <stddef.h>

void bu_engine_wake_io_thread(struct bu_engine *engine)
{
  if(curl_multi_wakeup(engine->multi) != CURLM_OK)
    bu_atomic_store(&engine->is_deaf, 1);
}

void bu_engine_leave(struct bu_engine *engine)
{
  bu_lock(&engine->lock);
  engine->shared.running--;
  bu_unlock(&engine->lock);
}

void bu_engine_end_locked(struct bu_engine *engine,
                          struct bu_exchange *exchange)
{
  bu_exchange_list_remove(&engine->shared.exchanges, exchange);
  exchange->stage = BU_STAGE_ENDED;
  if(exchange->file_digest)
    bu_digest_let_go(exchange->file_digest);
  pthread_cond_broadcast(&engine->exchange_ended);
}

void bu_engine_deliver(struct bu_exchange *exchange)
{
  struct bu_queue *queue = exchange->queue;

  /* The owner may keep the reply for long, but not the file open. */
  bu_source_free(&exchange->request.body);
  exchange->queue = NULL;
  bu_queue_put(queue, exchange);
  bu_queue_release(queue);
}
