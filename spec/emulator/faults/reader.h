/* Reads and checks values in a JSON object. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_READER_H
#define EM_READER_H

#include "base/base.h"

/* Where the error message goes. */
struct em_reader {
  char *reason;
  size_t size;
};

/* Writes the error message. Always returns -1. */
int em_reader_fail(struct em_reader *reader, const char *format, ...)
    EM_PRINTF(2, 3);

/* Fails on keys that are in neither list. A list looks like " status headers
   ". */
int em_reader_check_keys(struct em_reader *reader, json_t *object,
                         const char *known, const char *more);

/* Both leave `out` unchanged when the key is missing. em_reader_word stores an
   index into `words`, which ends with NULL. */
int em_reader_word(struct em_reader *reader, json_t *object, const char *key,
                   const char *const *words, int *out);
int em_reader_number(struct em_reader *reader, json_t *object,
                     const char *key, int64_t low, int64_t high,
                     int64_t *out);

#endif
