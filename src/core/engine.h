/* engine: the threads that hash and send, one set for a process.
 * SPDX-License-Identifier: MIT */
#ifndef BU_ENGINE_H
#define BU_ENGINE_H

#include "exchange.h"
#include "limit.h"

/* One I/O thread that owns a curl_multi, and a few hash workers. Threads
 * start at the first submit. All functions may be called from any thread. */
struct bu_engine;

/* The process's engine, made at the first call; each call is matched by a
 * release, and the last release cancels, wakes and joins. A child process
 * gets an engine of its own. NULL with *error filled. */
struct bu_engine *bu_engine_acquire(struct bu_error *error);
void bu_engine_release(struct bu_engine *engine);

/* The limits of the whole process, now and for engines to come. */
void bu_engine_set_limits(const struct bu_limits *limits);
struct bu_limits bu_engine_limits(void);

/* Whether the calling process is the one that the engine was made in. After
 * a fork the child must not touch it, not even to release it. */
int bu_engine_is_mine(const struct bu_engine *engine);

/* Hands the exchange to the threads; it comes back through its queue, always
 * and once. BU_EUNTRUSTED, BU_EFORKED, BU_EMEMORY, BU_ESYSTEM with *error
 * filled: it was not taken. */
int bu_engine_submit(struct bu_engine *engine, struct bu_exchange *exchange,
                     struct bu_error *error);

/* Asks for an early end; the exchange comes through its queue as cancelled
 * unless it ended before. */
void bu_engine_cancel(struct bu_engine *engine, struct bu_exchange *exchange);
/* The same, and waits until the threads have let go of the exchange and of
 * the memory that its body is in. */
void bu_engine_stop(struct bu_engine *engine, struct bu_exchange *exchange);
/* Stops every exchange with these settings, or all (NULL). */
void bu_engine_stop_all(struct bu_engine *engine,
                        const struct bu_settings *settings);

#endif
