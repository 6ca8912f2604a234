/* source: where the bytes of a request's body come from.
 * SPDX-License-Identifier: MIT */
#ifndef BU_SOURCE_H
#define BU_SOURCE_H

#include "file.h"

#include <stddef.h>

/* A slice of a file, or of the caller's memory (not copied: it must outlive
 * the source). The position is private, so a retry can rewind. */
struct bu_source {
  struct bu_file *file; /* owned, or NULL */
  const char *memory;   /* when file is NULL */
  int64_t offset; /* of the slice's first byte in the file that it is of */
  int64_t data_offset; /* the same, where `file` is only a piece of that */
  int64_t length;
  int64_t position; /* in the slice */
};

void bu_source_file(struct bu_source *source, struct bu_file *file,
                    int64_t offset, int64_t length);
void bu_source_memory(struct bu_source *source, const void *memory,
                      size_t length);
/* Lets go of the file or the memory: what it was a slice of stays told, but
 * there is nothing to read. */
void bu_source_free(struct bu_source *source);

/* Up to room bytes; 0 at the end, -1 with *error filled. A file that ends
 * inside the slice is BU_ECHANGED: a short body is never sent as if whole. */
int64_t bu_source_read(struct bu_source *source, void *data, size_t room,
                       struct bu_error *error);
/* BU_OK, or BU_EINVALID for a position outside the slice. */
int bu_source_seek(struct bu_source *source, int64_t position);

#endif
