/* Parses application/x-www-form-urlencoded bodies. */
/* SPDX-License-Identifier: MIT */
#include "base/form.h"

static int hex_value(char c)
{
  if(c >= '0' && c <= '9')
    return c - '0';
  if(c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if(c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/* Decodes in place up to `end`. NULL: a percent sign without two digits. */
static char *percent_decode(char *text, const char *end)
{
  char *out = text;
  const char *in;
  for(in = text; in < end; in++) {
    if(*in == '%') {
      int high = end - in > 2 ? hex_value(in[1]) : -1;
      int low = end - in > 2 ? hex_value(in[2]) : -1;
      if(high < 0 || low < 0)
        return NULL;
      *out++ = (char)(high * 16 + low);
      in += 2;
    } else if(*in == '+')
      *out++ = ' ';
    else
      *out++ = *in;
  }
  *out = '\0';
  return text;
}

static int add_form_pair(json_t *form, char *pair, char *end)
{
  char *equals = memchr(pair, '=', (size_t)(end - pair));
  char *key;
  char *value;
  if(!equals)
    return pair == end ? 0 : -1;
  value = percent_decode(equals + 1, end);
  key = percent_decode(pair, equals);
  if(!key || !value)
    return -1;
  return json_object_set_new(form, key, json_string(value));
}

json_t *em_form_parse(const char *bytes, size_t size)
{
  char *copy = malloc(size + 1);
  json_t *form = json_object();
  char *at = copy;
  bool fine = copy != NULL;
  if(copy && size)
    memcpy(copy, bytes, size);
  if(copy)
    copy[size] = '\0';
  while(fine && at < copy + size) {
    char *end = memchr(at, '&', (size_t)(copy + size - at));
    if(!end)
      end = copy + size;
    fine = !add_form_pair(form, at, end);
    at = end + 1;
  }
  free(copy);
  if(fine)
    return form;
  json_decref(form);
  return NULL;
}
