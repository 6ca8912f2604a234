/* Dates as Box reads and writes them (RFC 3339, whole seconds). */
/* SPDX-License-Identifier: MIT */
#include "base/date.h"

/* Box shows dates in the account's time zone. This is the default of new
   accounts. */
#define EM_ZONE_HOURS (-7)

static int parse_digits(const char **text, int count, int *out)
{
  *out = 0;
  while(count-- > 0) {
    if(**text < '0' || **text > '9')
      return -1;
    *out = *out * 10 + (**text - '0');
    (*text)++;
  }
  return 0;
}

static int parse_letter(const char **text, const char *allowed)
{
  if(!**text || !strchr(allowed, **text))
    return -1;
  (*text)++;
  return 0;
}

static int parse_date(const char **text, struct tm *tm)
{
  if(parse_digits(text, 4, &tm->tm_year) || parse_letter(text, "-") ||
     parse_digits(text, 2, &tm->tm_mon) || parse_letter(text, "-") ||
     parse_digits(text, 2, &tm->tm_mday) || parse_letter(text, "Tt"))
    return -1;
  tm->tm_year -= 1900;
  tm->tm_mon -= 1;
  return 0;
}

static int parse_time(const char **text, struct tm *tm)
{
  if(parse_digits(text, 2, &tm->tm_hour) || parse_letter(text, ":") ||
     parse_digits(text, 2, &tm->tm_min) || parse_letter(text, ":") ||
     parse_digits(text, 2, &tm->tm_sec))
    return -1;
  return tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 60 ? -1 : 0;
}

static int parse_zone(const char **text, int *seconds)
{
  int hours;
  int minutes;
  int sign = **text == '-' ? -1 : 1;
  *seconds = 0;
  if(!parse_letter(text, "Zz"))
    return 0;
  if(parse_letter(text, "+-") || parse_digits(text, 2, &hours) ||
     parse_letter(text, ":") || parse_digits(text, 2, &minutes) ||
     hours > 23 || minutes > 59)
    return -1;
  *seconds = sign * (hours * 3600 + minutes * 60);
  return 0;
}

int em_date_parse(const char *text, time_t *out)
{
  struct tm tm;
  int zone;
  int day;
  int month;
  memset(&tm, 0, sizeof(tm));
  if(parse_date(&text, &tm) || parse_time(&text, &tm) ||
     parse_zone(&text, &zone) || *text)
    return -1;
  day = tm.tm_mday;
  month = tm.tm_mon;
  if(tm.tm_sec == 60)
    tm.tm_sec = 59;
  *out = timegm(&tm);
  /* timegm turns 31 February into a day in March. */
  if(tm.tm_mday != day || tm.tm_mon != month)
    return -1;
  *out -= zone;
  return *out < 0 ? -1 : 0;
}

static void format_time(char out[EM_DATE_SIZE], const char *shape,
                        time_t when)
{
  struct tm tm;
  if(!gmtime_r(&when, &tm) || !strftime(out, EM_DATE_SIZE, shape, &tm))
    out[0] = '\0';
}

void em_date_format(char out[EM_DATE_SIZE], time_t when)
{
  size_t length;
  format_time(out, "%Y-%m-%dT%H:%M:%S", when + EM_ZONE_HOURS * 3600);
  length = strlen(out);
  snprintf(out + length, EM_DATE_SIZE - length, "-%02d:00", -EM_ZONE_HOURS);
}

void em_date_format_utc(char out[EM_DATE_SIZE], time_t when)
{
  format_time(out, "%Y-%m-%dT%H:%M:%SZ", when);
}

void em_date_format_http(char out[EM_DATE_SIZE], time_t when)
{
  format_time(out, "%a, %d %b %Y %H:%M:%S GMT", when);
}
