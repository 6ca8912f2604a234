/* Operations on the trash: delete a file, restore it, delete it for good. */
/* SPDX-License-Identifier: MIT */
#include "store/trash.h"
#include "http/body.h"
#include "http/error.h"
#include "http/request.h"
#include "operations/operations.h"
#include "store/item_json.h"
#include "uploads/target.h"

/* As at Box, a deleted file goes to the trash. */
void em_delete_file_finish(struct em_request *request)
{
  int64_t id;
  if(em_id_parse(request->path_id, &id) ||
     em_store_trash(&request->emulator->store, id) != EM_STORE_OK)
    em_target_absent(request);
  else
    em_reply_empty(&request->reply, MHD_HTTP_NO_CONTENT);
}

static void restore_file(struct em_request *request, json_t *body)
{
  json_t *name = json_object_get(body, "name");
  enum em_store_result result = EM_STORE_NO_FILE;
  json_t *out = NULL;
  int64_t id;
  if(json_is_string(name) && !em_target_name(request, name))
    return;
  if(!em_id_parse(request->path_id, &id))
    result = em_store_restore(&request->emulator->store, id,
                              json_string_value(name), &out);
  if(result != EM_STORE_OK) {
    em_target_refuse(request, result, out);
    return;
  }
  em_item_select_fields(out, em_request_query(request, "fields"));
  em_reply_json(&request->reply, MHD_HTTP_CREATED, out);
}

/* The body may be missing: the name is optional. */
void em_restore_file_finish(struct em_request *request)
{
  json_t *body = request->body.size ? em_body_json(request) : json_object();
  if(body)
    restore_file(request, body);
  json_decref(body);
}

void em_get_trashed_file_finish(struct em_request *request)
{
  json_t *file = NULL;
  int64_t id;
  if(!em_id_parse(request->path_id, &id))
    file = em_store_get_trashed(&request->emulator->store, id);
  if(!file) {
    em_fail_not_found(request);
    return;
  }
  em_item_select_fields(file, em_request_query(request, "fields"));
  em_reply_json(&request->reply, MHD_HTTP_OK, file);
}

void em_delete_trashed_file_finish(struct em_request *request)
{
  int64_t id;
  if(em_id_parse(request->path_id, &id) ||
     em_store_purge(&request->emulator->store, id) != EM_STORE_OK)
    em_fail_not_found(request);
  else
    em_reply_empty(&request->reply, MHD_HTTP_NO_CONTENT);
}
