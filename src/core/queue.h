/* queue: exchanges that have ended, until their owner takes them.
 * SPDX-License-Identifier: MIT */
#ifndef BU_QUEUE_H
#define BU_QUEUE_H

#include "error.h"

struct bu_exchange;

/* One for each thing that waits, so that no waiter drains another's
 * descriptor. Its descriptor is readable exactly while it, or a queue below
 * it, holds an exchange or was woken. Locked inside; reference-counted. */
struct bu_queue;

/* parent (or NULL) is acquired; its descriptor tells of this queue too. */
struct bu_queue *bu_queue_new(struct bu_queue *parent);
struct bu_queue *bu_queue_acquire(struct bu_queue *queue);
void bu_queue_release(struct bu_queue *queue); /* NULL is fine */

/* Takes over the caller's reference to the exchange. Never fails: the link
 * is in the exchange. */
void bu_queue_put(struct bu_queue *queue, struct bu_exchange *exchange);
/* Hands over the oldest exchange with its reference, or NULL. It isn't woken
 * then any more. */
struct bu_exchange *bu_queue_take(struct bu_queue *queue);
/* Raises the descriptor until the next take: whoever waits shall look. */
void bu_queue_wake(struct bu_queue *queue);

/* The descriptor, made at the first call; -1 with *error filled. */
int bu_queue_descriptor(struct bu_queue *queue, struct bu_error *error);

/* Waits until the descriptor is readable: 1, or 0 after `seconds` (< 0: no
 * limit) or when a signal came, so that the host can handle it; -1 with
 * *error filled. */
int bu_queue_wait(struct bu_queue *queue, double seconds,
                  struct bu_error *error);

#endif
