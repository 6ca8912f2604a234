/* compat: what C99 and POSIX lack or spell differently.
 * SPDX-License-Identifier: MIT */
#ifndef BU_COMPAT_H
#define BU_COMPAT_H

#include <pthread.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

/* C99 has no atomics; gcc and clang have had these since 2012. */
#define bu_atomic_load(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define bu_atomic_store(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

/* A reference count: `bu_unref` is true for the last one. */
#define bu_ref(p) ((void)__atomic_add_fetch((p), 1, __ATOMIC_RELAXED))
#define bu_unref(p) (__atomic_sub_fetch((p), 1, __ATOMIC_ACQ_REL) == 0)

/* Locking fails only when the mutex is misused: not made, or locked by this
 * thread already. So there is nothing to check. */
void bu_lock(pthread_mutex_t *mutex);
void bu_unlock(pthread_mutex_t *mutex);
/* Tries for so many seconds, for the end of a process: a signal handler that
 * ends it may have interrupted the owner of the lock. 0, or -1. */
int bu_lock_within(pthread_mutex_t *mutex, double seconds);

struct timespec bu_stat_mtime(const struct stat *status);
struct timespec bu_stat_ctime(const struct stat *status);

/* Replaces *string by a copy of value, which may be NULL, and frees what it
 * was. 0, or an errno with *string unchanged. */
int bu_string_assign(char **string, const char *value);

/* Whether the process may open another file or socket. */
int bu_has_descriptor(void);

/* As socket(2), close-on-exec. */
int bu_socket(int family, int type, int protocol);

/* The same descriptor, or a copy in its place: never one of the standard
 * streams, which the host may have closed and still prints to. -1 with errno
 * when it is -1 or there is no other. */
int bu_above_standard(int number);

/* Makes a file with mode 0600 from the template of mkstemp, with further
 * flags of open. Close-on-exec. -1 with errno. */
int bu_temporary(char *template, int flags);

/* fsync(2), again after a signal. 0, or -1 with errno. */
int bu_fsync(int descriptor);

/* Closes a descriptor whose bytes are synced, or no longer matter: an error
 * would change nothing. */
void bu_close(int descriptor);
/* Removes a file of ours that is no longer needed. If that fails it stays, and
 * does no harm. */
void bu_discard(const char *path);

/* Monotonic seconds. */
double bu_now(void);
/* Sleeps so long, or less when a signal comes; at most a second. */
void bu_sleep(double seconds);

/* The system's text for an errno. */
void bu_strerror(int sys, char *text, size_t size);

/* Starts a thread that blocks the host's signals, but not those that a fault
 * in this thread raises. 0 or an errno. */
int bu_thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

/* Lowers the priority of the calling thread, as nice(1) would for a process.
 * Does nothing outside Linux, where only a whole process has a priority. */
void bu_thread_nice(int increment);

#endif
