/* source: where the bytes of a request's body come from.
 * SPDX-License-Identifier: MIT */
#ifndef BU_SOURCE_H
#define BU_SOURCE_H

#include "file.h"

#include <stddef.h>

/* A slice of a file, or of the caller's memory, which must outlive the source.
 * The position is its own, so a retry can rewind. */
struct bu_source {
  struct bu_file *file; /* owned, or NULL */
  const char *memory;   /* when file is NULL */
  int64_t offset;       /* of the slice in the whole file */
  int64_t data_offset; /* of the slice in `file`, which may be a spooled piece
                          of the whole file */
  int64_t length;
  int64_t position; /* in the slice */
};

void bu_source_file(struct bu_source *source, struct bu_file *file,
                    int64_t offset, int64_t length);
void bu_source_memory(struct bu_source *source, const void *memory,
                      size_t length);
/* Releases the file or the memory. Offset and length stay, but there is
 * nothing left to read. */
void bu_source_free(struct bu_source *source);

/* Up to room bytes; 0 at the end, -1 with *error filled. A file that ends
 * inside the slice is BU_ECHANGED: a short body is never sent as if whole. */
int64_t bu_source_read(struct bu_source *source, void *data, size_t room,
                       struct bu_error *error);
/* BU_OK, or BU_EINVALID for a position outside the slice. */
int bu_source_seek(struct bu_source *source, int64_t position);

#endif
