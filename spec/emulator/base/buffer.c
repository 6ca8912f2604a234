/* A growing piece of memory with a limit: request bodies. */
/* SPDX-License-Identifier: MIT */
#include "base/buffer.h"

static int reserve(struct em_buffer *buffer, size_t need)
{
  size_t room = buffer->room ? buffer->room : 1024;
  char *bytes;
  while(room < need)
    room *= 2;
  if(room == buffer->room)
    return 0;
  bytes = realloc(buffer->bytes, room);
  if(!bytes)
    return -1;
  buffer->bytes = bytes;
  buffer->room = room;
  return 0;
}

int em_buffer_add(struct em_buffer *buffer, const void *bytes, size_t size,
                  size_t limit)
{
  if(size > limit || buffer->size > limit - size)
    return -1;
  if(reserve(buffer, buffer->size + size))
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
