/* reply: what is taken of a reply, in bytes and in time. A server is input.
 * SPDX-License-Identifier: MIT */
#ifndef BU_REPLY_H
#define BU_REPLY_H

#include "exchange.h"

#include <curl/curl.h>

/* For the I/O thread alone. Zeroed, but for the first two, is a new one. */
struct bu_reply {
  struct bu_exchange *exchange;
  CURL *handle;
  size_t head_bytes;     /* of all heads, those of 1xx too */
  int is_cut;            /* what there is suffices: the status decides */
  int64_t sent;          /* bytes of the request's body, when last seen */
  double due;            /* 0: not yet known */
  struct bu_error error; /* why a callback made libcurl give up */
};

/* libcurl's callbacks, with a bu_reply as their argument. */
size_t bu_reply_on_header(char *data, size_t size, size_t count,
                          void *argument);
size_t bu_reply_on_body(char *data, size_t size, size_t count,
                        void *argument);

/* Whether the whole reply should have been there by now: reply_timeout after
 * the request's body has moved for the last time, or after the request where
 * it has none. What arrives of the reply doesn't count, nor does waiting for a
 * turn to send. If not yet, *wake is brought forward to then. */
int bu_reply_is_late(struct bu_reply *reply, double now, int waits_for_turn,
                     double *wake);

#endif
