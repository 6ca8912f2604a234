/* Locks and unlocks mutexes. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_LOCK_H
#define EM_LOCK_H

#include "base/base.h"

/* Both abort on failure: a default mutex fails only if it is invalid. */
void em_lock(pthread_mutex_t *mutex);
void em_unlock(pthread_mutex_t *mutex);

#endif
