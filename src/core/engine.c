/* engine: the threads that hash and send, one set for a process.
 * SPDX-License-Identifier: MIT */
#include "engine.h"

#include "compat.h"
#include "pin.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORKERS 2
/* Idle connections kept for reuse. */
#define CONNECTIONS_KEPT 64L
/* The I/O thread looks for what may begin at least this often. */
#define POLL_SECONDS 1.0

struct bu_engine {
  pid_t process;         /* that the threads are in; 0: none yet. Atomic */
  unsigned users;        /* under the process lock */
  CURLM *multi;          /* the I/O thread's; only its wake-up is anybody's */
  struct bu_usage usage; /* the I/O thread's */
  int64_t share;         /* of each sender; the I/O thread's */
  pthread_t io;
  pthread_t workers[WORKERS];
  unsigned workers_started;
  int nice; /* of the threads; constant once they are started */
  pthread_mutex_t lock;
  pthread_cond_t work;  /* there is something to hash, or it is over */
  pthread_cond_t ended; /* an exchange has left */
  struct {
    int started;
    int stop;
    struct bu_limits limits;
    struct bu_exchange *first; /* all that are inside, in submit's order */
    struct bu_exchange *last;
  } shared; /* under the lock */
};

/* The process's engine, and the lock for it and its count of users. */
static struct {
  pthread_mutex_t lock;
  struct bu_engine *engine;
  struct bu_limits limits;
} process = {PTHREAD_MUTEX_INITIALIZER, NULL, {0, 0, 0}};

/* The list. */

static void append_locked(struct bu_engine *engine,
                          struct bu_exchange *exchange)
{
  exchange->next = NULL;
  if(engine->shared.last)
    engine->shared.last->next = exchange;
  else
    engine->shared.first = exchange;
  engine->shared.last = exchange;
}

static void remove_locked(struct bu_engine *engine,
                          struct bu_exchange *exchange)
{
  struct bu_exchange *before = NULL;
  struct bu_exchange *at;

  for(at = engine->shared.first; at != exchange; at = at->next)
    before = at;
  if(before)
    before->next = exchange->next;
  else
    engine->shared.first = exchange->next;
  if(engine->shared.last == exchange)
    engine->shared.last = before;
}

/* The exchange leaves the engine. */
static void end_locked(struct bu_engine *engine, struct bu_exchange *exchange)
{
  remove_locked(engine, exchange);
  exchange->stage = BU_STAGE_ENDED;
  (void)pthread_cond_broadcast(&engine->ended);
}

/* Hands the engine's reference to the owner's queue, which then no longer
 * needs the exchange to keep it alive. Not under the lock: the queue may go
 * with it. */
static void deliver(struct bu_exchange *exchange)
{
  struct bu_queue *queue = exchange->queue;

  /* The owner may keep the reply for long, but not the file open. */
  bu_source_free(&exchange->request.body);
  exchange->queue = NULL;
  bu_queue_put(queue, exchange);
  bu_queue_release(queue);
}

static void end(struct bu_engine *engine, struct bu_exchange *exchange)
{
  (void)pthread_mutex_lock(&engine->lock);
  end_locked(engine, exchange);
  (void)pthread_mutex_unlock(&engine->lock);
  deliver(exchange);
}

static void set_canceled(struct bu_exchange *exchange)
{
  if(exchange->error.code == BU_OK)
    (void)bu_error_set(&exchange->error, BU_ECANCELED, "canceled");
}

/* The hash workers. */

static int is_busy_locked(const struct bu_engine *engine,
                          const struct bu_digest *running)
{
  const struct bu_exchange *at;

  for(at = engine->shared.first; running && at; at = at->next) {
    if(at->stage == BU_STAGE_HASHING && at->running == running)
      return 1;
  }
  return 0;
}

/* The oldest exchange to hash of a file that no other worker is at: a
 * running digest takes a file's bytes in order. */
static struct bu_exchange *next_hash_locked(struct bu_engine *engine)
{
  struct bu_exchange *at;

  for(at = engine->shared.first; at; at = at->next) {
    if(at->stage == BU_STAGE_HASH && !is_busy_locked(engine, at->running))
      return at;
  }
  return NULL;
}

static void hash_one(struct bu_engine *engine, struct bu_exchange *exchange)
{
  int ended;

  exchange->stage = BU_STAGE_HASHING;
  (void)pthread_mutex_unlock(&engine->lock);
  bu_exchange_hash(exchange);
  (void)pthread_mutex_lock(&engine->lock);
  if(bu_exchange_canceled(exchange))
    set_canceled(exchange);
  ended = exchange->error.code != BU_OK || !exchange->request.url;
  if(ended)
    end_locked(engine, exchange);
  else
    exchange->stage = BU_STAGE_READY;
  /* The digest that it fed is free for the next. */
  (void)pthread_cond_signal(&engine->work);
  (void)pthread_mutex_unlock(&engine->lock);
  if(ended)
    deliver(exchange);
  else
    (void)curl_multi_wakeup(engine->multi);
  (void)pthread_mutex_lock(&engine->lock);
}

static void *run_worker(void *argument)
{
  struct bu_engine *engine = argument;

  bu_thread_nice(engine->nice);
  (void)pthread_mutex_lock(&engine->lock);
  while(!engine->shared.stop) {
    struct bu_exchange *exchange = next_hash_locked(engine);

    if(exchange)
      hash_one(engine, exchange);
    else
      (void)pthread_cond_wait(&engine->work, &engine->lock);
  }
  (void)pthread_mutex_unlock(&engine->lock);
  return NULL;
}

/* The I/O thread. */

static void finish(struct bu_engine *engine, struct bu_exchange *exchange,
                   CURLcode result)
{
  bu_exchange_close(exchange, result);
  bu_semaphore_post(exchange->semaphore);
  engine->usage.active--;
  end(engine, exchange);
}

static void begin(struct bu_engine *engine, struct bu_exchange *exchange)
{
  CURL *easy = bu_exchange_open(exchange);

  if(easy && curl_multi_add_handle(engine->multi, easy) == CURLM_OK)
    return;
  if(easy)
    (void)bu_error_memory(&exchange->error);
  finish(engine, exchange, CURLE_FAILED_INIT);
}

/* Whether it may begin; if only later, *wake is brought forward to then. */
static int may_begin_locked(struct bu_engine *engine,
                            struct bu_exchange *exchange, double now,
                            double *wake)
{
  double time;

  if(exchange->stage != BU_STAGE_READY)
    return 0;
  time = bu_settings_backed_off_until(exchange->settings);
  if(time > now) {
    *wake = time < *wake ? time : *wake;
    return 0;
  }
  return bu_limits_admit(&engine->shared.limits, &engine->usage, now, wake) &&
         bu_semaphore_trywait(exchange->semaphore);
}

static struct bu_exchange *next_ready(struct bu_engine *engine, double *wake)
{
  double now = bu_now();
  struct bu_exchange *at;

  (void)pthread_mutex_lock(&engine->lock);
  for(at = engine->shared.first; at; at = at->next) {
    if(may_begin_locked(engine, at, now, wake)) {
      at->stage = BU_STAGE_NETWORK;
      bu_limits_begin(&engine->shared.limits, &engine->usage, now);
      break;
    }
  }
  (void)pthread_mutex_unlock(&engine->lock);
  return at;
}

/* Begins what may begin; returns when to look again at the latest. */
static double begin_ready(struct bu_engine *engine)
{
  double wake = bu_now() + POLL_SECONDS;
  struct bu_exchange *exchange;

  for(exchange = next_ready(engine, &wake); exchange;
      exchange = next_ready(engine, &wake))
    begin(engine, exchange);
  return wake;
}

static int is_sending(const struct bu_exchange *exchange)
{
  return exchange->stage == BU_STAGE_NETWORK && exchange->request.has_body;
}

/* Divides the bytes a second among those that send, anew whenever their
 * number or the limit has changed. */
static void share_speed(struct bu_engine *engine)
{
  unsigned senders = 0;
  struct bu_exchange *at;
  int64_t share;

  (void)pthread_mutex_lock(&engine->lock);
  for(at = engine->shared.first; at; at = at->next)
    senders += (unsigned)is_sending(at);
  share = bu_limits_share(&engine->shared.limits, senders);
  for(at = engine->shared.first; at && (share > 0 || engine->share > 0);
      at = at->next) {
    if(is_sending(at))
      (void)curl_easy_setopt(bu_exchange_easy(at),
                             CURLOPT_MAX_SEND_SPEED_LARGE, (curl_off_t)share);
  }
  engine->share = share;
  (void)pthread_mutex_unlock(&engine->lock);
}

static struct bu_exchange *next_canceled(struct bu_engine *engine)
{
  struct bu_exchange *at;

  (void)pthread_mutex_lock(&engine->lock);
  at = engine->shared.first;
  while(at && !(at->stage == BU_STAGE_NETWORK && bu_exchange_canceled(at)))
    at = at->next;
  (void)pthread_mutex_unlock(&engine->lock);
  return at;
}

static void drop_canceled(struct bu_engine *engine)
{
  struct bu_exchange *exchange;

  for(exchange = next_canceled(engine); exchange;
      exchange = next_canceled(engine)) {
    (void)curl_multi_remove_handle(engine->multi, bu_exchange_easy(exchange));
    set_canceled(exchange);
    finish(engine, exchange, CURLE_ABORTED_BY_CALLBACK);
  }
}

/* How many exchanges have ended. */
static unsigned collect(struct bu_engine *engine)
{
  unsigned count = 0;
  int left;
  CURLMsg *message;

  for(message = curl_multi_info_read(engine->multi, &left); message;
      message = curl_multi_info_read(engine->multi, &left)) {
    CURLcode result = message->data.result;
    CURL *easy = message->easy_handle;
    void *exchange = NULL;

    if(message->msg != CURLMSG_DONE)
      continue;
    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &exchange);
    (void)curl_multi_remove_handle(engine->multi, easy);
    finish(engine, exchange, result);
    count++;
  }
  return count;
}

static int is_stopping(struct bu_engine *engine)
{
  int stop;

  (void)pthread_mutex_lock(&engine->lock);
  stop = engine->shared.stop;
  (void)pthread_mutex_unlock(&engine->lock);
  return stop;
}

/* Milliseconds from now, rounded up. */
static int until(double time)
{
  double seconds = time - bu_now();

  return seconds > 0 ? (int)(seconds * 1000.0) + 1 : 0;
}

static void *run_io(void *argument)
{
  struct bu_engine *engine = argument;
  int running;

  bu_thread_nice(engine->nice);
  while(!is_stopping(engine)) {
    double wake;

    drop_canceled(engine);
    wake = begin_ready(engine);
    share_speed(engine);
    (void)curl_multi_perform(engine->multi, &running);
    /* An end makes room for the next, so look again before waiting. */
    if(collect(engine) == 0)
      (void)curl_multi_poll(engine->multi, NULL, 0, until(wake), NULL);
  }
  return NULL;
}

/* Life and death. */

static void destroy(struct bu_engine *engine)
{
  (void)curl_multi_cleanup(engine->multi);
  (void)pthread_cond_destroy(&engine->ended);
  (void)pthread_cond_destroy(&engine->work);
  (void)pthread_mutex_destroy(&engine->lock);
  free(engine);
}

static struct bu_engine *engine_new(struct bu_error *error)
{
  struct bu_engine *engine = calloc(1, sizeof(*engine));

  if(!engine) {
    (void)bu_error_memory(error);
    return NULL;
  }
  if(pthread_mutex_init(&engine->lock, NULL) != 0 ||
     pthread_cond_init(&engine->work, NULL) != 0 ||
     pthread_cond_init(&engine->ended, NULL) != 0) {
    free(engine);
    (void)bu_error_memory(error);
    return NULL;
  }
  return engine;
}

static void set_limits(struct bu_engine *engine,
                       const struct bu_limits *limits)
{
  (void)pthread_mutex_lock(&engine->lock);
  engine->shared.limits = *limits;
  if(engine->shared.started)
    (void)curl_multi_wakeup(engine->multi);
  (void)pthread_mutex_unlock(&engine->lock);
}

void bu_engine_set_limits(const struct bu_limits *limits)
{
  (void)pthread_mutex_lock(&process.lock);
  process.limits = *limits;
  if(process.engine && bu_engine_is_mine(process.engine))
    set_limits(process.engine, limits);
  (void)pthread_mutex_unlock(&process.lock);
}

struct bu_limits bu_engine_limits(void)
{
  struct bu_limits limits;

  (void)pthread_mutex_lock(&process.lock);
  limits = process.limits;
  (void)pthread_mutex_unlock(&process.lock);
  return limits;
}

/* A fork waits until nobody is inside, so that the child finds the lock
 * free. */
static void before_fork(void)
{
  (void)pthread_mutex_lock(&process.lock);
}

static void after_fork(void)
{
  (void)pthread_mutex_unlock(&process.lock);
}

static void prepare_process(void)
{
  (void)pthread_atfork(before_fork, after_fork, after_fork);
  bu_pin();
}

struct bu_engine *bu_engine_acquire(struct bu_error *error)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  struct bu_engine *engine;

  (void)pthread_once(&once, prepare_process);
  (void)pthread_mutex_lock(&process.lock);
  /* A parent's engine has no threads here, and its locks may be held by
   * threads that are not: it is left alone, and another begun. */
  if(!process.engine || !bu_engine_is_mine(process.engine))
    process.engine = engine_new(error);
  engine = process.engine;
  if(engine) {
    engine->users++;
    set_limits(engine, &process.limits);
  }
  (void)pthread_mutex_unlock(&process.lock);
  return engine;
}

int bu_engine_is_mine(const struct bu_engine *engine)
{
  pid_t owner = bu_atomic_load(&engine->process);

  return owner == 0 || owner == getpid();
}

static void stop_threads(struct bu_engine *engine)
{
  unsigned i;

  (void)pthread_mutex_lock(&engine->lock);
  engine->shared.stop = 1;
  (void)pthread_cond_broadcast(&engine->work);
  (void)pthread_mutex_unlock(&engine->lock);
  if(engine->shared.started) {
    (void)curl_multi_wakeup(engine->multi);
    (void)pthread_join(engine->io, NULL);
  }
  for(i = 0; i < engine->workers_started; i++)
    (void)pthread_join(engine->workers[i], NULL);
}

void bu_engine_release(struct bu_engine *engine)
{
  int last;

  (void)pthread_mutex_lock(&process.lock);
  last = --engine->users == 0;
  if(last && process.engine == engine)
    process.engine = NULL;
  (void)pthread_mutex_unlock(&process.lock);
  if(!last)
    return;
  bu_engine_stop_all(engine, NULL);
  stop_threads(engine);
  destroy(engine);
}

static int start_workers_locked(struct bu_engine *engine)
{
  int result = 0;

  while(result == 0 && engine->workers_started < WORKERS) {
    result = bu_thread_start(&engine->workers[engine->workers_started],
                             run_worker, engine);
    if(result == 0)
      engine->workers_started++;
  }
  /* One will do. */
  return engine->workers_started > 0 ? 0 : result;
}

static int start_locked(struct bu_engine *engine, int nice,
                        struct bu_error *error)
{
  int result;

  if(engine->shared.started)
    return BU_OK;
  if(!engine->multi)
    engine->multi = curl_multi_init();
  if(!engine->multi)
    return bu_error_memory(error);
  (void)curl_multi_setopt(engine->multi, CURLMOPT_MAXCONNECTS,
                          CONNECTIONS_KEPT);
  engine->nice = nice;
  result = start_workers_locked(engine);
  if(result == 0)
    result = bu_thread_start(&engine->io, run_io, engine);
  if(result != 0)
    return bu_error_system(error, result, "starting a thread");
  engine->shared.started = 1;
  bu_atomic_store(&engine->process, getpid());
  return BU_OK;
}

/* Submit and cancel. */

static int check(const struct bu_engine *engine,
                 const struct bu_exchange *exchange, struct bu_error *error)
{
  if(!bu_engine_is_mine(engine))
    return bu_error_set(error, BU_EFORKED,
                        "this client was made before a fork: make a new one "
                        "in the child process");
  if(exchange->request.url && exchange->request.authorize)
    return bu_origins_check(exchange->settings->origins,
                            exchange->request.url, error);
  return BU_OK;
}

int bu_engine_submit(struct bu_engine *engine, struct bu_exchange *exchange,
                     struct bu_error *error)
{
  int code = check(engine, exchange, error);

  if(code != BU_OK)
    return code;
  (void)pthread_mutex_lock(&engine->lock);
  code = start_locked(engine, exchange->settings->nice, error);
  if(code == BU_OK) {
    exchange->stage =
        bu_exchange_needs_hash(exchange) ? BU_STAGE_HASH : BU_STAGE_READY;
    append_locked(engine, bu_exchange_acquire(exchange));
    (void)pthread_cond_signal(&engine->work);
  }
  (void)pthread_mutex_unlock(&engine->lock);
  if(code == BU_OK)
    (void)curl_multi_wakeup(engine->multi);
  return code;
}

/* Those that no thread has can end at once. */
static int cancel_locked(struct bu_engine *engine,
                         struct bu_exchange *exchange)
{
  bu_exchange_cancel(exchange);
  if(exchange->stage != BU_STAGE_HASH && exchange->stage != BU_STAGE_READY)
    return 0;
  set_canceled(exchange);
  end_locked(engine, exchange);
  return 1;
}

void bu_engine_cancel(struct bu_engine *engine, struct bu_exchange *exchange)
{
  int ended;
  int inside;

  (void)pthread_mutex_lock(&engine->lock);
  inside =
      exchange->stage != BU_STAGE_NEW && exchange->stage != BU_STAGE_ENDED;
  ended = inside && cancel_locked(engine, exchange);
  (void)pthread_mutex_unlock(&engine->lock);
  if(ended)
    deliver(exchange);
  else if(inside)
    (void)curl_multi_wakeup(engine->multi);
}

void bu_engine_stop(struct bu_engine *engine, struct bu_exchange *exchange)
{
  bu_engine_cancel(engine, exchange);
  (void)pthread_mutex_lock(&engine->lock);
  while(exchange->stage != BU_STAGE_NEW && exchange->stage != BU_STAGE_ENDED)
    (void)pthread_cond_wait(&engine->ended, &engine->lock);
  (void)pthread_mutex_unlock(&engine->lock);
}

static struct bu_exchange *find(struct bu_engine *engine,
                                const struct bu_settings *settings)
{
  struct bu_exchange *at;

  (void)pthread_mutex_lock(&engine->lock);
  at = engine->shared.first;
  while(at && settings && at->settings != settings)
    at = at->next;
  if(at)
    (void)bu_exchange_acquire(at);
  (void)pthread_mutex_unlock(&engine->lock);
  return at;
}

void bu_engine_stop_all(struct bu_engine *engine,
                        const struct bu_settings *settings)
{
  struct bu_exchange *exchange;

  for(exchange = find(engine, settings); exchange;
      exchange = find(engine, settings)) {
    bu_engine_stop(engine, exchange);
    bu_exchange_release(exchange);
  }
}
