/* queue: keeps exchanges that have ended until their owner takes them.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "queue.h"

#include "compat.h"
#include "exchange.h"
#include "wake.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

struct bu_queue {
  unsigned references;
  pid_t process;  /* whose it is; atomic */
  int is_threads; /* threads of that process may use it; atomic */
  struct bu_queue *parent;
  struct bu_wake wake;  /* constant within a process */
  pthread_mutex_t lock; /* a child's is taken before its parent's */
  struct {
    struct bu_exchange *first;
    struct bu_exchange *last;
    unsigned children; /* that are raised */
    int woken;
    int raised; /* what the parent and the descriptor show */
  } shared;     /* under the lock */
};

struct bu_queue *bu_queue_new(struct bu_queue *parent, struct bu_error *error)
{
  struct bu_queue *queue = calloc(1, sizeof(*queue));

  if(!queue || pthread_mutex_init(&queue->lock, NULL) != 0) {
    free(queue);
    bu_error_memory(error);
    return NULL;
  }
  /* Now, so that no wait can fail for want of a descriptor. */
  if(bu_wake_open(&queue->wake, error) != BU_OK) {
    pthread_mutex_destroy(&queue->lock);
    free(queue);
    return NULL;
  }
  queue->references = 1;
  queue->process = getpid();
  queue->parent = parent ? bu_queue_acquire(parent) : NULL;
  return queue;
}

struct bu_queue *bu_queue_acquire(struct bu_queue *queue)
{
  bu_ref(&queue->references);
  return queue;
}

void bu_queue_release(struct bu_queue *queue)
{
  struct bu_exchange *exchange;

  if(!queue || !bu_unref(&queue->references))
    return;
  for(exchange = bu_queue_take(queue); exchange;
      exchange = bu_queue_take(queue))
    bu_exchange_release(exchange);
  bu_wake_close(&queue->wake);
  bu_queue_release(queue->parent);
  pthread_mutex_destroy(&queue->lock);
  free(queue);
}

/* The parent process and its other children have the same descriptors. */
static int queue_move_in(struct bu_queue *queue, struct bu_error *error)
{
  struct bu_wake wake;

  if(bu_wake_open(&wake, error) != BU_OK)
    return error->code;
  bu_wake_close(&queue->wake);
  queue->wake = wake;
  if(queue->shared.raised)
    bu_wake_raise(&queue->wake);
  bu_atomic_store(&queue->process, getpid());
  return BU_OK;
}

int bu_queue_enter(struct bu_queue *queue, struct bu_error *error)
{
  for(; queue; queue = queue->parent) {
    if(bu_atomic_load(&queue->process) == getpid())
      continue;
    if(bu_atomic_load(&queue->is_threads))
      return bu_error_forked(error);
    if(queue_move_in(queue, error) != BU_OK)
      return error->code;
  }
  return BU_OK;
}

void bu_queue_open_to_threads(struct bu_queue *queue)
{
  for(; queue; queue = queue->parent)
    bu_atomic_store(&queue->is_threads, 1);
}

static void queue_update_locked(struct bu_queue *queue);

static void queue_count_child(struct bu_queue *parent, int raised)
{
  if(!parent)
    return;
  bu_lock(&parent->lock);
  if(raised)
    parent->shared.children++;
  else
    parent->shared.children--;
  queue_update_locked(parent);
  bu_unlock(&parent->lock);
}

static void queue_update_locked(struct bu_queue *queue)
{
  int raised = queue->shared.first || queue->shared.woken ||
               queue->shared.children > 0;

  if(raised == queue->shared.raised)
    return;
  queue->shared.raised = raised;
  if(raised)
    bu_wake_raise(&queue->wake);
  else
    bu_wake_lower(&queue->wake);
  queue_count_child(queue->parent, raised);
}

void bu_queue_put(struct bu_queue *queue, struct bu_exchange *exchange)
{
  exchange->next = NULL;
  bu_lock(&queue->lock);
  if(queue->shared.first)
    queue->shared.last->next = exchange;
  else
    queue->shared.first = exchange;
  queue->shared.last = exchange;
  queue_update_locked(queue);
  bu_unlock(&queue->lock);
}

struct bu_exchange *bu_queue_take(struct bu_queue *queue)
{
  struct bu_exchange *exchange;

  bu_lock(&queue->lock);
  queue->shared.woken = 0;
  exchange = queue->shared.first;
  if(exchange) {
    queue->shared.first = exchange->next;
    exchange->next = NULL;
    if(!queue->shared.first)
      queue->shared.last = NULL;
  }
  queue_update_locked(queue);
  bu_unlock(&queue->lock);
  return exchange;
}

void bu_queue_wake(struct bu_queue *queue)
{
  bu_lock(&queue->lock);
  queue->shared.woken = 1;
  queue_update_locked(queue);
  bu_unlock(&queue->lock);
}

int bu_queue_descriptor(const struct bu_queue *queue)
{
  return queue->wake.read_fd;
}

/* For poll(2): rounded up, so as not to spin through the last one, and at most
 * a day. */
static int queue_milliseconds(double seconds)
{
  const double day = 86400.0;

  if(seconds < 0)
    return -1;
  if(seconds > day)
    seconds = day;
  return (int)(seconds * 1000.0 + 0.999);
}

int bu_queue_wait(struct bu_queue *queue, double seconds,
                  struct bu_error *error)
{
  struct pollfd wait = {-1, POLLIN, 0};
  int count;

  wait.fd = bu_queue_descriptor(queue);
  count = poll(&wait, 1, queue_milliseconds(seconds));
  /* A kernel that is short of memory for a moment is asked again, as after a
   * signal. */
  if(count < 0 && errno != EINTR && errno != ENOMEM && errno != EAGAIN) {
    bu_error_system(error, errno, "poll");
    return -1;
  }
  if(count > 0 && (wait.revents & (POLLNVAL | POLLERR))) {
    bu_error_set(error, BU_ESYSTEM,
                 "the wake descriptor was closed by the host");
    return -1;
  }
  return count > 0;
}
