/* Faults that change a reply: garbage, and fields with other values. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_REPLY_FAULT_H
#define EM_REPLY_FAULT_H

#include "base/base.h"
#include "http/request.h"

/* Both take what the request's fault says. */
void em_replace_with_garbage(struct em_request *request);
void em_set_reply_fields(struct em_request *request);

#endif
