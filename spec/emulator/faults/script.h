/* Reading a fault script: everything in it must be known. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_SCRIPT_H
#define EM_SCRIPT_H

#include "base/base.h"
#include "faults/fault.h"

/* NULL with a reason. */
struct em_script *em_script_read(json_t *json, char *reason, size_t size);
void em_script_free(struct em_script *script);

#endif
