/* journal: a private file of lines that survives its writer.
 * SPDX-License-Identifier: MIT */
#ifndef BU_JOURNAL_H
#define BU_JOURNAL_H

#include "buffer.h"
#include "error.h"

#include <stddef.h>

/* Locked (flock) from open to close, so that two processes, or two uploads of
 * one process, never work on the same session; where the file system has no
 * locks, only within the process. A forked child has none of its parent's:
 * there they fail with BU_EFORKED. Mode 0600. */
struct bu_journal;

/* Makes the file with these first bytes, whole or not at all: they are written
 * to a temporary file, which is synced and then linked to path. Where there
 * are no links a crash can leave an empty file. BU_ELOCKED when there is a
 * journal already, BU_EUNSAFE when others may put theirs in its place. */
struct bu_journal *bu_journal_create(const char *path, const void *data,
                                     size_t length, struct bu_error *error);
/* Opens the file and appends all of it to *text; a text of NULL reads nothing.
 * NULL with *error filled: BU_ESYSTEM with sys ENOENT when there is no such
 * file, BU_ELOCKED when another has it, BU_ELIMIT when it is more than *text
 * may hold, BU_EUNSAFE when others than the user may have written it. */
struct bu_journal *bu_journal_open(const char *path, struct bu_buffer *text,
                                   struct bu_error *error);

/* Appends the bytes. They survive a crash of the process at once, and one of
 * the machine after a sync. */
int bu_journal_append(struct bu_journal *journal, const void *data,
                      size_t length, struct bu_error *error);
int bu_journal_sync(struct bu_journal *journal, struct bu_error *error);

/* Replaces the whole text, so that a crash leaves the old one or the new one;
 * the journal stays locked meanwhile. When it fails the old one stays as it
 * was, except that the new one may be in place when only the sync of its
 * folder failed; either way the journal goes on with what is at its path.
 * BU_ELOCKED when that is no longer this journal. */
int bu_journal_replace(struct bu_journal *journal, const void *data,
                       size_t length, struct bu_error *error);

/* Removes the file, unless another one is at its path now, and closes. */
int bu_journal_remove(struct bu_journal *journal, struct bu_error *error);
void bu_journal_close(struct bu_journal *journal); /* NULL is fine */

#endif
