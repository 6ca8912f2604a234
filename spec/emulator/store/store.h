/* The files and folders of the account. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_STORE_H
#define EM_STORE_H

#include "base/base.h"
#include "store/tree.h"

struct em_store {
  pthread_mutex_t lock;
  struct em_tree tree;
  int64_t next_version;
  int64_t bytes_used; /* by all files */
  size_t file_count;
};

enum em_store_result {
  EM_STORE_OK,
  EM_STORE_NO_PARENT,
  EM_STORE_NO_FILE,
  EM_STORE_TRASHED,
  EM_STORE_CONFLICT,
  EM_STORE_PRECONDITION,
  EM_STORE_ERROR
};

/* Where an upload goes. */
struct em_destination {
  int64_t folder;   /* of a new file */
  int64_t file;     /* of a new version; -1: a new file */
  const char *name; /* NULL: the version keeps its name */
  bool looked_up;   /* only what lookups show is in the way */
};

int em_store_init(struct em_store *store, const struct em_root *root);
void em_store_free(struct em_store *store);

/* Whether an upload to this destination is possible. `conflict` is the item
   that already has the name. */
enum em_store_result em_store_check(struct em_store *store,
                                    const struct em_destination *destination,
                                    json_t **conflict);
enum em_store_result
em_store_check_locked(struct em_store *store,
                      const struct em_destination *destination,
                      json_t **conflict);

enum em_store_result em_store_make_folder(struct em_store *store,
                                          int64_t parent, const char *name,
                                          json_t **out);

/* Why a file cannot be found: TRASHED or NO_FILE. */
enum em_store_result em_store_absence(struct em_store *store, int64_t id);
enum em_store_result em_store_absence_locked(struct em_store *store,
                                             int64_t id);

/* The items of a folder, folders first, then by name. False: no such folder.
   */
bool em_store_list(struct em_store *store, int64_t folder, json_t **out);

/* All files with their versions, also those in the trash. */
json_t *em_store_histories(struct em_store *store);

/* What a lookup shows of a file. NULL: nothing. */
json_t *em_store_look(struct em_store *store, int64_t id);

/* The item itself. NULL: no such item. */
json_t *em_store_get(struct em_store *store, int64_t id, bool folder);

/* Opens a file for reading. -1: no such file, or it cannot be opened. */
int em_store_open_file(struct em_store *store, int64_t id, int64_t *size);

/* The folder that a file is in. False: no such file. */
bool em_store_parent(struct em_store *store, int64_t file, int64_t *folder);

/* Whether a folder is `ancestor` or below it. */
bool em_store_is_inside(struct em_store *store, int64_t folder,
                        int64_t ancestor);

int64_t em_store_bytes_used(struct em_store *store);
size_t em_store_file_count(struct em_store *store);

#endif
