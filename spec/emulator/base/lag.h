/* For how long something stored stays unseen. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_LAG_H
#define EM_LAG_H

#include "base/base.h"

/* Zeros: seen at once. */
struct em_lag {
  double until;  /* em_clock */
  int64_t looks; /* that still see nothing */
};

/* Begins when something is stored; later changes of the options don't matter
   to it. */
void em_lag_start(struct em_lag *lag, int64_t ms, int64_t looks);

/* Whether it can be seen by now. Counts a look. */
bool em_lag_look(struct em_lag *lag);

/* The same without counting a look. */
bool em_lag_is_over(const struct em_lag *lag);

#endif
