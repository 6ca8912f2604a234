/* Parses application/x-www-form-urlencoded bodies. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_FORM_H
#define EM_FORM_H

#include "base/base.h"

/* Returns an object of strings, or NULL if the body is invalid. */
json_t *em_form_parse(const char *bytes, size_t size);

#endif
