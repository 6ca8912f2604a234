/* Error replies in Box's format. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_ERROR_H
#define EM_ERROR_H

#include "base/base.h"
#include "http/request.h"

/* Box's "Client error" object (API reference, resources/client-error). */
void em_fail(struct em_request *request, unsigned int status,
             const char *code, const char *format, ...) EM_PRINTF(4, 5);

/* The same with a context_info. Takes over the reference to `info`. */
void em_fail_info(struct em_request *request, unsigned int status,
                  const char *code, json_t *info, const char *message);

/* 400, with the parameter in context_info. */
void em_fail_parameter(struct em_request *request, const char *code,
                       const char *name, const char *message);

void em_fail_not_found(struct em_request *request);
void em_fail_method(struct em_request *request);
void em_fail_internal(struct em_request *request);

#endif
