/* The tree of folders and files: lookup by id and by name. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_TREE_H
#define EM_TREE_H

#include "base/base.h"
#include "store/item.h"
#include "store/root.h"

#define EM_BUCKETS 16384

/* Callers hold the lock of the store. */
struct em_tree {
  const struct em_root *root;
  struct em_item **items; /* [id - first_id]; [0] is the root folder */
  size_t count;
  size_t capacity;
  int64_t first_id;
  struct em_item *buckets[EM_BUCKETS]; /* hashed by parent and name */
};

int em_tree_init(struct em_tree *tree, const struct em_root *root);
void em_tree_free(struct em_tree *tree);

/* NULL: no such file or folder, or deleted, or in the trash. */
struct em_item *em_tree_find(struct em_tree *tree, int64_t id, bool folder);

/* NULL: no such file in the trash. */
struct em_item *em_tree_find_trashed(struct em_tree *tree, int64_t id);
struct em_item *em_tree_find_name(struct em_tree *tree, int64_t parent,
                                  const char *folded_name);

/* Gets the path of an item on disk. */
int em_tree_path(struct em_tree *tree, const struct em_item *item,
                 char out[PATH_MAX]);

/* Adds an item. Lookup by name finds it only after em_tree_link. */
struct em_item *em_tree_append(struct em_tree *tree, int64_t parent,
                               bool folder, const char *name);

/* To rename an item, unlink it first and link it again. */
void em_tree_link(struct em_tree *tree, struct em_item *item);
void em_tree_unlink(struct em_tree *tree, struct em_item *item);

#endif
