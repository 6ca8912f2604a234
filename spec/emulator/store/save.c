/* Saves an upload as a new file or a new version. */
/* SPDX-License-Identifier: MIT */
#include "store/save.h"
#include "base/lock.h"
#include "store/item_json.h"

#include <unistd.h>

/* RFC 7232 3.1 and 3.2, but Box's etags have no quotes. */
static bool preconditions_hold(const struct em_item *item,
                               const struct em_finished_upload *upload)
{
  char etag[EM_ID_SIZE] = "";
  if(item)
    snprintf(etag, sizeof(etag), "%lld", (long long)item->revision);
  if(upload->if_match) {
    if(!item)
      return false;
    if(strcmp(upload->if_match, "*") && strcmp(upload->if_match, etag))
      return false;
  }
  if(upload->if_none_match && item)
    return strcmp(upload->if_none_match, "*") &&
           strcmp(upload->if_none_match, etag);
  return true;
}

static struct em_item *
add_file_locked(struct em_store *store,
                const struct em_finished_upload *upload)
{
  char path[PATH_MAX];
  struct em_item *item =
      em_tree_append(&store->tree, upload->destination.folder, false,
                     upload->destination.name);
  if(!item)
    return NULL;
  if(em_tree_path(&store->tree, item, path) || rename(upload->path, path)) {
    item->deleted = true;
    return NULL;
  }
  snprintf(item->created_by, sizeof(item->created_by), "%s", upload->user);
  em_tree_link(&store->tree, item);
  store->file_count++;
  return item;
}

static int replace_file_locked(struct em_store *store, struct em_item *item,
                               const struct em_finished_upload *upload)
{
  const char *name = upload->destination.name;
  char before[PATH_MAX];
  char after[PATH_MAX];
  int result = -1;
  if(em_tree_path(&store->tree, item, before))
    return -1;
  em_tree_unlink(&store->tree, item);
  if((!name || !em_item_rename(item, name)) &&
     !em_tree_path(&store->tree, item, after) &&
     !rename(upload->path, after)) {
    if(strcmp(before, after))
      (void)unlink(before);
    item->revision++;
    result = 0;
  }
  em_tree_link(&store->tree, item);
  return result;
}

static int set_description(struct em_item *item, const char *description)
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

static int set_content_locked(struct em_store *store, struct em_item *item,
                              const struct em_finished_upload *upload)
{
  const struct em_attributes *attributes = &upload->attributes;
  store->bytes_used += upload->size - item->size;
  item->size = upload->size;
  snprintf(item->sha1, sizeof(item->sha1), "%s", upload->sha1);
  item->version = store->next_version++;
  item->part_size = upload->part_size;
  item->modified_at = time(NULL);
  snprintf(item->modified_by, sizeof(item->modified_by), "%s", upload->user);
  item->content_modified_at = attributes->content_modified_at >= 0
                                  ? attributes->content_modified_at
                                  : item->modified_at;
  if(attributes->content_created_at >= 0)
    item->content_created_at = attributes->content_created_at;
  free(item->part_digests);
  item->part_digests = NULL;
  return em_item_note_version(item);
}

/* What lookups show until the upload can be seen. NULL: nothing. */
static json_t *state_before_locked(struct em_store *store,
                                   const struct em_item *item)
{
  if(!item)
    return NULL;
  return em_lag_is_over(&item->lag) ? em_item_json(&store->tree, item)
                                    : json_incref(item->shown);
}

static void start_lag(struct em_item *item,
                      const struct em_settings *settings, json_t *before)
{
  json_decref(item->shown);
  item->shown = before;
  em_lag_start(&item->lag, settings->lookup_lag_ms,
               settings->lookup_lag_requests);
}

static enum em_store_result
save_locked(struct em_store *store, const struct em_finished_upload *upload,
            json_t **out)
{
  const struct em_destination *destination = &upload->destination;
  struct em_item *item = NULL;
  json_t *before;
  enum em_store_result result =
      em_store_check_locked(store, destination, out);
  if(destination->file >= 0)
    item = em_tree_find(&store->tree, destination->file, false);
  if(result == EM_STORE_OK && !preconditions_hold(item, upload))
    result = EM_STORE_PRECONDITION;
  if(result != EM_STORE_OK)
    return result;
  before = state_before_locked(store, item);
  if(!item)
    item = add_file_locked(store, upload);
  else if(replace_file_locked(store, item, upload))
    item = NULL;
  if(!item || set_description(item, upload->attributes.description)) {
    json_decref(before);
    return EM_STORE_ERROR;
  }
  start_lag(item, upload->settings, before);
  if(set_content_locked(store, item, upload))
    return EM_STORE_ERROR;
  *out = em_item_json(&store->tree, item);
  return EM_STORE_OK;
}

enum em_store_result em_store_save(struct em_store *store,
                                   const struct em_finished_upload *upload,
                                   json_t **out)
{
  enum em_store_result result;
  em_lock(&store->lock);
  result = save_locked(store, upload, out);
  em_unlock(&store->lock);
  return result;
}
