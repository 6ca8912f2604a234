/* The actions of a fault script and their parameters. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_ACTION_H
#define EM_ACTION_H

#include "base/base.h"
#include "faults/fault.h"
#include "faults/reader.h"

const char *em_action_name(enum em_action action);

/* Parses the action of an entry. */
int em_action_read(struct em_reader *reader, struct em_fault *fault,
                   json_t *entry);

#endif
