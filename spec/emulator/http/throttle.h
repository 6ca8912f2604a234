/* Limits the rate at which a request body is read. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_THROTTLE_H
#define EM_THROTTLE_H

#include "base/base.h"
#include "http/request.h"

/* Shrinks the receive buffer, because data that the kernel has buffered
   arrives at full speed. */
void em_throttle_begin(struct em_request *request, int64_t rate);

/* Waits until the bytes received so far are due. `rate` is in bytes per
   second. */
void em_throttle(struct em_request *request, int64_t rate);

#endif
