/* Reading a body no faster than wanted. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_THROTTLE_H
#define EM_THROTTLE_H

#include "base/base.h"
#include "http/request.h"

/* Limits what the kernel receives ahead of the emulator. */
void em_throttle_begin(struct em_request *request, int64_t rate);

/* Waits until the bytes received so far are due at this rate, in bytes a
   second. */
void em_throttle(struct em_request *request, int64_t rate);

#endif
