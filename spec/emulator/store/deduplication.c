/* Finds files that contain the same bytes, by size and SHA-512. */
/* SPDX-License-Identifier: MIT */
#include "store/deduplication.h"
#include "base/encoding.h"
#include "base/lock.h"

#include <fcntl.h>
#include <strings.h>
#include <unistd.h>

static int64_t part_count(const struct em_item *item)
{
  return item->size > 0 && item->part_size > 0
             ? (item->size - 1) / item->part_size + 1
             : 0;
}

static int64_t part_length(const struct em_item *item, int64_t index)
{
  int64_t left = item->size - index * item->part_size;
  return left < item->part_size ? left : item->part_size;
}

/* Computed on first use, so that uploads need not wait for it. */
static int digest_parts_locked(struct em_store *store, struct em_item *item)
{
  char path[PATH_MAX];
  unsigned char *digests;
  int64_t i;
  int fd;
  if(item->part_digests)
    return 0;
  if(em_tree_path(&store->tree, item, path))
    return -1;
  fd = open(path, O_RDONLY | O_CLOEXEC);
  if(fd < 0)
    return -1;
  digests = malloc((size_t)part_count(item) * EM_SHA512_SIZE + 1);
  for(i = 0; digests && i < part_count(item); i++) {
    if(em_digest_file(fd, i * item->part_size, part_length(item, i),
                      EVP_sha512(), digests + i * EM_SHA512_SIZE)) {
      free(digests);
      digests = NULL;
    }
  }
  close(fd);
  item->part_digests = digests;
  return digests ? 0 : -1;
}

static bool find_in_item_locked(struct em_store *store, struct em_item *item,
                                int64_t size, const char *sha512,
                                struct em_stored_bytes *out)
{
  int64_t i;
  if(item->folder || item->deleted || digest_parts_locked(store, item))
    return false;
  for(i = 0; i < part_count(item); i++) {
    char hex[EM_SHA512_HEX];
    if(part_length(item, i) != size)
      continue;
    em_hex_encode(hex, item->part_digests + i * EM_SHA512_SIZE,
                  EM_SHA512_SIZE);
    if(strcasecmp(hex, sha512))
      continue;
    out->offset = i * item->part_size;
    return !em_tree_path(&store->tree, item, out->path);
  }
  return false;
}

bool em_store_find_bytes(struct em_store *store, int64_t size,
                         const char *sha512, struct em_stored_bytes *out)
{
  bool found = false;
  size_t i;
  em_lock(&store->lock);
  for(i = 0; i < store->tree.count && !found; i++)
    found =
        find_in_item_locked(store, store->tree.items[i], size, sha512, out);
  em_unlock(&store->lock);
  return found;
}
