/* queue: keeps exchanges that have ended until their owner takes them.
 * SPDX-License-Identifier: MIT */
#ifndef BU_QUEUE_H
#define BU_QUEUE_H

#include "error.h"

struct bu_exchange;

/* Each waiter has its own, so that it never takes what another waits for. The
 * descriptor is readable exactly while this queue, or one that has it as its
 * parent, holds an exchange or was woken. All functions may be called from any
 * thread. Reference-counted. */
struct bu_queue;

/* The parent's (or NULL) descriptor is readable for this queue too. NULL with
 * *error filled. */
struct bu_queue *bu_queue_new(struct bu_queue *parent,
                              struct bu_error *error);
struct bu_queue *bu_queue_acquire(struct bu_queue *queue);
void bu_queue_release(struct bu_queue *queue); /* NULL is fine */

/* To be called first where the process may be a fork of the one that made the
 * queue. BU_EFORKED when that one's threads may hold its lock: nothing else
 * may be called then, not even release. A queue that no thread has used gets
 * descriptors of its own here; BU_ESYSTEM when it can't. */
int bu_queue_enter(struct bu_queue *queue, struct bu_error *error);
/* For the engine: threads may use it from now on, and its parents. */
void bu_queue_open_to_threads(struct bu_queue *queue);

/* Takes over the caller's reference to the exchange. Can't fail: it allocates
 * nothing. */
void bu_queue_put(struct bu_queue *queue, struct bu_exchange *exchange);
/* The oldest exchange, whose reference is the caller's, or NULL. Ends the
 * effect of bu_queue_wake. */
struct bu_exchange *bu_queue_take(struct bu_queue *queue);
/* Makes the descriptor readable until the next take. */
void bu_queue_wake(struct bu_queue *queue);

int bu_queue_descriptor(const struct bu_queue *queue);

/* Waits until the descriptor is readable: 1. 0 after `seconds` (< 0: no limit)
 * or when a signal came, so that the host can handle it. -1 with *error
 * filled. */
int bu_queue_wait(struct bu_queue *queue, double seconds,
                  struct bu_error *error);

#endif
