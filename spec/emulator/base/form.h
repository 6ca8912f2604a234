/* Bodies of application/x-www-form-urlencoded. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_FORM_H
#define EM_FORM_H

#include "base/base.h"

/* An object of strings, or NULL for what is no such form. */
json_t *em_form_parse(const char *bytes, size_t size);

#endif
