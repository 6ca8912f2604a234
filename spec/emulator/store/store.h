/* The account: a tree of folders and files. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_STORE_H
#define EM_STORE_H

#include "base/base.h"
#include "store/item.h"
#include "store/root.h"

#define EM_BUCKETS 16384

struct em_store {
  pthread_mutex_t lock;
  const struct em_root *root;
  struct em_item **items; /* [id - first]; [0] is the root folder */
  size_t count;
  size_t room;
  int64_t first;
  int64_t next_version;
  int64_t used; /* bytes in all files */
  size_t files;
  struct em_item *buckets[EM_BUCKETS];
};

/* Where an upload goes, and what it brings. */
struct em_delivery {
  int64_t folder;   /* of a new file */
  int64_t file;     /* of a new version; -1: a new file */
  const char *name; /* NULL: the version keeps its name */
  const char *path; /* the finished bytes, moved away */
  const char *sha1;
  int64_t size;
  int64_t part_size;
  const char *description;   /* NULL: none given */
  time_t content_created_at; /* -1: none given */
  time_t content_modified_at;
  const char *if_match; /* NULL: none given */
  const char *if_none_match;
};

enum em_store_verdict {
  EM_STORE_FINE,
  EM_STORE_NO_PARENT,
  EM_STORE_NO_FILE,
  EM_STORE_CONFLICT,
  EM_STORE_PRECONDITION,
  EM_STORE_BROKEN
};

int em_store_init(struct em_store *store, const struct em_root *root);
void em_store_free(struct em_store *store);

struct em_item *em_store_find_locked(struct em_store *store, int64_t id,
                                     bool folder);
struct em_item *em_store_named_locked(struct em_store *store, int64_t parent,
                                      const char *folded);
int em_store_path_locked(struct em_store *store, const struct em_item *item,
                         char out[PATH_MAX]);

/* Whether this name could be taken now; the conflicting item's form goes
   to `conflict`. `file` >= 0: that file may have it. */
enum em_store_verdict em_store_check(struct em_store *store, int64_t parent,
                                     int64_t file, const char *name,
                                     json_t **conflict);

/* Takes in a file; `out` is its full form, or that of the conflict. */
enum em_store_verdict em_store_deliver(struct em_store *store,
                                       const struct em_delivery *delivery,
                                       json_t **out);

enum em_store_verdict em_store_make_folder(struct em_store *store,
                                           int64_t parent, const char *name,
                                           json_t **out);

enum em_store_verdict em_store_remove_file(struct em_store *store,
                                           int64_t id);

/* The children of a folder in Box's order, as full forms; false when there
   is no such folder. */
bool em_store_children(struct em_store *store, int64_t folder, json_t **out);

/* The full form of an item, or NULL. */
json_t *em_store_get(struct em_store *store, int64_t id, bool folder);

#endif
