/* semaphore: how many exchanges of one upload may be on the network at once.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "semaphore.h"

#include "compat.h"

#include <stdlib.h>

struct bu_semaphore {
  unsigned references;
  pthread_mutex_t lock;
  struct {
    unsigned limit;
    unsigned taken;
  } shared; /* under the lock */
};

struct bu_semaphore *bu_semaphore_new(unsigned limit)
{
  struct bu_semaphore *semaphore = calloc(1, sizeof(*semaphore));

  if(!semaphore)
    return NULL;
  if(pthread_mutex_init(&semaphore->lock, NULL) != 0) {
    free(semaphore);
    return NULL;
  }
  semaphore->references = 1;
  semaphore->shared.limit = limit;
  return semaphore;
}

struct bu_semaphore *bu_semaphore_acquire(struct bu_semaphore *semaphore)
{
  bu_ref(&semaphore->references);
  return semaphore;
}

void bu_semaphore_release(struct bu_semaphore *semaphore)
{
  if(!semaphore || !bu_unref(&semaphore->references))
    return;
  pthread_mutex_destroy(&semaphore->lock);
  free(semaphore);
}

void bu_semaphore_set_limit(struct bu_semaphore *semaphore, unsigned limit)
{
  bu_lock(&semaphore->lock);
  semaphore->shared.limit = limit;
  bu_unlock(&semaphore->lock);
}

int bu_semaphore_trywait(struct bu_semaphore *semaphore, unsigned least)
{
  unsigned limit;
  int taken;

  if(!semaphore)
    return 1;
  bu_lock(&semaphore->lock);
  limit = semaphore->shared.limit;
  taken = semaphore->shared.taken < (limit > least ? limit : least);
  if(taken)
    semaphore->shared.taken++;
  bu_unlock(&semaphore->lock);
  return taken;
}

void bu_semaphore_post(struct bu_semaphore *semaphore)
{
  if(!semaphore)
    return;
  bu_lock(&semaphore->lock);
  semaphore->shared.taken--;
  bu_unlock(&semaphore->lock);
}
