/* Reads and checks values in a JSON object. */
/* SPDX-License-Identifier: MIT */
#include "faults/reader.h"

#include <stdarg.h>

int em_reader_fail(struct em_reader *reader, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(reader->reason, reader->size, format, arguments);
  va_end(arguments);
  return -1;
}

/* Finds a whole word in a list such as " status headers ". */
static bool listed(const char *list, const char *word)
{
  size_t length = strlen(word);
  const char *at = list;
  if(!length || strchr(word, ' '))
    return false;
  while((at = strstr(at, word)) != NULL) {
    if(at[-1] == ' ' && at[length] == ' ')
      return true;
    at += length;
  }
  return false;
}

int em_reader_check_keys(struct em_reader *reader, json_t *object,
                         const char *known, const char *more)
{
  const char *key;
  json_t *value;
  json_object_foreach(object, key, value)
  {
    if(!listed(known, key) && !listed(more, key))
      return em_reader_fail(reader, "unknown key: %s", key);
  }
  return 0;
}

int em_reader_word(struct em_reader *reader, json_t *object, const char *key,
                   const char *const *words, int *out)
{
  json_t *value = json_object_get(object, key);
  int i;
  if(!value)
    return 0;
  for(i = 0; words[i]; i++) {
    if(json_is_string(value) && !strcmp(json_string_value(value), words[i])) {
      *out = i;
      return 0;
    }
  }
  return em_reader_fail(reader, "%s: not a possible value", key);
}

int em_reader_number(struct em_reader *reader, json_t *object,
                     const char *key, int64_t low, int64_t high, int64_t *out)
{
  json_t *value = json_object_get(object, key);
  if(!value)
    return 0;
  if(!json_is_integer(value) || json_integer_value(value) < low ||
     json_integer_value(value) > high)
    return em_reader_fail(reader, "%s: not a possible value", key);
  *out = json_integer_value(value);
  return 0;
}
