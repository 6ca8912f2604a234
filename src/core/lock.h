/* lock: a file whose bytes stand for what one process at a time may do.
 * SPDX-License-Identifier: MIT */
#ifndef BU_LOCK_H
#define BU_LOCK_H

#include "error.h"

#include <stdint.h>

/* Record locks (fcntl): however many places are taken, there is one file,
 * which stays empty. They vanish with the process, and aren't inherited by
 * its children. A process may have each file open only once, since it loses
 * its locks when it closes any descriptor of the file (POSIX, fcntl). */
struct bu_lock;

/* Opens the file, or makes it with mode 0600. NULL with *error filled, also
 * for one that others may write to or replace: BU_EUNSAFE. */
struct bu_lock *bu_lock_open(const char *path, struct bu_error *error);
void bu_lock_close(struct bu_lock *lock); /* NULL is fine */

/* BU_ELOCKED when another process has the place. Doesn't wait. */
int bu_lock_take(struct bu_lock *lock, int64_t place, struct bu_error *error);
int bu_lock_release(struct bu_lock *lock, int64_t place,
                    struct bu_error *error);

#endif
