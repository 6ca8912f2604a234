/* A seeded generator of random numbers. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_RANDOM_H
#define EM_RANDOM_H

#include "base/base.h"

struct em_random {
  pthread_mutex_t lock;
  uint64_t state;
};

/* A negative seed means a random one. */
int em_random_init(struct em_random *random, int64_t seed);
void em_random_free(struct em_random *random);
uint64_t em_random_next(struct em_random *random);

/* Writes `digits` hexadecimal digits and a NUL. */
void em_random_hex(struct em_random *random, char *out, size_t digits,
                   bool upper);

#endif
