/* limit: how much all clients of a process may send together.
 * SPDX-License-Identifier: MIT */
#ifndef BU_LIMIT_H
#define BU_LIMIT_H

#include <stdint.h>

/* 0 is no limit, for each. */
struct bu_limits {
  unsigned connections;       /* exchanges on the network at once */
  int64_t bytes_per_second;   /* of bodies sent, over all of them */
  double requests_per_minute; /* begun; evenly spaced, without bursts */
};

/* What counts against the limits. */
struct bu_usage {
  unsigned active; /* exchanges on the network */
  int has_started;
  double last_start; /* of a request, by bu_now */
};

/* 1 when another exchange may begin now. Else 0, and *wake is brought forward
 * to when to ask again; not for connections, where one must end first. */
int bu_limits_admit(const struct bu_limits *limits,
                    const struct bu_usage *usage, double now, double *wake);

/* Counts one that begins. */
void bu_usage_begin(struct bu_usage *usage, double now);

/* The share of each of `senders`, in bytes a second; 0 is no limit. */
int64_t bu_limits_share(const struct bu_limits *limits, unsigned senders);

#endif
