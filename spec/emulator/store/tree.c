/* The tree of folders and files: lookup by id and by name. */
/* SPDX-License-Identifier: MIT */
#include "store/tree.h"

#define EM_FIRST_ID INT64_C(243696906120)
#define EM_DISK_NAME_MAX 255 /* NAME_MAX of Linux, in bytes */

/* FNV-1a, with the parent mixed into the initial value. */
static struct em_item **bucket_of(struct em_tree *tree, int64_t parent,
                                  const char *folded_name)
{
  uint64_t hash = UINT64_C(14695981039346656037) ^ (uint64_t)parent;
  for(; *folded_name; folded_name++)
    hash = (hash ^ (unsigned char)*folded_name) * UINT64_C(1099511628211);
  return &tree->buckets[(hash ^ (hash >> 32)) % EM_BUCKETS];
}

void em_tree_link(struct em_tree *tree, struct em_item *item)
{
  struct em_item **head = bucket_of(tree, item->parent, item->folded_name);
  item->next = *head;
  *head = item;
}

void em_tree_unlink(struct em_tree *tree, struct em_item *item)
{
  struct em_item **at = bucket_of(tree, item->parent, item->folded_name);
  while(*at && *at != item)
    at = &(*at)->next;
  if(*at)
    *at = item->next;
}

static int grow_items(struct em_tree *tree)
{
  size_t capacity = tree->capacity ? tree->capacity * 2 : 64;
  struct em_item **items;
  if(tree->count < tree->capacity)
    return 0;
  items = realloc(tree->items, capacity * sizeof(struct em_item *));
  if(!items)
    return -1;
  tree->items = items;
  tree->capacity = capacity;
  return 0;
}

struct em_item *em_tree_append(struct em_tree *tree, int64_t parent,
                               bool folder, const char *name)
{
  struct em_item *item;
  if(grow_items(tree))
    return NULL;
  item = calloc(1, sizeof(*item));
  if(!item || em_item_rename(item, name)) {
    free(item);
    return NULL;
  }
  item->id = tree->count ? tree->first_id + (int64_t)tree->count : EM_ROOT_ID;
  item->parent = parent;
  item->folder = folder;
  item->created_at = time(NULL);
  item->modified_at = item->created_at;
  item->content_created_at = item->created_at;
  item->content_modified_at = item->created_at;
  snprintf(item->created_by, sizeof(item->created_by), "%s", EM_USER);
  snprintf(item->modified_by, sizeof(item->modified_by), "%s", EM_USER);
  tree->items[tree->count++] = item;
  return item;
}

int em_tree_init(struct em_tree *tree, const struct em_root *root)
{
  memset(tree, 0, sizeof(*tree));
  tree->root = root;
  tree->first_id = EM_FIRST_ID;
  return em_tree_append(tree, EM_ROOT_ID, true, "All Files") ? 0 : -1;
}

void em_tree_free(struct em_tree *tree)
{
  size_t i;
  for(i = 0; i < tree->count; i++)
    em_item_free(tree->items[i]);
  free(tree->items);
}

/* Also finds what is in the trash, but nothing deleted. */
static struct em_item *find_id(struct em_tree *tree, int64_t id, bool folder)
{
  struct em_item *item;
  int64_t index = id == EM_ROOT_ID ? 0 : id - tree->first_id;
  if(index < 0 || (uint64_t)index >= tree->count)
    return NULL;
  if(index == 0 && id != EM_ROOT_ID)
    return NULL;
  item = tree->items[index];
  return item->folder == folder && !item->deleted ? item : NULL;
}

struct em_item *em_tree_find(struct em_tree *tree, int64_t id, bool folder)
{
  struct em_item *item = find_id(tree, id, folder);
  return item && !item->trashed_at ? item : NULL;
}

struct em_item *em_tree_find_trashed(struct em_tree *tree, int64_t id)
{
  struct em_item *item = find_id(tree, id, false);
  return item && item->trashed_at ? item : NULL;
}

struct em_item *em_tree_find_name(struct em_tree *tree, int64_t parent,
                                  const char *folded_name)
{
  struct em_item *item = *bucket_of(tree, parent, folded_name);
  while(item &&
        (item->parent != parent || strcmp(item->folded_name, folded_name)))
    item = item->next;
  return item;
}

/* Box allows 255 characters, which may be 1020 bytes: too long for a file
   name on disk. */
static int disk_name(const struct em_item *item, char *out, size_t size)
{
  size_t length = strlen(item->name);
  int written;
  if(length <= EM_DISK_NAME_MAX)
    written = snprintf(out, size, "%s", item->name);
  else
    written =
        snprintf(out, size, "%.200s~%lld", item->name, (long long)item->id);
  return written >= 0 && (size_t)written < size ? 0 : -1;
}

/* Several files in the trash may have the same name. */
static int trash_path(struct em_tree *tree, const struct em_item *item,
                      char out[PATH_MAX])
{
  char name[EM_ID_SIZE];
  snprintf(name, sizeof(name), "%lld", (long long)item->id);
  return em_root_path(tree->root, out, "trash", name);
}

/* Written from the end, because an item knows only its parent. */
static int folder_path(struct em_tree *tree, const struct em_item *item,
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
    item = em_tree_find(tree, item->parent, true);
  }
  if(tail[at] == '/')
    at++;
  return em_root_path(tree->root, out, "files", tail + at);
}

int em_tree_path(struct em_tree *tree, const struct em_item *item,
                 char out[PATH_MAX])
{
  return item->trashed_at ? trash_path(tree, item, out)
                          : folder_path(tree, item, out);
}
