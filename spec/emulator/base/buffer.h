/* A growing buffer with a size limit. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_BUFFER_H
#define EM_BUFFER_H

#include "base/base.h"

struct em_buffer {
  char *bytes;
  size_t size;
  size_t capacity;
};

/* Returns -1 if the limit or the memory is exhausted. */
int em_buffer_add(struct em_buffer *buffer, const void *bytes, size_t size,
                  size_t limit);
void em_buffer_free(struct em_buffer *buffer);

#endif
