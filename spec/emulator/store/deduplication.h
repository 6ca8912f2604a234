/* Finding bytes that some file has already, by size and SHA-512. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_DEDUPLICATION_H
#define EM_DEDUPLICATION_H

#include "base/base.h"
#include "store/store.h"

#define EM_SHA512_HEX (2 * EM_SHA512_SIZE + 1)

/* Where they are on disk. */
struct em_stored_bytes {
  char path[PATH_MAX];
  int64_t offset;
};

/* Compares with the parts that the files were uploaded in. `sha512` is
   hexadecimal. */
bool em_store_find_bytes(struct em_store *store, int64_t size,
                         const char *sha512, struct em_stored_bytes *out);

#endif
