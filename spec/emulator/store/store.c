/* The account: a tree of folders and files. */
/* SPDX-License-Identifier: MIT */
#include "store/store.h"
#include "store/name.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define EM_DISK_NAME_MAX 255 /* NAME_MAX of Linux, in bytes */

static size_t bucket_of(int64_t parent, const char *folded)
{
  uint64_t hash = UINT64_C(14695981039346656037) ^ (uint64_t)parent;
  for(; *folded; folded++)
    hash = (hash ^ (unsigned char)*folded) * UINT64_C(1099511628211);
  return (size_t)((hash ^ (hash >> 32)) % EM_BUCKETS);
}

static void link_locked(struct em_store *store, struct em_item *item)
{
  struct em_item **head =
      &store->buckets[bucket_of(item->parent, item->folded)];
  item->next = *head;
  *head = item;
}

static void unlink_locked(struct em_store *store, struct em_item *item)
{
  struct em_item **at =
      &store->buckets[bucket_of(item->parent, item->folded)];
  while(*at && *at != item)
    at = &(*at)->next;
  if(*at)
    *at = item->next;
}

static int set_name(struct em_item *item, const char *name)
{
  char *copy = strdup(name);
  char *folded = em_name_fold(name);
  if(!copy || !folded) {
    free(copy);
    free(folded);
    return -1;
  }
  free(item->name);
  free(item->folded);
  item->name = copy;
  item->folded = folded;
  return 0;
}

static int grow_locked(struct em_store *store)
{
  size_t room = store->room ? store->room * 2 : 64;
  struct em_item **items;
  if(store->count < store->room)
    return 0;
  items = realloc(store->items, room * sizeof(*items));
  if(!items)
    return -1;
  store->items = items;
  store->room = room;
  return 0;
}

/* A new item with a name, not yet in a bucket. */
static struct em_item *append_locked(struct em_store *store, bool folder,
                                     const char *name)
{
  struct em_item *item;
  if(grow_locked(store))
    return NULL;
  item = calloc(1, sizeof(*item));
  if(!item || set_name(item, name)) {
    free(item);
    return NULL;
  }
  item->id = store->count ? store->first + (int64_t)store->count : EM_ROOT_ID;
  item->folder = folder;
  item->created_at = time(NULL);
  item->modified_at = item->created_at;
  item->content_created_at = item->created_at;
  item->content_modified_at = item->created_at;
  store->items[store->count++] = item;
  return item;
}

int em_store_init(struct em_store *store, const struct em_root *root)
{
  memset(store, 0, sizeof(*store));
  store->root = root;
  store->first = INT64_C(243696906120);
  store->next_version = INT64_C(257047849608);
  if(pthread_mutex_init(&store->lock, NULL))
    return -1;
  return append_locked(store, true, "All Files") ? 0 : -1;
}

void em_store_free(struct em_store *store)
{
  size_t i;
  for(i = 0; i < store->count; i++)
    em_item_free(store->items[i]);
  free(store->items);
  pthread_mutex_destroy(&store->lock);
}

struct em_item *em_store_find_locked(struct em_store *store, int64_t id,
                                     bool folder)
{
  struct em_item *item;
  int64_t index = id == EM_ROOT_ID ? 0 : id - store->first;
  if(index < 0 || (uint64_t)index >= store->count)
    return NULL;
  if(index == 0 && id != EM_ROOT_ID)
    return NULL;
  item = store->items[index];
  return item->folder == folder && !item->gone ? item : NULL;
}

struct em_item *em_store_named_locked(struct em_store *store, int64_t parent,
                                      const char *folded)
{
  struct em_item *item = store->buckets[bucket_of(parent, folded)];
  while(item && (item->parent != parent || strcmp(item->folded, folded)))
    item = item->next;
  return item;
}

/* 255 characters may be 1020 bytes, which no file system here can name. */
static int disk_name(const struct em_item *item, char *out, size_t size)
{
  size_t length = strlen(item->name);
  int put;
  if(length <= EM_DISK_NAME_MAX)
    put = snprintf(out, size, "%s", item->name);
  else
    put = snprintf(out, size, "%.200s~%lld", item->name, (long long)item->id);
  return put >= 0 && (size_t)put < size ? 0 : -1;
}

/* Written from the end: the parents are found from the child. */
int em_store_path_locked(struct em_store *store, const struct em_item *item,
                         char out[PATH_MAX])
{
  char tail[PATH_MAX];
  size_t at = sizeof(tail) - 1;
  tail[at] = '\0';
  while(item && item->id != EM_ROOT_ID) {
    char name[EM_DISK_NAME_MAX + 32];
    size_t length;
    if(disk_name(item, name, sizeof(name)))
      return -1;
    length = strlen(name);
    if(length + 1 > at)
      return -1;
    at -= length;
    memcpy(tail + at, name, length);
    tail[--at] = '/';
    item = em_store_find_locked(store, item->parent, true);
  }
  if(tail[at] == '/')
    at++;
  return em_root_path(store->root, out, "files", tail + at);
}

static enum em_store_verdict check_locked(struct em_store *store,
                                          int64_t parent, int64_t file,
                                          const char *name, json_t **conflict)
{
  struct em_item *other;
  char *folded;
  if(!em_store_find_locked(store, parent, true))
    return EM_STORE_NO_PARENT;
  folded = em_name_fold(name);
  if(!folded)
    return EM_STORE_BROKEN;
  other = em_store_named_locked(store, parent, folded);
  free(folded);
  if(!other || other->id == file)
    return EM_STORE_FINE;
  *conflict = em_item_mini_locked(other);
  return EM_STORE_CONFLICT;
}

static enum em_store_verdict target_locked(struct em_store *store,
                                           int64_t parent, int64_t file,
                                           const char *name,
                                           json_t **conflict)
{
  if(file >= 0) {
    struct em_item *item = em_store_find_locked(store, file, false);
    if(!item)
      return EM_STORE_NO_FILE;
    if(!name)
      return EM_STORE_FINE;
    parent = item->parent;
  }
  return check_locked(store, parent, file, name, conflict);
}

enum em_store_verdict em_store_check(struct em_store *store, int64_t parent,
                                     int64_t file, const char *name,
                                     json_t **conflict)
{
  enum em_store_verdict verdict;
  pthread_mutex_lock(&store->lock);
  verdict = target_locked(store, parent, file, name, conflict);
  pthread_mutex_unlock(&store->lock);
  return verdict;
}

/* RFC 7232 3.1, 3.2, with Box's bare etags. */
static bool preconditions_hold(const struct em_item *item,
                               const struct em_delivery *delivery)
{
  char etag[EM_ID_SIZE] = "";
  if(item)
    snprintf(etag, sizeof(etag), "%lld", (long long)item->revision);
  if(delivery->if_match) {
    if(!item)
      return false;
    if(strcmp(delivery->if_match, "*") && strcmp(delivery->if_match, etag))
      return false;
  }
  if(delivery->if_none_match && item)
    return strcmp(delivery->if_none_match, "*") &&
           strcmp(delivery->if_none_match, etag);
  return true;
}

static void fill_locked(struct em_store *store, struct em_item *item,
                        const struct em_delivery *delivery)
{
  store->used += delivery->size - item->size;
  item->size = delivery->size;
  snprintf(item->sha1, sizeof(item->sha1), "%s", delivery->sha1);
  item->version = store->next_version++;
  item->part_size = delivery->part_size;
  item->modified_at = time(NULL);
  item->content_modified_at = delivery->content_modified_at >= 0
                                  ? delivery->content_modified_at
                                  : item->modified_at;
  if(delivery->content_created_at >= 0)
    item->content_created_at = delivery->content_created_at;
  free(item->sha512);
  item->sha512 = NULL;
}

static int describe(struct em_item *item, const char *description)
{
  char *copy;
  if(!description)
    return 0;
  copy = strdup(description);
  if(!copy)
    return -1;
  free(item->description);
  item->description = copy;
  return 0;
}

static struct em_item *new_file_locked(struct em_store *store,
                                       const struct em_delivery *delivery)
{
  char path[PATH_MAX];
  struct em_item *item = append_locked(store, false, delivery->name);
  if(!item)
    return NULL;
  item->parent = delivery->folder;
  if(em_store_path_locked(store, item, path) ||
     rename(delivery->path, path)) {
    item->gone = true;
    return NULL;
  }
  link_locked(store, item);
  store->files++;
  return item;
}

static int replace_locked(struct em_store *store, struct em_item *item,
                          const struct em_delivery *delivery)
{
  char before[PATH_MAX];
  char after[PATH_MAX];
  int result = -1;
  if(em_store_path_locked(store, item, before))
    return -1;
  unlink_locked(store, item);
  if((!delivery->name || !set_name(item, delivery->name)) &&
     !em_store_path_locked(store, item, after) &&
     !rename(delivery->path, after)) {
    if(strcmp(before, after))
      unlink(before);
    item->revision++;
    result = 0;
  }
  link_locked(store, item);
  return result;
}

static enum em_store_verdict deliver_locked(struct em_store *store,
                                            const struct em_delivery *how,
                                            json_t **out)
{
  enum em_store_verdict verdict;
  struct em_item *item = NULL;
  verdict = target_locked(store, how->folder, how->file, how->name, out);
  if(how->file >= 0)
    item = em_store_find_locked(store, how->file, false);
  if(verdict == EM_STORE_FINE && !preconditions_hold(item, how))
    verdict = EM_STORE_PRECONDITION;
  if(verdict != EM_STORE_FINE)
    return verdict;
  if(!item)
    item = new_file_locked(store, how);
  else if(replace_locked(store, item, how))
    item = NULL;
  if(!item || describe(item, how->description))
    return EM_STORE_BROKEN;
  fill_locked(store, item, how);
  *out = em_item_full_locked(store, item);
  return EM_STORE_FINE;
}

enum em_store_verdict em_store_deliver(struct em_store *store,
                                       const struct em_delivery *delivery,
                                       json_t **out)
{
  enum em_store_verdict verdict;
  pthread_mutex_lock(&store->lock);
  verdict = deliver_locked(store, delivery, out);
  pthread_mutex_unlock(&store->lock);
  return verdict;
}

static enum em_store_verdict make_folder_locked(struct em_store *store,
                                                int64_t parent,
                                                const char *name,
                                                json_t **out)
{
  char path[PATH_MAX];
  struct em_item *item;
  enum em_store_verdict verdict = check_locked(store, parent, -1, name, out);
  if(verdict != EM_STORE_FINE)
    return verdict;
  item = append_locked(store, true, name);
  if(!item)
    return EM_STORE_BROKEN;
  item->parent = parent;
  if(em_store_path_locked(store, item, path) ||
     (mkdir(path, 0700) && errno != EEXIST)) {
    item->gone = true;
    return EM_STORE_BROKEN;
  }
  link_locked(store, item);
  *out = em_item_full_locked(store, item);
  return EM_STORE_FINE;
}

enum em_store_verdict em_store_make_folder(struct em_store *store,
                                           int64_t parent, const char *name,
                                           json_t **out)
{
  enum em_store_verdict verdict;
  pthread_mutex_lock(&store->lock);
  verdict = make_folder_locked(store, parent, name, out);
  pthread_mutex_unlock(&store->lock);
  return verdict;
}

enum em_store_verdict em_store_remove_file(struct em_store *store, int64_t id)
{
  char path[PATH_MAX];
  struct em_item *item;
  pthread_mutex_lock(&store->lock);
  item = em_store_find_locked(store, id, false);
  if(item) {
    if(!em_store_path_locked(store, item, path))
      unlink(path);
    unlink_locked(store, item);
    item->gone = true;
    store->used -= item->size;
    store->files--;
  }
  pthread_mutex_unlock(&store->lock);
  return item ? EM_STORE_FINE : EM_STORE_NO_FILE;
}

static int compare_items(const void *left, const void *right)
{
  const struct em_item *a = *(struct em_item *const *)left;
  const struct em_item *b = *(struct em_item *const *)right;
  if(a->folder != b->folder)
    return a->folder ? -1 : 1;
  return strcmp(a->folded, b->folded);
}

static json_t *children_locked(struct em_store *store, int64_t folder)
{
  json_t *list = json_array();
  struct em_item **found = calloc(store->count, sizeof(*found));
  size_t count = 0;
  size_t i;
  for(i = 1; found && i < store->count; i++)
    if(store->items[i]->parent == folder && !store->items[i]->gone)
      found[count++] = store->items[i];
  if(count)
    qsort(found, count, sizeof(*found), compare_items);
  for(i = 0; i < count; i++)
    json_array_append_new(list, em_item_full_locked(store, found[i]));
  free(found);
  return list;
}

bool em_store_children(struct em_store *store, int64_t folder, json_t **out)
{
  bool known;
  pthread_mutex_lock(&store->lock);
  known = em_store_find_locked(store, folder, true) != NULL;
  if(known)
    *out = children_locked(store, folder);
  pthread_mutex_unlock(&store->lock);
  return known;
}

json_t *em_store_get(struct em_store *store, int64_t id, bool folder)
{
  struct em_item *item;
  json_t *object = NULL;
  pthread_mutex_lock(&store->lock);
  item = em_store_find_locked(store, id, folder);
  if(item)
    object = em_item_full_locked(store, item);
  pthread_mutex_unlock(&store->lock);
  return object;
}
