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

/* The parent's (or NULL) descriptor is readable for this queue too. */
struct bu_queue *bu_queue_new(struct bu_queue *parent);
struct bu_queue *bu_queue_acquire(struct bu_queue *queue);
void bu_queue_release(struct bu_queue *queue); /* NULL is fine */

/* Takes over the caller's reference to the exchange. Can't fail: it allocates
 * nothing. */
void bu_queue_put(struct bu_queue *queue, struct bu_exchange *exchange);
/* The oldest exchange, whose reference is the caller's, or NULL. Ends the
 * effect of bu_queue_wake. */
struct bu_exchange *bu_queue_take(struct bu_queue *queue);
/* Makes the descriptor readable until the next take. */
void bu_queue_wake(struct bu_queue *queue);

/* The descriptor, made at the first call; -1 with *error filled. */
int bu_queue_descriptor(struct bu_queue *queue, struct bu_error *error);

/* Waits until the descriptor is readable: 1. 0 after `seconds` (< 0: no limit)
 * or when a signal came, so that the host can handle it. -1 with *error
 * filled. */
int bu_queue_wait(struct bu_queue *queue, double seconds,
                  struct bu_error *error);

#endif
