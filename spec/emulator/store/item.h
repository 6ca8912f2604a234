/* A file or a folder, and its JSON forms. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_ITEM_H
#define EM_ITEM_H

#include "base/base.h"
#include "base/digest.h"

#define EM_ID_SIZE 24
#define EM_ROOT_ID 0

struct em_item {
  int64_t id;
  int64_t parent;
  bool folder;
  bool gone;
  char *name;
  char *folded;
  char *description;
  int64_t revision; /* etag and sequence_id */
  int64_t version;  /* id of the file version */
  int64_t size;
  char sha1[EM_SHA1_HEX];
  time_t created_at;
  time_t modified_at;
  time_t content_created_at;
  time_t content_modified_at;
  int64_t part_size;     /* the grid that plan compares */
  unsigned char *sha512; /* of each part, once plan has asked */
  struct em_item *next;  /* with the same hash */
};

struct em_store;

/* "0", "243696906120": 0, or -1 for what is no id. */
int em_id_parse(const char *text, int64_t *out);

void em_item_free(struct em_item *item);

/* The forms of Box's description: full, mini (in lists), conflict. The
   caller holds the lock of the store. */
json_t *em_item_full_locked(struct em_store *store, struct em_item *item);
json_t *em_item_mini_locked(const struct em_item *item);

/* Keeps only the fields named, and type, id and etag, which always come. */
void em_item_select(json_t *object, const char *fields);

#endif
