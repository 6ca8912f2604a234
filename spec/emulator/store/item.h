/* A file or a folder. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_ITEM_H
#define EM_ITEM_H

#include "base/base.h"
#include "base/digest.h"
#include "base/lag.h"
#include "store/user.h"

#define EM_ID_SIZE 24
#define EM_ROOT_ID 0

struct em_item {
  int64_t id;
  int64_t parent;
  bool folder;
  bool deleted;
  char *name;
  char *folded_name;
  char *description;
  int64_t revision; /* etag and sequence_id */
  int64_t version;  /* id of the file version */
  int64_t size;
  char sha1[EM_SHA1_HEX];
  time_t created_at;
  time_t modified_at;
  time_t trashed_at; /* 0: not in the trash */
  time_t content_created_at;
  time_t content_modified_at;
  char created_by[EM_USER_SIZE];
  char modified_by[EM_USER_SIZE];
  int64_t part_size;           /* of the upload; `plan` compares parts */
  unsigned char *part_digests; /* SHA-512; NULL: not needed yet */
  struct em_lag lag;           /* of lookups */
  json_t *versions;            /* all of them, the oldest first */
  json_t *shown;        /* what lookups show meanwhile; NULL: nothing */
  struct em_item *next; /* in the same bucket */
};

/* Returns -1 for anything but an id, such as "0" or "243696906120". */
int em_id_parse(const char *text, int64_t *out);

void em_item_free(struct em_item *item);
int em_item_rename(struct em_item *item, const char *name);

#endif
