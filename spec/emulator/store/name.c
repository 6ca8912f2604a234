/* Rules for the names of files and folders. */
/* SPDX-License-Identifier: MIT */
#include "store/name.h"

#include <wchar.h>
#include <wctype.h>

/* The name is valid UTF-8: the JSON decoder has checked it. */
static size_t utf8_length(unsigned char lead)
{
  if(lead < 0x80)
    return 1;
  if(lead < 0xE0)
    return 2;
  return lead < 0xF0 ? 3 : 4;
}

static bool is_forbidden(unsigned char c)
{
  return c < 0x20 || c == 0x7F || c == '/' || c == '\\';
}

enum em_name_result em_name_check(const char *name)
{
  size_t characters = 0;
  size_t size = strlen(name);
  size_t i;
  if(!size || !strcmp(name, ".") || !strcmp(name, "..") ||
     name[size - 1] == ' ')
    return EM_NAME_INVALID;
  for(i = 0; i < size; i += utf8_length((unsigned char)name[i])) {
    if(is_forbidden((unsigned char)name[i]))
      return EM_NAME_INVALID;
    characters++;
  }
  return characters > EM_NAME_MAX ? EM_NAME_TOO_LONG : EM_NAME_OK;
}

/* Simple case folding (Unicode 5.18) adds at most one byte to a character, so
   twice the size is enough. */
char *em_name_fold(const char *name)
{
  size_t size = strlen(name);
  char *out = malloc(size * 2 + MB_CUR_MAX + 1);
  mbstate_t reading;
  mbstate_t writing;
  size_t used = 0;
  if(!out)
    return NULL;
  memset(&reading, 0, sizeof(reading));
  memset(&writing, 0, sizeof(writing));
  while(*name) {
    wchar_t c;
    size_t got = mbrtowc(&c, name, MB_CUR_MAX, &reading);
    size_t put = (size_t)-1;
    if(got != (size_t)-1 && got != (size_t)-2)
      put = wcrtomb(out + used, (wchar_t)towlower((wint_t)c), &writing);
    if(put == (size_t)-1) {
      /* Not a character in this locale: copy the byte. */
      memset(&reading, 0, sizeof(reading));
      memset(&writing, 0, sizeof(writing));
      out[used] = *name;
      got = 1;
      put = 1;
    }
    used += put;
    name += got;
  }
  out[used] = '\0';
  return out;
}
