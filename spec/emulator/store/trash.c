/* The trash: deleted files that can be restored. */
/* SPDX-License-Identifier: MIT */
#include "store/trash.h"
#include "base/lock.h"
#include "store/item_json.h"

#include <unistd.h>

/* The file's path depends on whether it is in the trash. */
static int move_locked(struct em_store *store, struct em_item *item,
                       time_t trashed_at)
{
  time_t old = item->trashed_at;
  char before[PATH_MAX];
  char after[PATH_MAX];
  if(em_tree_path(&store->tree, item, before))
    return -1;
  item->trashed_at = trashed_at;
  if(!em_tree_path(&store->tree, item, after) && !rename(before, after))
    return 0;
  item->trashed_at = old;
  return -1;
}

static enum em_store_result trash_locked(struct em_store *store,
                                         struct em_item *item)
{
  if(move_locked(store, item, time(NULL)))
    return EM_STORE_ERROR;
  em_tree_unlink(&store->tree, item);
  em_lag_start(&item->lag, 0, 0);
  store->file_count--;
  return EM_STORE_OK;
}

enum em_store_result em_store_trash(struct em_store *store, int64_t id)
{
  struct em_item *item;
  enum em_store_result result;
  em_lock(&store->lock);
  item = em_tree_find(&store->tree, id, false);
  result =
      item ? trash_locked(store, item) : em_store_absence_locked(store, id);
  em_unlock(&store->lock);
  return result;
}

static enum em_store_result restore_locked(struct em_store *store,
                                           struct em_item *item,
                                           const char *name, json_t **out)
{
  struct em_destination destination;
  enum em_store_result result;
  destination.folder = item->parent;
  destination.file = -1;
  destination.name = name ? name : item->name;
  destination.looked_up = false;
  result = em_store_check_locked(store, &destination, out);
  if(result != EM_STORE_OK)
    return result;
  if((name && em_item_rename(item, name)) || move_locked(store, item, 0))
    return EM_STORE_ERROR;
  em_tree_link(&store->tree, item);
  store->file_count++;
  *out = em_item_json(&store->tree, item);
  return EM_STORE_OK;
}

enum em_store_result em_store_restore(struct em_store *store, int64_t id,
                                      const char *name, json_t **out)
{
  struct em_item *item;
  enum em_store_result result = EM_STORE_NO_FILE;
  em_lock(&store->lock);
  item = em_tree_find_trashed(&store->tree, id);
  if(item)
    result = restore_locked(store, item, name, out);
  em_unlock(&store->lock);
  return result;
}

enum em_store_result em_store_purge(struct em_store *store, int64_t id)
{
  char path[PATH_MAX];
  struct em_item *item;
  em_lock(&store->lock);
  item = em_tree_find_trashed(&store->tree, id);
  if(item) {
    if(!em_tree_path(&store->tree, item, path))
      (void)unlink(path);
    item->deleted = true;
    store->bytes_used -= item->size;
  }
  em_unlock(&store->lock);
  return item ? EM_STORE_OK : EM_STORE_NO_FILE;
}

json_t *em_store_get_trashed(struct em_store *store, int64_t id)
{
  struct em_item *item;
  json_t *object = NULL;
  em_lock(&store->lock);
  item = em_tree_find_trashed(&store->tree, id);
  if(item)
    object = em_item_json(&store->tree, item);
  em_unlock(&store->lock);
  return object;
}
