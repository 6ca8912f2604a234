/* Parses numbers in options, headers and queries. */
/* SPDX-License-Identifier: MIT */
#include "base/number.h"

#include <errno.h>

int em_number_parse(const char *text, int64_t *out)
{
  char *end;
  long long number;
  int64_t unit = 1;
  if(*text < '0' || *text > '9')
    return -1;
  errno = 0;
  number = strtoll(text, &end, 10);
  if(errno)
    return -1;
  if(*end == 'K' || *end == 'k')
    unit = 1024;
  else if(*end == 'M' || *end == 'm')
    unit = 1024 * 1024;
  else if(*end == 'G' || *end == 'g')
    unit = 1024 * 1024 * 1024;
  if(unit > 1)
    end++;
  if(*end || number > INT64_MAX / unit)
    return -1;
  *out = (int64_t)number * unit;
  return 0;
}
