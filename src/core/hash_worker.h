/* hash_worker: takes the SHA-1 of bodies before they are sent.
 * SPDX-License-Identifier: MIT */
#ifndef BU_HASH_WORKER_H
#define BU_HASH_WORKER_H

/* The thread's function, for a struct bu_engine; it returns NULL once the
 * engine stops. */
void *bu_hash_worker_run(void *engine);

#endif
