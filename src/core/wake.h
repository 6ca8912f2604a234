/* wake: a descriptor that is readable while it is raised.
 * SPDX-License-Identifier: MIT */
#ifndef BU_WAKE_H
#define BU_WAKE_H

#include "error.h"

/* An eventfd on Linux, a pipe elsewhere; close-on-exec and non-blocking. */
struct bu_wake {
  int read_fd;
  int write_fd;
};

int bu_wake_open(struct bu_wake *wake, struct bu_error *error);
void bu_wake_close(struct bu_wake *wake);
void bu_wake_raise(struct bu_wake *wake);
void bu_wake_lower(struct bu_wake *wake);

#endif
