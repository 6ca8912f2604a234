/* A growing piece of memory with a limit: request bodies. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_BUFFER_H
#define EM_BUFFER_H

#include "base/base.h"

struct em_buffer {
  char *bytes;
  size_t size;
  size_t capacity;
};

/* 0, or -1 when memory or the limit is exhausted. */
int em_buffer_add(struct em_buffer *buffer, const void *bytes, size_t size,
                  size_t limit);
void em_buffer_free(struct em_buffer *buffer);

#endif
