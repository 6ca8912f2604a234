/* buffer: bytes that grow up to a limit.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "buffer.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

void bu_buffer_init(struct bu_buffer *buffer, size_t limit)
{
  memset(buffer, 0, sizeof(*buffer));
  buffer->limit = limit;
}

void bu_buffer_free(struct bu_buffer *buffer)
{
  free(buffer->data);
  bu_buffer_init(buffer, buffer->limit);
}

void bu_buffer_reset(struct bu_buffer *buffer)
{
  buffer->length = 0;
  if(buffer->data)
    buffer->data[0] = '\0';
}

static int buffer_grow(struct bu_buffer *buffer, size_t needed)
{
  size_t capacity = buffer->capacity ? buffer->capacity : 256;
  char *data;

  while(capacity < needed)
    capacity = capacity > (size_t)-1 / 2 ? needed : 2 * capacity;
  data = realloc(buffer->data, capacity);
  if(!data)
    return BU_EMEMORY;
  buffer->data = data;
  buffer->capacity = capacity;
  return BU_OK;
}

int bu_buffer_append(struct bu_buffer *buffer, const void *data,
                     size_t length)
{
  /* No overflow: the length is at most the limit. */
  if(length > buffer->limit - buffer->length)
    return BU_ELIMIT;
  if(buffer->length + length >= buffer->capacity) {
    int code = buffer_grow(buffer, buffer->length + length + 1);

    if(code != BU_OK)
      return code;
  }
  if(length > 0)
    memcpy(buffer->data + buffer->length, data, length);
  buffer->length += length;
  buffer->data[buffer->length] = '\0';
  return BU_OK;
}
