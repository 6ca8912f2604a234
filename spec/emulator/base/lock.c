/* Locks and unlocks mutexes. */
/* SPDX-License-Identifier: MIT */
#include "base/lock.h"

void em_lock(pthread_mutex_t *mutex)
{
  if(pthread_mutex_lock(mutex))
    abort();
}

void em_unlock(pthread_mutex_t *mutex)
{
  if(pthread_mutex_unlock(mutex))
    abort();
}
