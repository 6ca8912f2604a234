/* Error replies as Box sends them. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_ERROR_H
#define EM_ERROR_H

#include "base/base.h"
#include "http/request.h"

/* The "Client error" object of Box's API reference. */
void em_fail(struct em_request *request, unsigned int status,
             const char *code, const char *format, ...) EM_PRINTF(4, 5);

/* The same with a context_info, whose reference this takes. */
void em_fail_info(struct em_request *request, unsigned int status,
                  const char *code, json_t *info, const char *message);

/* 400, naming the parameter. */
void em_fail_parameter(struct em_request *request, const char *code,
                       const char *name, const char *message);

void em_fail_not_found(struct em_request *request);
void em_fail_method(struct em_request *request);
void em_fail_internal(struct em_request *request);

#endif
