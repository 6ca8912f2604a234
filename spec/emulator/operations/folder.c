/* Operations on folders: get, list, create. */
/* SPDX-License-Identifier: MIT */
#include "base/number.h"
#include "http/body.h"
#include "http/error.h"
#include "http/request.h"
#include "operations/operations.h"
#include "store/item_json.h"
#include "uploads/target.h"

#define EM_LIMIT 100
#define EM_LIMIT_MAX 1000
#define EM_OFFSET_MAX 300000

static json_t *sort_order(void)
{
  return json_pack("[{s:s, s:s}, {s:s, s:s}]", "by", "type", "direction",
                   "ASC", "by", "name", "direction", "ASC");
}

static json_t *collection_page(json_t *all, int64_t offset, int64_t limit,
                               const char *fields)
{
  json_t *entries = json_array();
  int64_t end = offset + limit;
  int64_t i;
  for(i = offset; i < end && i < (int64_t)json_array_size(all); i++) {
    json_t *item = json_array_get(all, (size_t)i);
    em_item_select_fields(item, fields);
    json_array_append(entries, item);
  }
  return json_pack("{s:I, s:o, s:I, s:I, s:o}", "total_count",
                   (json_int_t)json_array_size(all), "entries", entries,
                   "offset", (json_int_t)offset, "limit", (json_int_t)limit,
                   "order", sort_order());
}

/* The fields of list entries when the request has no `fields`. */
#define EM_MINI "file_version,sequence_id,sha1,name"

void em_get_folder_finish(struct em_request *request)
{
  struct em_store *store = &request->emulator->store;
  json_t *children = NULL;
  json_t *folder = NULL;
  int64_t id;
  if(!em_id_parse(request->path_id, &id) &&
     em_store_list(store, id, &children))
    folder = em_store_get(store, id, true);
  if(!folder)
    em_fail_not_found(request);
  else {
    json_object_set_new(folder, "item_collection",
                        collection_page(children, 0, EM_LIMIT, EM_MINI));
    em_item_select_fields(folder, em_request_query(request, "fields"));
    em_reply_json(&request->reply, MHD_HTTP_OK, folder);
  }
  json_decref(children);
}

static bool read_page_number(struct em_request *request, const char *name,
                             int64_t high, int64_t *out)
{
  const char *value = em_request_query(request, name);
  if(!value || !*value)
    return true;
  if(!em_number_parse(value, out) && *out <= high)
    return true;
  em_fail_parameter(request, "bad_request", name, "Invalid value");
  return false;
}

/* Markers are opaque to clients; here they are offsets. */
static json_t *marker_page(json_t *all, int64_t offset, int64_t limit,
                           const char *fields)
{
  json_t *object = collection_page(all, offset, limit, fields);
  int64_t end = offset + limit;
  json_object_del(object, "total_count");
  json_object_del(object, "offset");
  if(end < (int64_t)json_array_size(all))
    json_object_set_new(object, "next_marker",
                        json_sprintf("%lld", (long long)end));
  return object;
}

void em_list_folder_finish(struct em_request *request)
{
  const char *fields = em_request_query(request, "fields");
  const char *usemarker = em_request_query(request, "usemarker");
  bool use_marker = usemarker && !strcmp(usemarker, "true");
  json_t *children = NULL;
  int64_t offset = 0;
  int64_t limit = EM_LIMIT;
  int64_t id;
  if(!read_page_number(request, use_marker ? "marker" : "offset",
                       EM_OFFSET_MAX, &offset) ||
     !read_page_number(request, "limit", EM_LIMIT_MAX, &limit))
    return;
  if(!fields || !*fields)
    fields = EM_MINI;
  if(em_id_parse(request->path_id, &id) ||
     !em_store_list(&request->emulator->store, id, &children))
    em_fail_not_found(request);
  else
    em_reply_json(&request->reply, MHD_HTTP_OK,
                  use_marker
                      ? marker_page(children, offset, limit, fields)
                      : collection_page(children, offset, limit, fields));
  json_decref(children);
}

static void create_folder(struct em_request *request, json_t *body)
{
  json_t *parent = json_object_get(body, "parent");
  const char *id = json_string_value(json_object_get(parent, "id"));
  json_t *name = json_object_get(body, "name");
  enum em_store_result result;
  json_t *out = NULL;
  int64_t folder;
  if(!json_is_string(name) || !id || em_id_parse(id, &folder)) {
    em_fail_parameter(request, "bad_request",
                      json_is_string(name) ? "parent" : "name",
                      "Missing or invalid");
    return;
  }
  if(!em_target_name(request, name))
    return;
  result = em_store_make_folder(&request->emulator->store, folder,
                                json_string_value(name), &out);
  if(result == EM_STORE_CONFLICT)
    out = json_pack("[o]", out); /* a list, unlike for files */
  if(result != EM_STORE_OK) {
    em_target_refuse(request, result, out);
    return;
  }
  em_item_select_fields(out, em_request_query(request, "fields"));
  em_reply_json(&request->reply, MHD_HTTP_CREATED, out);
}

void em_create_folder_finish(struct em_request *request)
{
  json_t *body = em_body_json(request);
  if(body)
    create_folder(request, body);
  json_decref(body);
}
