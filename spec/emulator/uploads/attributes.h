/* Reads the file attributes that a client sends with an upload. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_ATTRIBUTES_H
#define EM_ATTRIBUTES_H

#include "base/base.h"
#include "store/save.h"

/* Ignores unknown attributes, as Box does. `object` may be NULL. False: the
   error reply is set. */
bool em_attributes_read(struct em_request *request, json_t *object,
                        struct em_attributes *out);

#endif
