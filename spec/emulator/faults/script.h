/* Parses a fault script. Anything unknown in it is an error. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_SCRIPT_H
#define EM_SCRIPT_H

#include "base/base.h"
#include "faults/fault.h"

/* Returns NULL and the reason when the script is invalid. */
struct em_script *em_script_read(json_t *json, char *reason, size_t size);
void em_script_free(struct em_script *script);

#endif
