/* The files and folders of the account. */
/* SPDX-License-Identifier: MIT */
#include "store/store.h"
#include "base/lock.h"
#include "store/item_json.h"
#include "store/name.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define EM_FIRST_VERSION INT64_C(257047849608)

int em_store_init(struct em_store *store, const struct em_root *root)
{
  memset(store, 0, sizeof(*store));
  store->next_version = EM_FIRST_VERSION;
  if(pthread_mutex_init(&store->lock, NULL))
    return -1;
  return em_tree_init(&store->tree, root);
}

void em_store_free(struct em_store *store)
{
  em_tree_free(&store->tree);
  pthread_mutex_destroy(&store->lock);
}

static json_t *conflict_locked(struct em_store *store, struct em_item *item,
                               bool looked_up)
{
  json_t *object;
  if(!looked_up)
    return em_item_mini_json(item);
  object = em_item_look(&store->tree, item);
  if(object)
    em_item_make_mini(object);
  return object;
}

static enum em_store_result
check_name_locked(struct em_store *store,
                  const struct em_destination *destination, int64_t parent,
                  json_t **conflict)
{
  struct em_item *other;
  char *folded_name;
  if(!em_tree_find(&store->tree, parent, true))
    return EM_STORE_NO_PARENT;
  folded_name = em_name_fold(destination->name);
  if(!folded_name)
    return EM_STORE_ERROR;
  other = em_tree_find_name(&store->tree, parent, folded_name);
  free(folded_name);
  if(!other || other->id == destination->file)
    return EM_STORE_OK;
  *conflict = conflict_locked(store, other, destination->looked_up);
  return *conflict ? EM_STORE_CONFLICT : EM_STORE_OK;
}

enum em_store_result em_store_absence_locked(struct em_store *store,
                                             int64_t id)
{
  return em_tree_find_trashed(&store->tree, id) ? EM_STORE_TRASHED
                                                : EM_STORE_NO_FILE;
}

enum em_store_result em_store_absence(struct em_store *store, int64_t id)
{
  enum em_store_result result;
  em_lock(&store->lock);
  result = em_store_absence_locked(store, id);
  em_unlock(&store->lock);
  return result;
}

enum em_store_result
em_store_check_locked(struct em_store *store,
                      const struct em_destination *destination,
                      json_t **conflict)
{
  int64_t parent = destination->folder;
  if(destination->file >= 0) {
    struct em_item *item =
        em_tree_find(&store->tree, destination->file, false);
    if(!item)
      return em_store_absence_locked(store, destination->file);
    if(!destination->name)
      return EM_STORE_OK;
    parent = item->parent;
  }
  return check_name_locked(store, destination, parent, conflict);
}

enum em_store_result em_store_check(struct em_store *store,
                                    const struct em_destination *destination,
                                    json_t **conflict)
{
  enum em_store_result result;
  em_lock(&store->lock);
  result = em_store_check_locked(store, destination, conflict);
  em_unlock(&store->lock);
  return result;
}

static enum em_store_result make_folder_locked(struct em_store *store,
                                               int64_t parent,
                                               const char *name, json_t **out)
{
  char path[PATH_MAX];
  struct em_destination destination = {parent, -1, name, false};
  struct em_item *item;
  enum em_store_result result =
      check_name_locked(store, &destination, parent, out);
  if(result != EM_STORE_OK)
    return result;
  item = em_tree_append(&store->tree, parent, true, name);
  if(!item)
    return EM_STORE_ERROR;
  if(em_tree_path(&store->tree, item, path) ||
     (mkdir(path, 0700) && errno != EEXIST)) {
    item->deleted = true;
    return EM_STORE_ERROR;
  }
  em_tree_link(&store->tree, item);
  *out = em_item_json(&store->tree, item);
  return EM_STORE_OK;
}

enum em_store_result em_store_make_folder(struct em_store *store,
                                          int64_t parent, const char *name,
                                          json_t **out)
{
  enum em_store_result result;
  em_lock(&store->lock);
  result = make_folder_locked(store, parent, name, out);
  em_unlock(&store->lock);
  return result;
}

/* Folders first, then by name. */
static int compare_items(const void *left, const void *right)
{
  const struct em_item *a = *(struct em_item *const *)left;
  const struct em_item *b = *(struct em_item *const *)right;
  if(a->folder != b->folder)
    return a->folder ? -1 : 1;
  return strcmp(a->folded_name, b->folded_name);
}

static json_t *list_locked(struct em_store *store, int64_t folder)
{
  struct em_tree *tree = &store->tree;
  json_t *list = json_array();
  struct em_item **found = calloc(tree->count, sizeof(struct em_item *));
  size_t count = 0;
  size_t i;
  for(i = 1; found && i < tree->count; i++)
    if(tree->items[i]->parent == folder && !tree->items[i]->deleted &&
       !tree->items[i]->trashed_at)
      found[count++] = tree->items[i];
  if(count)
    qsort(found, count, sizeof(struct em_item *), compare_items);
  for(i = 0; i < count; i++) {
    json_t *object = em_item_look(tree, found[i]);
    if(object)
      json_array_append_new(list, object);
  }
  free(found);
  return list;
}

bool em_store_list(struct em_store *store, int64_t folder, json_t **out)
{
  bool known;
  em_lock(&store->lock);
  known = em_tree_find(&store->tree, folder, true) != NULL;
  if(known)
    *out = list_locked(store, folder);
  em_unlock(&store->lock);
  return known;
}

json_t *em_store_histories(struct em_store *store)
{
  struct em_tree *tree = &store->tree;
  json_t *list = json_array();
  size_t i;
  em_lock(&store->lock);
  for(i = 1; i < tree->count; i++)
    if(!tree->items[i]->folder && !tree->items[i]->deleted)
      json_array_append_new(list, em_item_history_json(tree, tree->items[i]));
  em_unlock(&store->lock);
  return list;
}

json_t *em_store_look(struct em_store *store, int64_t id)
{
  struct em_item *item;
  json_t *object = NULL;
  em_lock(&store->lock);
  item = em_tree_find(&store->tree, id, false);
  if(item)
    object = em_item_look(&store->tree, item);
  em_unlock(&store->lock);
  return object;
}

json_t *em_store_get(struct em_store *store, int64_t id, bool folder)
{
  struct em_item *item;
  json_t *object = NULL;
  em_lock(&store->lock);
  item = em_tree_find(&store->tree, id, folder);
  if(item)
    object = em_item_json(&store->tree, item);
  em_unlock(&store->lock);
  return object;
}

/* Opens under the lock, because a new version may replace the file. */
int em_store_open_file(struct em_store *store, int64_t id, int64_t *size)
{
  char path[PATH_MAX];
  struct em_item *item;
  int fd = -1;
  em_lock(&store->lock);
  item = em_tree_find(&store->tree, id, false);
  if(item && !em_tree_path(&store->tree, item, path)) {
    *size = item->size;
    fd = open(path, O_RDONLY | O_CLOEXEC);
  }
  em_unlock(&store->lock);
  return fd;
}

bool em_store_parent(struct em_store *store, int64_t file, int64_t *folder)
{
  struct em_item *item;
  em_lock(&store->lock);
  item = em_tree_find(&store->tree, file, false);
  if(item)
    *folder = item->parent;
  em_unlock(&store->lock);
  return item != NULL;
}

bool em_store_is_inside(struct em_store *store, int64_t folder,
                        int64_t ancestor)
{
  bool inside = false;
  em_lock(&store->lock);
  while(!inside) {
    const struct em_item *item = em_tree_find(&store->tree, folder, true);
    inside = folder == ancestor;
    if(!item || folder == EM_ROOT_ID)
      break;
    folder = item->parent;
  }
  em_unlock(&store->lock);
  return inside;
}

int64_t em_store_bytes_used(struct em_store *store)
{
  int64_t bytes;
  em_lock(&store->lock);
  bytes = store->bytes_used;
  em_unlock(&store->lock);
  return bytes;
}

size_t em_store_file_count(struct em_store *store)
{
  size_t count;
  em_lock(&store->lock);
  count = store->file_count;
  em_unlock(&store->lock);
  return count;
}
