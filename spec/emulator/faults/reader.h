/* Reading checked values out of JSON. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_READER_H
#define EM_READER_H

#include "base/base.h"

/* Where to say what is wrong. */
struct em_reader {
  char *reason;
  size_t size;
};

/* Writes the reason; always -1. */
int em_reader_fail(struct em_reader *reader, const char *format, ...)
    EM_PRINTF(2, 3);

/* Whether an object has no keys but those in `known` and `more`, which are
   lists like " status headers ". */
int em_reader_check_keys(struct em_reader *reader, json_t *object,
                         const char *known, const char *more);

/* These leave `out` as it is when there is no such key. em_reader_word gives the
   index in a list that ends with NULL. */
int em_reader_word(struct em_reader *reader, json_t *object, const char *key,
                   const char *const *words, int *out);
int em_reader_number(struct em_reader *reader, json_t *object,
                     const char *key, int64_t low, int64_t high,
                     int64_t *out);

#endif
