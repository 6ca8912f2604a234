/* pace: when those that send may send more, under a common limit.
 * SPDX-License-Identifier: MIT */
#ifndef BU_PACE_H
#define BU_PACE_H

#include <stdint.h>

/* A sender's place in the line. Zero it first. */
struct bu_turn {
  struct bu_turn *next;
  void *owner;
  int waits;       /* it is in the line */
  int64_t wanted;  /* bytes */
  int64_t granted; /* bytes that it may still send */
};

/* One line for all: each gets a short time's worth of bytes in turn, so the
 * sum keeps to the limit and the senders share it, however short their bodies
 * are. libcurl's own limit is each transfer's, and from 8.18 on begins with a
 * second's worth. For one thread. */
struct bu_pace {
  int64_t bytes_per_second; /* 0: no limit. May change at any time */
  double next;              /* when the next byte may leave, by bu_now */
  struct bu_turn *first;
  struct bu_turn *last;
};

/* How many of `wanted` bytes (at least 1) the sender may send now; 0: it is in
 * the line, and bu_pace_pop tells when it may. */
int64_t bu_pace_take(struct bu_pace *pace, struct bu_turn *turn,
                     int64_t wanted, double now);

/* The next that waited and may now send, or NULL. */
struct bu_turn *bu_pace_pop(struct bu_pace *pace, double now);

/* Brings *wake forward to when bu_pace_pop has another. */
void bu_pace_wake(const struct bu_pace *pace, double *wake);

/* Takes a sender out of the line, if it is in it. */
void bu_pace_leave(struct bu_pace *pace, struct bu_turn *turn);

#endif
