/* exchange: one HTTP request and its reply, or, without a URL, only the hash
 * of its body.
 * SPDX-License-Identifier: MIT */
#ifndef BU_EXCHANGE_H
#define BU_EXCHANGE_H

#include "buffer.h"
#include "digest.h"
#include "error.h"
#include "request.h"
#include "semaphore.h"
#include "settings.h"

#include <pthread.h>
#include <stdint.h>

struct bu_easy;
struct bu_queue;

/* Where an exchange is. The engine moves it on. */
enum bu_stage {
  BU_STAGE_NEW,
  BU_STAGE_HASH,    /* waits for a hash worker */
  BU_STAGE_HASHING, /* a hash worker has it */
  BU_STAGE_READY,   /* waits for a place on the network */
  BU_STAGE_NETWORK, /* the I/O thread has it */
  BU_STAGE_ENDED
};

struct bu_exchange {
  /* Set by the owner before submit. */
  struct bu_request request;
  struct bu_settings *settings;
  struct bu_semaphore *semaphore; /* or NULL */
  int while_paused; /* sent also when the semaphore's limit is 0 */
  struct bu_digest
      *file_digest; /* or NULL: the file's digest, fed in order */
  int has_sha1;     /* sha1 is set; then no worker hashes it */
  unsigned char sha1[BU_SHA1_SIZE]; /* of the body */

  /* The reply. The owner may read it after it took the exchange from its
   * queue. */
  struct bu_error error; /* code BU_OK: there is a reply */
  int reached;           /* a byte of the request may have left */
  long status;
  double seconds;           /* on the network */
  struct bu_buffer headers; /* raw lines of the last header block */
  struct bu_buffer body;

  struct bu_queue *queue;   /* where to, while inside the engine */
  struct bu_easy *easy;     /* the I/O thread's; NULL but on the network */
  unsigned references;      /* atomic */
  int canceled;             /* atomic */
  enum bu_stage stage;      /* under the engine's lock */
  struct bu_exchange *next; /* in the engine's list, then in the queue */
  pthread_mutex_t lock;
  struct {
    /* Bytes of the body. No atomic: those of 64 bits need libatomic on some
     * systems of 32. */
    int64_t sent;
  } shared; /* under the lock */
};

/* Owns the request from now on, also when it fails. The memory that the body
 * is in must stay until the exchange has ended. NULL when out of memory. */
struct bu_exchange *bu_exchange_new(struct bu_request *request,
                                    struct bu_settings *settings);
struct bu_exchange *bu_exchange_acquire(struct bu_exchange *exchange);
void bu_exchange_release(struct bu_exchange *exchange); /* NULL is fine */

/* Bytes of the body that libcurl has taken; any thread, any time. */
int64_t bu_exchange_sent(struct bu_exchange *exchange);

/* The value of a reply header by its name in any case (the first such line,
 * without outer blanks), or NULL; *length is the value's. */
const char *bu_exchange_header(const struct bu_exchange *exchange,
                               const char *name, size_t *length);

/* For the engine and its threads. */

/* Exchanges in the order in which they came. Linked by the exchanges
 * themselves, so that adding one can't fail; an exchange is in one list at a
 * time. Zeroed is empty. Not locked. */
struct bu_exchange_list {
  struct bu_exchange *first;
  struct bu_exchange *last;
};

void bu_exchange_list_append(struct bu_exchange_list *list,
                             struct bu_exchange *exchange);
/* The exchange must be in the list. */
void bu_exchange_list_remove(struct bu_exchange_list *list,
                             struct bu_exchange *exchange);

/* Asks the exchange to end soon; from any thread, through bu_engine_cancel. */
void bu_exchange_cancel(struct bu_exchange *exchange);
int bu_exchange_is_canceled(const struct bu_exchange *exchange);
/* Fills error with BU_ECANCELED, unless it has another already. */
void bu_exchange_fail_canceled(struct bu_exchange *exchange);

void bu_exchange_note_sent(struct bu_exchange *exchange, int64_t sent);

/* Whether a hash worker has to see it first. */
int bu_exchange_needs_hash(const struct bu_exchange *exchange);
/* Reads the body once, for its SHA-1 and the file_digest. Fills sha1, or
 * error. */
void bu_exchange_hash(struct bu_exchange *exchange);

#endif
