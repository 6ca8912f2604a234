/* lane: how many exchanges of one upload may be on the network at once.
 * SPDX-License-Identifier: MIT */
#include "lane.h"

#include "compat.h"

#include <stdlib.h>

struct bu_lane {
  unsigned references;
  pthread_mutex_t lock;
  struct {
    unsigned width;
    unsigned inside;
  } shared; /* under the lock */
};

struct bu_lane *bu_lane_new(unsigned width)
{
  struct bu_lane *lane = calloc(1, sizeof(*lane));

  if(!lane)
    return NULL;
  if(pthread_mutex_init(&lane->lock, NULL) != 0) {
    free(lane);
    return NULL;
  }
  lane->references = 1;
  lane->shared.width = width;
  return lane;
}

struct bu_lane *bu_lane_acquire(struct bu_lane *lane)
{
  bu_ref(&lane->references);
  return lane;
}

void bu_lane_release(struct bu_lane *lane)
{
  if(!lane || !bu_unref(&lane->references))
    return;
  (void)pthread_mutex_destroy(&lane->lock);
  free(lane);
}

void bu_lane_set_width(struct bu_lane *lane, unsigned width)
{
  (void)pthread_mutex_lock(&lane->lock);
  lane->shared.width = width;
  (void)pthread_mutex_unlock(&lane->lock);
}

int bu_lane_enter(struct bu_lane *lane)
{
  int entered;

  if(!lane)
    return 1;
  (void)pthread_mutex_lock(&lane->lock);
  entered = lane->shared.inside < lane->shared.width;
  if(entered)
    lane->shared.inside++;
  (void)pthread_mutex_unlock(&lane->lock);
  return entered;
}

void bu_lane_leave(struct bu_lane *lane)
{
  if(!lane)
    return;
  (void)pthread_mutex_lock(&lane->lock);
  lane->shared.inside--;
  (void)pthread_mutex_unlock(&lane->lock);
}
