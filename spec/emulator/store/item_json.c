/* The JSON representations of files and folders. */
/* SPDX-License-Identifier: MIT */
#include "store/item_json.h"
#include "base/date.h"

static json_t *id_json(int64_t number)
{
  return json_sprintf("%lld", (long long)number);
}

static json_t *date_json(time_t when)
{
  char text[EM_DATE_SIZE];
  em_date_format(text, when);
  return json_string(text);
}

/* The root folder has no etag and no sequence_id. */
static json_t *revision_json(const struct em_item *item)
{
  if(item->folder && item->id == EM_ROOT_ID)
    return json_null();
  return id_json(item->revision);
}

static json_t *version_json(const struct em_item *item)
{
  return json_pack("{s:s, s:o, s:s}", "type", "file_version", "id",
                   id_json(item->version), "sha1", item->sha1);
}

json_t *em_item_mini_json(const struct em_item *item)
{
  json_t *object =
      json_pack("{s:s, s:o}", "type", item->folder ? "folder" : "file", "id",
                id_json(item->id));
  if(!item->folder)
    json_object_set_new(object, "file_version", version_json(item));
  json_object_set_new(object, "sequence_id", revision_json(item));
  json_object_set_new(object, "etag", revision_json(item));
  if(!item->folder)
    json_object_set_new(object, "sha1", json_string(item->sha1));
  json_object_set_new(object, "name", json_string(item->name));
  return object;
}

static json_t *path_collection_json(struct em_tree *tree,
                                    const struct em_item *item)
{
  json_t *entries = json_array();
  size_t count;
  while(item->id != EM_ROOT_ID) {
    item = em_tree_find(tree, item->parent, true);
    if(!item)
      break;
    json_array_insert_new(entries, 0, em_item_mini_json(item));
  }
  count = json_array_size(entries);
  return json_pack("{s:I, s:o}", "total_count", (json_int_t)count, "entries",
                   entries);
}

static void add_dates(json_t *object, const struct em_item *item)
{
  bool root = item->folder && item->id == EM_ROOT_ID;
  json_object_set_new(object, "created_at",
                      root ? json_null() : date_json(item->created_at));
  json_object_set_new(object, "modified_at",
                      root ? json_null() : date_json(item->modified_at));
  json_object_set_new(object, "trashed_at",
                      item->trashed_at ? date_json(item->trashed_at)
                                       : json_null());
  json_object_set_new(object, "purged_at", json_null());
  json_object_set_new(object, "content_created_at",
                      root ? json_null()
                           : date_json(item->content_created_at));
  json_object_set_new(object, "content_modified_at",
                      root ? json_null()
                           : date_json(item->content_modified_at));
}

/* All files and folders belong to the administrator, who shares them. */
static void add_users(json_t *object, const struct em_item *item)
{
  json_object_set_new(object, "created_by", em_user_json(item->created_by));
  json_object_set_new(object, "modified_by", em_user_json(item->modified_by));
  json_object_set_new(object, "owned_by", em_user_json(EM_USER));
}

json_t *em_item_json(struct em_tree *tree, const struct em_item *item)
{
  json_t *object = em_item_mini_json(item);
  struct em_item *parent = NULL;
  if(item->id != EM_ROOT_ID)
    parent = em_tree_find(tree, item->parent, true);
  json_object_set_new(
      object, "description",
      json_string(item->description ? item->description : ""));
  json_object_set_new(object, "size", json_integer(item->size));
  json_object_set_new(object, "path_collection",
                      path_collection_json(tree, item));
  add_dates(object, item);
  add_users(object, item);
  json_object_set_new(object, "shared_link", json_null());
  json_object_set_new(object, "parent",
                      parent ? em_item_mini_json(parent) : json_null());
  json_object_set_new(object, "item_status",
                      json_string(item->trashed_at ? "trashed" : "active"));
  return object;
}

int em_item_note_version(struct em_item *item)
{
  if(!item->versions)
    item->versions = json_array();
  return json_array_append_new(
      item->versions,
      json_pack("{s:o, s:o, s:s, s:s, s:s}", "id", id_json(item->version),
                "etag", id_json(item->revision), "sha1", item->sha1, "name",
                item->name, "user", item->modified_by));
}

json_t *em_item_history_json(struct em_tree *tree, const struct em_item *item)
{
  json_t *object = em_item_json(tree, item);
  json_object_set_new(object, "folder_id", id_json(item->parent));
  json_object_set(object, "versions", item->versions);
  return object;
}

json_t *em_item_look(struct em_tree *tree, struct em_item *item)
{
  if(em_lag_look(&item->lag))
    return em_item_json(tree, item);
  return item->shown ? json_deep_copy(item->shown) : NULL;
}

static bool lists_field(const char *fields, const char *key)
{
  size_t length = strlen(key);
  while(*fields) {
    size_t field = strcspn(fields, ",");
    if(field == length && !memcmp(fields, key, length))
      return true;
    fields += field;
    fields += *fields == ',';
  }
  return false;
}

void em_item_select_fields(json_t *object, const char *fields)
{
  void *next;
  const char *key;
  json_t *value;
  if(!fields || !*fields)
    return;
  json_object_foreach_safe(object, next, key, value)
  {
    if(!lists_field("type,id,etag", key) && !lists_field(fields, key))
      json_object_del(object, key);
  }
}

void em_item_make_mini(json_t *object)
{
  em_item_select_fields(object, "file_version,sequence_id,sha1,name");
}
