/* journal: a private file of lines that survives its writer.
 * SPDX-License-Identifier: MIT */
#ifndef BU_JOURNAL_H
#define BU_JOURNAL_H

#include "buffer.h"
#include "error.h"

#include <stddef.h>

/* Locked (flock) from open to close, so that two processes, or two uploads of
 * one, never drive the same session. Mode 0600. */
struct bu_journal;

/* Makes the file with these first bytes, whole or not at all: written aside,
 * synced, then renamed to path. BU_ELOCKED when somebody has one there. */
struct bu_journal *bu_journal_create(const char *path, const void *data,
                                     size_t length, struct bu_error *error);
/* Opens what is there and appends all of it to *text. NULL with BU_ESYSTEM
 * and sys ENOENT: there is none. BU_ELIMIT: more than *text may hold. */
struct bu_journal *bu_journal_open(const char *path, struct bu_buffer *text,
                                   struct bu_error *error);

/* Appends the bytes in one write. A crash of the process loses nothing of
 * it; to survive one of the machine, sync. */
int bu_journal_append(struct bu_journal *journal, const void *data,
                      size_t length, struct bu_error *error);
int bu_journal_sync(struct bu_journal *journal, struct bu_error *error);

/* Removes the file, unless another has taken its place, and closes. */
int bu_journal_remove(struct bu_journal *journal, struct bu_error *error);
void bu_journal_close(struct bu_journal *journal); /* NULL is fine */

#endif
