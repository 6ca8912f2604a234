/* A growing buffer with a size limit. */
/* SPDX-License-Identifier: MIT */
#include "base/buffer.h"

static int grow_buffer(struct em_buffer *buffer, size_t need)
{
  size_t capacity = buffer->capacity ? buffer->capacity : 1024;
  char *bytes;
  while(capacity < need)
    capacity *= 2;
  if(capacity == buffer->capacity)
    return 0;
  bytes = realloc(buffer->bytes, capacity);
  if(!bytes)
    return -1;
  buffer->bytes = bytes;
  buffer->capacity = capacity;
  return 0;
}

int em_buffer_add(struct em_buffer *buffer, const void *bytes, size_t size,
                  size_t limit)
{
  if(size > limit || buffer->size > limit - size)
    return -1;
  if(grow_buffer(buffer, buffer->size + size))
    return -1;
  memcpy(buffer->bytes + buffer->size, bytes, size);
  buffer->size += size;
  return 0;
}

void em_buffer_free(struct em_buffer *buffer)
{
  free(buffer->bytes);
  memset(buffer, 0, sizeof(*buffer));
}
