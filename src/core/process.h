/* process: the one engine that all clients of a process share.
 * SPDX-License-Identifier: MIT */
#ifndef BU_PROCESS_H
#define BU_PROCESS_H

#include "engine.h"

/* All functions may be called from any thread. */

/* The process's engine, made by the first call. Each call needs a release;
 * the last release frees the engine, and waits for its threads. A child
 * process gets an engine of its own. NULL with *error filled. */
struct bu_engine *bu_process_acquire_engine(struct bu_error *error);
/* The engine must be of this process, see bu_engine_is_mine. */
void bu_process_release_engine(struct bu_engine *engine);

/* The limits of the process's engine, and of those made later. */
void bu_process_set_limits(const struct bu_limits *limits);
struct bu_limits bu_process_limits(void);

#endif
