/* Parses numbers in options, headers and queries. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_NUMBER_H
#define EM_NUMBER_H

#include "base/base.h"

/* "20000000", "8M": K, M and G are powers of 1024. */
int em_number_parse(const char *text, int64_t *out);

#endif
