/* Finds files that contain the same bytes, by size and SHA-512. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_DEDUPLICATION_H
#define EM_DEDUPLICATION_H

#include "base/base.h"
#include "store/store.h"

#define EM_SHA512_HEX (2 * EM_SHA512_SIZE + 1)

/* Where bytes are on disk. */
struct em_stored_bytes {
  char path[PATH_MAX];
  int64_t offset;
};

/* Compares with the parts of all files, as they were uploaded. `sha512` is
   hexadecimal. */
bool em_store_find_bytes(struct em_store *store, int64_t size,
                         const char *sha512, struct em_stored_bytes *out);

#endif
