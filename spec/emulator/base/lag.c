/* For how long something stored stays unseen. */
/* SPDX-License-Identifier: MIT */
#include "base/lag.h"
#include "base/wait.h"

void em_lag_start(struct em_lag *lag, int64_t ms, int64_t looks)
{
  lag->until = ms ? em_clock() + (double)ms / 1000 : 0;
  lag->looks = looks;
}

bool em_lag_is_over(const struct em_lag *lag)
{
  return lag->looks == 0 && (lag->until == 0 || em_clock() >= lag->until);
}

bool em_lag_look(struct em_lag *lag)
{
  bool over = em_lag_is_over(lag);
  if(lag->looks > 0)
    lag->looks--;
  return over;
}
