/* io_thread: sends exchanges and receives their replies.
 * SPDX-License-Identifier: MIT */
#ifndef BU_IO_THREAD_H
#define BU_IO_THREAD_H

/* The thread's function, for a struct bu_engine; it returns NULL once the
 * engine stops. All exchanges must have been stopped before. */
void *bu_io_thread_run(void *engine);

#endif
