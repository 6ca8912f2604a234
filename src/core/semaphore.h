/* semaphore: how many exchanges of one upload may be on the network at once.
 * SPDX-License-Identifier: MIT */
#ifndef BU_SEMAPHORE_H
#define BU_SEMAPHORE_H

/* A POSIX semaphore whose limit may change, and that nobody waits for: the I/O
 * thread tries again when an exchange has ended. Any thread may call.
 * Reference-counted. */
struct bu_semaphore;

struct bu_semaphore *bu_semaphore_new(unsigned limit); /* or NULL */
struct bu_semaphore *bu_semaphore_acquire(struct bu_semaphore *semaphore);
void bu_semaphore_release(struct bu_semaphore *semaphore); /* NULL is fine */

/* Those that are on the network beyond a lower limit go on. */
void bu_semaphore_set_limit(struct bu_semaphore *semaphore, unsigned limit);
/* 1 and a place taken, or 0 when all are taken. A lower limit than `least`
 * counts as that many. NULL has no limit. */
int bu_semaphore_trywait(struct bu_semaphore *semaphore, unsigned least);
/* Gives a place back. */
void bu_semaphore_post(struct bu_semaphore *semaphore);

#endif
