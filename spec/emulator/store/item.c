/* A file or a folder, and its JSON forms. */
/* SPDX-License-Identifier: MIT */
#include "store/item.h"
#include "base/date.h"
#include "base/number.h"
#include "store/store.h"

#define EM_USER_JSON                                                         \
  "type", "user", "id", "11446498", "name", "Emulated User", "login",        \
      "user@example.com"

int em_id_parse(const char *text, int64_t *out)
{
  size_t length = strlen(text);
  if(!length || length > 18 || strspn(text, "0123456789") != length)
    return -1;
  if(length > 1 && text[0] == '0')
    return -1;
  return em_number_parse(text, out);
}

void em_item_free(struct em_item *item)
{
  if(!item)
    return;
  free(item->name);
  free(item->folded);
  free(item->description);
  free(item->sha512);
  free(item);
}

static json_t *number_string(int64_t number)
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
  return number_string(item->revision);
}

static json_t *version_json(const struct em_item *item)
{
  return json_pack("{s:s, s:o, s:s}", "type", "file_version", "id",
                   number_string(item->version), "sha1", item->sha1);
}

json_t *em_item_mini_locked(const struct em_item *item)
{
  json_t *object =
      json_pack("{s:s, s:o}", "type", item->folder ? "folder" : "file", "id",
                number_string(item->id));
  if(!item->folder)
    json_object_set_new(object, "file_version", version_json(item));
  json_object_set_new(object, "sequence_id", revision_json(item));
  json_object_set_new(object, "etag", revision_json(item));
  if(!item->folder)
    json_object_set_new(object, "sha1", json_string(item->sha1));
  json_object_set_new(object, "name", json_string(item->name));
  return object;
}

static json_t *path_json(struct em_store *store, const struct em_item *item)
{
  json_t *entries = json_array();
  size_t count;
  while(item->id != EM_ROOT_ID) {
    item = em_store_find_locked(store, item->parent, true);
    if(!item)
      break;
    json_array_insert_new(entries, 0, em_item_mini_locked(item));
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
  json_object_set_new(object, "trashed_at", json_null());
  json_object_set_new(object, "purged_at", json_null());
  json_object_set_new(object, "content_created_at",
                      root ? json_null()
                           : date_json(item->content_created_at));
  json_object_set_new(object, "content_modified_at",
                      root ? json_null()
                           : date_json(item->content_modified_at));
}

static void add_people(json_t *object)
{
  static const char *const keys[] = {"created_by", "modified_by", "owned_by"};
  size_t i;
  for(i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
    json_object_set_new(object, keys[i],
                        json_pack("{s:s, s:s, s:s, s:s}", EM_USER_JSON));
}

json_t *em_item_full_locked(struct em_store *store, struct em_item *item)
{
  json_t *object = em_item_mini_locked(item);
  struct em_item *parent = NULL;
  if(item->id != EM_ROOT_ID)
    parent = em_store_find_locked(store, item->parent, true);
  json_object_set_new(
      object, "description",
      json_string(item->description ? item->description : ""));
  json_object_set_new(object, "size", json_integer(item->size));
  json_object_set_new(object, "path_collection", path_json(store, item));
  add_dates(object, item);
  add_people(object);
  json_object_set_new(object, "shared_link", json_null());
  json_object_set_new(object, "parent",
                      parent ? em_item_mini_locked(parent) : json_null());
  json_object_set_new(object, "item_status", json_string("active"));
  return object;
}

static bool is_named(const char *fields, const char *key)
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

void em_item_select(json_t *object, const char *fields)
{
  void *next;
  const char *key;
  json_t *value;
  if(!fields || !*fields)
    return;
  json_object_foreach_safe(object, next, key, value)
  {
    if(!is_named("type,id,etag", key) && !is_named(fields, key))
      json_object_del(object, key);
  }
}
