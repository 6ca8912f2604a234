/* buffer: bytes that grow up to a limit.
 * SPDX-License-Identifier: MIT */
#ifndef BU_BUFFER_H
#define BU_BUFFER_H

#include <stddef.h>

struct bu_buffer {
  char *data; /* NUL-terminated whenever not NULL */
  size_t length;
  size_t capacity;
  size_t limit; /* the most bytes that it may hold */
};

void bu_buffer_init(struct bu_buffer *buffer, size_t limit);
void bu_buffer_free(struct bu_buffer *buffer);
void bu_buffer_reset(struct bu_buffer *buffer);

/* 0, BU_ELIMIT (nothing appended) or BU_EMEMORY. */
int bu_buffer_append(struct bu_buffer *buffer, const void *data,
                     size_t length);

#endif
