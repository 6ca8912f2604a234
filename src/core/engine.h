/* engine: sends and hashes exchanges on threads of its own.
 * SPDX-License-Identifier: MIT */
#ifndef BU_ENGINE_H
#define BU_ENGINE_H

#include "exchange.h"
#include "limit.h"
#include "queue.h"

/* One I/O thread that owns a curl_multi, and a few hash workers. The threads
 * start at the first submit. All functions but bu_engine_free may be called
 * from any thread at any time. */
struct bu_engine;

/* NULL with *error filled. */
struct bu_engine *bu_engine_new(const struct bu_limits *limits,
                                struct bu_error *error);
/* Cancels what it still has, and waits for its threads. */
void bu_engine_free(struct bu_engine *engine);

/* For the end of the process: the same without freeing, for at most so many
 * seconds. It takes no exchange from then on. */
void bu_engine_quit(struct bu_engine *engine, double seconds);

/* Makes the threads look at what has changed outside the engine, such as the
 * limit of a semaphore. */
void bu_engine_wake(struct bu_engine *engine);

void bu_engine_set_limits(struct bu_engine *engine,
                          const struct bu_limits *limits);

/* Whether the calling process is the one that the threads run in. After a
 * fork the child must not touch the engine, not even to free it. */
int bu_engine_is_mine(const struct bu_engine *engine);

/* Hands the exchange to the threads. It comes back through the queue, always
 * and once. BU_EUNTRUSTED, BU_EINVALID (no http or https URL), BU_EFORKED,
 * BU_EMEMORY or BU_ESYSTEM with *error filled when the engine did not take
 * it. */
int bu_engine_submit(struct bu_engine *engine, struct bu_exchange *exchange,
                     struct bu_queue *queue, struct bu_error *error);

/* Asks for an early end. The exchange comes back through its queue, canceled
 * unless it ended before. */
void bu_engine_cancel(struct bu_engine *engine, struct bu_exchange *exchange);
/* The same, and waits until the threads no longer use the exchange and the
 * memory that its body is in. */
void bu_engine_stop(struct bu_engine *engine, struct bu_exchange *exchange);
/* Stops every exchange with these settings, or all (NULL). */
void bu_engine_stop_all(struct bu_engine *engine,
                        const struct bu_settings *settings);

#endif
