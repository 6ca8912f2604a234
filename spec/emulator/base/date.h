/* Dates as Box reads and writes them (RFC 3339, whole seconds). */
/* SPDX-License-Identifier: MIT */
#ifndef EM_DATE_H
#define EM_DATE_H

#include "base/base.h"

#define EM_DATE_SIZE 32

/* Returns -1 for what Box refuses: a date that is not valid in RFC 3339, has a
   fraction of a second, or is before 1970. */
int em_date_parse(const char *text, time_t *out);

/* With a numeric offset, as in file and folder objects. */
void em_date_format(char out[EM_DATE_SIZE], time_t when);

/* With a trailing Z, as in session_expires_at. */
void em_date_format_utc(char out[EM_DATE_SIZE], time_t when);

/* RFC 7231 7.1.1.1, for the date header. */
void em_date_format_http(char out[EM_DATE_SIZE], time_t when);

#endif
