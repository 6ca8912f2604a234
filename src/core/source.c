/* source: where the bytes of a request's body come from.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "source.h"

#include <string.h>

void bu_source_file(struct bu_source *source, struct bu_file *file,
                    int64_t offset, int64_t length)
{
  memset(source, 0, sizeof(*source));
  source->file = bu_file_acquire(file);
  source->offset = offset;
  source->data_offset = offset;
  source->length = length;
}

void bu_source_memory(struct bu_source *source, const void *memory,
                      size_t length)
{
  memset(source, 0, sizeof(*source));
  source->memory = memory;
  source->length = (int64_t)length;
}

void bu_source_free(struct bu_source *source)
{
  bu_file_release(source->file);
  source->file = NULL;
  source->memory = NULL;
  source->position = source->length;
}

static int64_t source_read_file(struct bu_source *source, void *data,
                                size_t room, struct bu_error *error)
{
  int64_t count =
      bu_file_read(source->file, source->data_offset + source->position, data,
                   room, error);

  if(count >= 0 && (size_t)count < room) {
    bu_error_set(error, BU_ECHANGED,
                 "%.150s changed: it is shorter than it was",
                 bu_file_path(source->file));
    return -1;
  }
  return count;
}

int64_t bu_source_read(struct bu_source *source, void *data, size_t room,
                       struct bu_error *error)
{
  int64_t left = source->length - source->position;
  int64_t count;

  if((int64_t)room > left)
    room = (size_t)left;
  if(room == 0)
    return 0;
  if(source->file) {
    count = source_read_file(source, data, room, error);
  } else {
    memcpy(data, source->memory + source->position, room);
    count = (int64_t)room;
  }
  if(count > 0)
    source->position += count;
  return count;
}

int bu_source_seek(struct bu_source *source, int64_t position)
{
  if(position < 0 || position > source->length)
    return BU_EINVALID;
  source->position = position;
  return BU_OK;
}
