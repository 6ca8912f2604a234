/* descriptor: one that only the process that opened it has.
 * SPDX-License-Identifier: MIT */
#ifndef BU_DESCRIPTOR_H
#define BU_DESCRIPTOR_H

/* A child that is forked and lives on without exec would keep what the
 * descriptor stands for: the lock of a journal, a port. So a fork closes it in
 * the child, where its number is then -1. It mustn't move in memory. */
struct bu_descriptor {
  int number; /* or -1 */
  struct bu_descriptor *next;
};

/* Between these two no other thread forks, so that no child gets a descriptor
 * that isn't known yet. `own` takes what open returned, or -1, and leaves
 * errno as it is. */
void bu_descriptor_begin(void);
void bu_descriptor_own(struct bu_descriptor *descriptor, int number);

/* Closes it, if it is open. */
void bu_descriptor_close(struct bu_descriptor *descriptor);
/* Closes `to`, which then has what `from` had; `from` has none. */
void bu_descriptor_move(struct bu_descriptor *to, struct bu_descriptor *from);

/* Whether this process has the same file open by another owned descriptor. */
int bu_descriptor_is_twin(const struct bu_descriptor *descriptor);

#endif
