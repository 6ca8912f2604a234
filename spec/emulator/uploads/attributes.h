/* The attributes of a file that come with its bytes. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_ATTRIBUTES_H
#define EM_ATTRIBUTES_H

#include "base/base.h"
#include "store/save.h"

/* Reads what it knows of an object (or of NULL, which has nothing) and
   ignores the rest, as Box does; false with the refusal made. */
bool em_attributes_read(struct em_request *request, json_t *object,
                        struct em_attributes *out);

#endif
