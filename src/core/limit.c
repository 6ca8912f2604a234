/* limit: how much all clients of a process may send together.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "limit.h"

int bu_limits_admit(const struct bu_limits *limits,
                    const struct bu_usage *usage, double now, double *wake)
{
  double next;

  if(limits->connections > 0 && usage->active >= limits->connections)
    return 0;
  if(limits->requests_per_minute <= 0 || !usage->has_started)
    return 1;
  /* By the limit of now, which may be another than at the last start. */
  next = usage->last_start + 60.0 / limits->requests_per_minute;
  if(now >= next)
    return 1;
  if(next < *wake)
    *wake = next;
  return 0;
}

void bu_usage_begin(struct bu_usage *usage, double now)
{
  usage->active++;
  usage->has_started = 1;
  usage->last_start = now;
}

int64_t bu_limits_share(const struct bu_limits *limits, unsigned senders)
{
  int64_t share;

  if(limits->bytes_per_second <= 0 || senders == 0)
    return 0;
  share = limits->bytes_per_second / senders;
  return share > 0 ? share : 1;
}
