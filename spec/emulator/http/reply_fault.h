/* Faults that change a reply. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_REPLY_FAULT_H
#define EM_REPLY_FAULT_H

#include "base/base.h"
#include "http/request.h"

/* Both use the parameters of the request's fault. */
void em_replace_with_garbage(struct em_request *request);
void em_set_reply_fields(struct em_request *request);

#endif
