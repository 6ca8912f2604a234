/* Rules for the names of files and folders. */
/* SPDX-License-Identifier: MIT */
#include "store/name.h"

#include <wchar.h>
#include <wctype.h>

/* In ASCII and in Latin-1, this bit tells small letters from capital ones. */
#define EM_SMALL 0x20

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

/* The second byte of the letter that a capital letter and a combining mark
   (U+0300 to U+033F, given by its second byte) make; 0: none. */
static unsigned char composed_capital(char letter, unsigned char mark)
{
  static const struct {
    unsigned char mark;
    const char *letters;
    const char *composed;
  } marks[] = {{0x80, "AEIOU", "\x80\x88\x8C\x92\x99"},
               {0x81, "AEIOUY", "\x81\x89\x8D\x93\x9A\x9D"},
               {0x82, "AEIOU", "\x82\x8A\x8E\x94\x9B"},
               {0x83, "ANO", "\x83\x91\x95"},
               {0x88, "AEIOU", "\x84\x8B\x8F\x96\x9C"},
               {0x8A, "A", "\x85"},
               {0xA7, "C", "\x87"}};
  size_t i;
  for(i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
    const char *at = strchr(marks[i].letters, letter);
    if(letter && at && marks[i].mark == mark)
      return (unsigned char)marks[i].composed[at - marks[i].letters];
  }
  return 0;
}

static unsigned char composed_letter(const char *at)
{
  unsigned char small = (unsigned char)at[0] & EM_SMALL;
  unsigned char composed;
  if((unsigned char)at[0] >= 0x80 || (unsigned char)at[1] != 0xCC)
    return 0;
  composed =
      composed_capital((char)(at[0] & ~EM_SMALL), (unsigned char)at[2]);
  return composed ? composed | small : 0;
}

char *em_name_compose(const char *name)
{
  char *out = malloc(strlen(name) + 1);
  size_t used = 0;
  if(!out)
    return NULL;
  while(*name) {
    unsigned char composed = composed_letter(name);
    if(composed) {
      out[used++] = (char)0xC3;
      out[used++] = (char)composed;
      name += 3;
    } else
      out[used++] = *name++;
  }
  out[used] = '\0';
  return out;
}
