/* A seeded generator of random numbers. */
/* SPDX-License-Identifier: MIT */
#include "base/random.h"
#include "base/lock.h"

#include <sys/random.h>

int em_random_init(struct em_random *random, int64_t seed)
{
  random->state = (uint64_t)seed;
  if(seed < 0 && getrandom(&random->state, sizeof(random->state), 0) !=
                     (ssize_t)sizeof(random->state))
    return -1;
  return pthread_mutex_init(&random->lock, NULL) ? -1 : 0;
}

void em_random_free(struct em_random *random)
{
  pthread_mutex_destroy(&random->lock);
}

/* SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). Unlike rand(3), it gives
   the same numbers for a seed on every machine. */
uint64_t em_random_next(struct em_random *random)
{
  uint64_t z;
  em_lock(&random->lock);
  random->state += UINT64_C(0x9E3779B97F4A7C15);
  z = random->state;
  em_unlock(&random->lock);
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

void em_random_hex(struct em_random *random, char *out, size_t digits,
                   bool upper)
{
  const char *alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  uint64_t word = 0;
  size_t i;
  for(i = 0; i < digits; i++) {
    if(i % 16 == 0)
      word = em_random_next(random);
    out[i] = alphabet[word & 15];
    word >>= 4;
  }
  out[digits] = '\0';
}
