/* limit: how much all clients of a process may send together.
 * SPDX-License-Identifier: MIT */
#include "limit.h"

int bu_limits_admit(const struct bu_limits *limits,
                    const struct bu_usage *usage, double now, double *wake)
{
  if(limits->connections > 0 && usage->active >= limits->connections)
    return 0;
  if(limits->requests_per_minute > 0 && now < usage->next_start) {
    if(usage->next_start < *wake)
      *wake = usage->next_start;
    return 0;
  }
  return 1;
}

void bu_limits_begin(const struct bu_limits *limits, struct bu_usage *usage,
                     double now)
{
  double from = usage->next_start > now ? usage->next_start : now;

  usage->active++;
  usage->next_start = limits->requests_per_minute > 0
                          ? from + 60.0 / limits->requests_per_minute
                          : 0;
}

int64_t bu_limits_share(const struct bu_limits *limits, unsigned senders)
{
  int64_t share;

  if(limits->bytes_per_second <= 0 || senders == 0)
    return 0;
  share = limits->bytes_per_second / senders;
  return share > 0 ? share : 1;
}
