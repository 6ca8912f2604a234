/* wake: a descriptor that can be made readable.
 * SPDX-License-Identifier: MIT */
#ifndef BU_WAKE_H
#define BU_WAKE_H

#include "error.h"

/* An eventfd on Linux, a pipe elsewhere; close-on-exec and non-blocking. Not
 * locked. */
struct bu_wake {
  int read_fd;
  int write_fd;
};

int bu_wake_open(struct bu_wake *wake, struct bu_error *error);
void bu_wake_close(struct bu_wake *wake);
/* From raise to lower read_fd is readable. */
void bu_wake_raise(struct bu_wake *wake);
void bu_wake_lower(struct bu_wake *wake);

#endif
