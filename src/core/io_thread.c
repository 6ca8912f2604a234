/* io_thread: sends exchanges and receives their replies.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "io_thread.h"

#include "easy.h"
#include "engine_state.h"

/* The thread looks for what may begin at least this often, in seconds. */
#define LOOK_EVERY 1.0
/* The same, once a wake-up has failed. */
#define LOOK_EVERY_IF_DEAF 0.01
/* A round that comes so much later was held up by the system. Seconds. */
#define LAPSE 2.0

static void io_finish(struct bu_engine *engine, struct bu_exchange *exchange,
                      CURLcode result)
{
  bu_easy_close(exchange, result);
  bu_semaphore_post(exchange->semaphore);
  engine->usage.active--;
  bu_lock(&engine->lock);
  bu_engine_end_locked(engine, exchange);
  bu_unlock(&engine->lock);
  bu_engine_deliver(exchange);
}

/* What begins. */

static int io_is_sending(const struct bu_exchange *exchange)
{
  return exchange->stage == BU_STAGE_NETWORK && exchange->request.has_body;
}

/* The bytes a second of each that sends; 0 is no limit. */
static int64_t io_share_locked(const struct bu_engine *engine)
{
  const struct bu_exchange *at;
  unsigned senders = 0;

  for(at = engine->shared.exchanges.first; at; at = at->next)
    senders += (unsigned)io_is_sending(at);
  return bu_limits_share(&engine->shared.limits, senders);
}

static void io_start(struct bu_engine *engine, struct bu_exchange *exchange)
{
  CURL *handle;
  int64_t share;

  bu_lock(&engine->lock);
  share = io_share_locked(engine);
  bu_unlock(&engine->lock);
  handle = bu_easy_open(exchange, &engine->pace, share);

  if(handle && curl_multi_add_handle(engine->multi, handle) == CURLM_OK)
    return;
  if(handle)
    bu_error_memory(&exchange->error);
  io_finish(engine, exchange, CURLE_FAILED_INIT);
}

/* Several at once would try a wrong password several times. */
static int io_is_password_being_tried_locked(const struct bu_engine *engine,
                                             struct bu_settings *settings)
{
  const struct bu_exchange *at = engine->shared.exchanges.first;

  if(!bu_settings_has_untried_password(settings))
    return 0;
  while(at && !(at->stage == BU_STAGE_NETWORK && at->settings == settings))
    at = at->next;
  return at != NULL;
}

/* Whether the exchange may begin; if only later, *wake is brought forward to
 * then. */
static int io_may_start_locked(struct bu_engine *engine,
                               struct bu_exchange *exchange, double now,
                               double *wake)
{
  double until;

  if(exchange->stage != BU_STAGE_READY)
    return 0;
  until = bu_settings_backed_off_until(exchange->settings);
  if(until > now) {
    *wake = until < *wake ? until : *wake;
    return 0;
  }
  if(io_is_password_being_tried_locked(engine, exchange->settings))
    return 0;
  return bu_limits_admit(&engine->shared.limits, &engine->usage, now, wake) &&
         bu_semaphore_trywait(exchange->semaphore,
                              exchange->while_paused ? 1 : 0);
}

static struct bu_exchange *io_next_ready(struct bu_engine *engine,
                                         double *wake)
{
  double now = bu_now();
  struct bu_exchange *at;

  bu_lock(&engine->lock);
  for(at = engine->shared.exchanges.first; at; at = at->next) {
    if(io_may_start_locked(engine, at, now, wake)) {
      at->stage = BU_STAGE_NETWORK;
      bu_usage_begin(&engine->usage, now);
      break;
    }
  }
  bu_unlock(&engine->lock);
  return at;
}

/* Begins what may begin; returns when to look again at the latest. */
static double io_start_ready(struct bu_engine *engine)
{
  double wake = bu_now() + LOOK_EVERY;
  struct bu_exchange *exchange;

  for(exchange = io_next_ready(engine, &wake); exchange;
      exchange = io_next_ready(engine, &wake))
    io_start(engine, exchange);
  return wake;
}

/* What is under way. */

/* Tells the bytes per second of now to those that send, and lets those go on
 * whose turn it is. */
static void io_pace(struct bu_engine *engine)
{
  struct bu_exchange *at;
  struct bu_turn *turn;
  int64_t share;

  bu_lock(&engine->lock);
  engine->pace.bytes_per_second = engine->shared.limits.bytes_per_second;
  share = io_share_locked(engine);
  for(at = engine->shared.exchanges.first; at; at = at->next) {
    if(io_is_sending(at))
      bu_easy_limit_speed(at->easy, share);
  }
  bu_unlock(&engine->lock);
  for(turn = bu_pace_pop(&engine->pace, bu_now()); turn;
      turn = bu_pace_pop(&engine->pace, bu_now()))
    curl_easy_pause(turn->owner, CURLPAUSE_CONT);
}

static struct bu_exchange *io_next_canceled(struct bu_engine *engine)
{
  struct bu_exchange *at;

  bu_lock(&engine->lock);
  at = engine->shared.exchanges.first;
  while(at && !(at->stage == BU_STAGE_NETWORK && bu_exchange_is_canceled(at)))
    at = at->next;
  bu_unlock(&engine->lock);
  return at;
}

static void io_remove_canceled(struct bu_engine *engine)
{
  struct bu_exchange *exchange;

  for(exchange = io_next_canceled(engine); exchange;
      exchange = io_next_canceled(engine)) {
    curl_multi_remove_handle(engine->multi, bu_easy_handle(exchange->easy));
    bu_exchange_fail_canceled(exchange);
    io_finish(engine, exchange, CURLE_ABORTED_BY_CALLBACK);
  }
}

/* Ends what libcurl has done; returns how many. */
static unsigned io_finish_done(struct bu_engine *engine)
{
  unsigned count = 0;
  int left;
  CURLMsg *message;

  for(message = curl_multi_info_read(engine->multi, &left); message;
      message = curl_multi_info_read(engine->multi, &left)) {
    /* The message goes with the handle. */
    CURLcode result = message->data.result;
    CURL *handle = message->easy_handle;

    if(message->msg != CURLMSG_DONE)
      continue;
    curl_multi_remove_handle(engine->multi, handle);
    io_finish(engine, bu_easy_exchange(handle), result);
    count++;
  }
  return count;
}

/* While a process is stopped, or its machine, no reply can come. */
static void io_note_lapse(struct bu_engine *engine)
{
  double now = bu_now();

  if(engine->round_began > 0 && now - engine->round_began > LAPSE)
    engine->lapsed += now - engine->round_began - LOOK_EVERY;
  engine->round_began = now;
}

/* The next whose reply is late; where there is none, *wake is brought forward
 * to when there may be one. */
static struct bu_exchange *io_next_late(struct bu_engine *engine,
                                        double *wake)
{
  double now = bu_now() - engine->lapsed;
  double first = *wake - engine->lapsed;
  struct bu_exchange *at;

  bu_lock(&engine->lock);
  at = engine->shared.exchanges.first;
  while(at && !(at->stage == BU_STAGE_NETWORK &&
                bu_easy_is_late(at->easy, now, &first)))
    at = at->next;
  bu_unlock(&engine->lock);
  *wake = first + engine->lapsed;
  return at;
}

/* Ends what got no whole reply in time; returns how many. */
static unsigned io_end_late(struct bu_engine *engine, double *wake)
{
  struct bu_exchange *exchange;
  unsigned count = 0;

  for(exchange = io_next_late(engine, wake); exchange;
      exchange = io_next_late(engine, wake)) {
    curl_multi_remove_handle(engine->multi, bu_easy_handle(exchange->easy));
    bu_error_set(&exchange->error, BU_ETIMEOUT,
                 "no whole reply in %g seconds after the request",
                 exchange->settings->reply_timeout);
    io_finish(engine, exchange, CURLE_OPERATION_TIMEDOUT);
    count++;
  }
  return count;
}

/* The loop. */

static int io_is_stopping(struct bu_engine *engine)
{
  int stop;

  bu_lock(&engine->lock);
  stop = engine->shared.stop;
  bu_unlock(&engine->lock);
  return stop;
}

/* Rounded up, so as not to spin through the last one. */
static int io_milliseconds_until(double time)
{
  double seconds = time - bu_now();

  return seconds > 0 ? (int)(seconds * 1000.0) + 1 : 0;
}

static void io_wait(struct bu_engine *engine, double until)
{
  double soon = bu_now() + LOOK_EVERY_IF_DEAF;
  CURLMcode result;

  if(bu_atomic_load(&engine->is_deaf) && soon < until)
    until = soon;
  result = curl_multi_poll(engine->multi, NULL, 0,
                           io_milliseconds_until(until), NULL);
  /* So as not to spin where a host has closed our descriptors. */
  if(result != CURLM_OK)
    bu_sleep(LOOK_EVERY_IF_DEAF);
}

void *bu_io_thread_run(void *argument)
{
  struct bu_engine *engine = argument;
  int running;
  unsigned ended;

  bu_thread_nice(engine->nice);
  while(!io_is_stopping(engine)) {
    double wake;

    io_note_lapse(engine);
    io_remove_canceled(engine);
    wake = io_start_ready(engine);
    io_pace(engine);
    curl_multi_perform(engine->multi, &running);
    bu_pace_wake(&engine->pace, &wake);
    /* What has come is read before anything counts as late. One that ended
     * makes room for the next, so look again before waiting. */
    ended = io_finish_done(engine);
    ended += io_end_late(engine, &wake);
    if(ended == 0)
      io_wait(engine, wake);
  }
  io_remove_canceled(engine);
  bu_engine_leave(engine);
  return NULL;
}
