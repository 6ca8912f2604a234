/* engine_state: what the engine and its threads share.
 * SPDX-License-Identifier: MIT */
#ifndef BU_ENGINE_STATE_H
#define BU_ENGINE_STATE_H

#include "compat.h"
#include "exchange.h"
#include "limit.h"
#include "pace.h"

#include <curl/curl.h>
#include <sys/types.h>

#define BU_HASH_WORKERS 2

struct bu_engine {
  pid_t process; /* that the threads run in; 0: none started yet. Atomic */
  CURLM *multi;  /* the I/O thread's; the others only wake it */
  int is_deaf;   /* a wake-up has failed; atomic */
  struct bu_usage usage; /* the I/O thread's */
  struct bu_pace pace;   /* the I/O thread's */
  double round_began;    /* the I/O thread's: its last round, by bu_now */
  double lapsed;         /* the I/O thread's: seconds that it didn't run */
  int nice;              /* of the threads; constant once they have started */
  pthread_t io_thread;
  pthread_t hash_workers[BU_HASH_WORKERS];
  unsigned hash_workers_started;
  int io_thread_started;
  pthread_mutex_t lock;
  pthread_cond_t hash_wanted;    /* there may be something to hash */
  pthread_cond_t exchange_ended; /* the list has one less */
  struct {
    int started;
    int stop;
    unsigned running; /* threads */
    struct bu_limits limits;
    struct bu_exchange_list exchanges; /* all, in the order of submit */
  } shared;                            /* under the lock */
};

/* Makes the I/O thread look at the list now. Should that fail, as after a host
 * has closed our descriptors, it looks often by itself from then on. */
void bu_engine_wake_io_thread(struct bu_engine *engine);

/* The last call of each thread. */
void bu_engine_leave(struct bu_engine *engine);

/* Takes the exchange off the list. The caller must deliver it next, after
 * unlocking. */
void bu_engine_end_locked(struct bu_engine *engine,
                          struct bu_exchange *exchange);

/* Puts an ended exchange, with the engine's reference, into its queue, and
 * releases the queue. Not to be called with a lock: this may free the
 * queue. */
void bu_engine_deliver(struct bu_exchange *exchange);

#endif
