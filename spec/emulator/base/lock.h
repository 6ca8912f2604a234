/* Mutexes that cannot fail. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_LOCK_H
#define EM_LOCK_H

#include "base/base.h"

/* A default mutex refuses to be locked or unlocked only when it is broken:
   these abort then. */
void em_lock(pthread_mutex_t *mutex);
void em_unlock(pthread_mutex_t *mutex);

#endif
