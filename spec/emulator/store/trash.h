/* The trash: deleted files that can be restored. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_TRASH_H
#define EM_TRASH_H

#include "base/base.h"
#include "store/store.h"

/* Moves a file to the trash. Others may take its name then. */
enum em_store_result em_store_trash(struct em_store *store, int64_t id);

/* Moves a file back into its folder. Without a name it keeps its own. `out`
   is the file, or the item that has its name. */
enum em_store_result em_store_restore(struct em_store *store, int64_t id,
                                      const char *name, json_t **out);

/* Deletes a file in the trash. */
enum em_store_result em_store_purge(struct em_store *store, int64_t id);

/* NULL: not in the trash. */
json_t *em_store_get_trashed(struct em_store *store, int64_t id);

#endif
