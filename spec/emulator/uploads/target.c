/* Checks shared by all kinds of upload: name, folder, size. */
/* SPDX-License-Identifier: MIT */
#include "uploads/target.h"
#include "http/access.h"
#include "http/error.h"
#include "http/request.h"
#include "store/name.h"

static int normalize_name(struct em_request *request, json_t *name)
{
  char *composed;
  int result;
  if(!request->settings.normalize_names)
    return 0;
  composed = em_name_compose(json_string_value(name));
  result = composed ? json_string_set(name, composed) : -1;
  free(composed);
  return result;
}

bool em_target_name(struct em_request *request, json_t *name)
{
  if(normalize_name(request, name)) {
    em_fail_internal(request);
    return false;
  }
  switch(em_name_check(json_string_value(name))) {
  case EM_NAME_INVALID:
    em_fail_parameter(request, "item_name_invalid", "name",
                      "Item name invalid");
    return false;
  case EM_NAME_TOO_LONG:
    em_fail_parameter(request, "item_name_too_long", "name",
                      "Item name too long");
    return false;
  default:
    return true;
  }
}

static void refuse_parent(struct em_request *request)
{
  /* Session endpoints call the folder folder_id, the others parent. */
  if(!strcmp(request->operation->name, "create_session"))
    em_fail_info(request, MHD_HTTP_NOT_FOUND, "invalid_parameter",
                 json_pack("{s:[{s:s, s:s, s:s}]}", "errors", "reason",
                           "invalid_parameter", "name", "folder_id",
                           "message", "Invalid value for folder_id."),
                 "Not Found");
  else
    em_fail_info(request, MHD_HTTP_NOT_FOUND, "not_found",
                 json_pack("{s:[{s:s, s:s, s:s}]}", "errors", "reason",
                           "invalid_parameter", "name", "parent", "message",
                           "Invalid value. 'parent' with this "
                           "id not found"),
                 "Not Found");
}

void em_target_refuse(struct em_request *request, enum em_store_result result,
                      json_t *conflict)
{
  switch(result) {
  case EM_STORE_NO_PARENT:
    refuse_parent(request);
    break;
  case EM_STORE_NO_FILE:
    em_fail_not_found(request);
    break;
  case EM_STORE_TRASHED:
    em_fail(request, MHD_HTTP_NOT_FOUND, "trashed", "Item is trashed");
    break;
  case EM_STORE_CONFLICT:
    em_fail_info(request, MHD_HTTP_CONFLICT, "item_name_in_use",
                 json_pack("{s:O}", "conflicts", conflict),
                 "Item with the same name already exists");
    break;
  case EM_STORE_PRECONDITION:
    em_fail(request, MHD_HTTP_PRECONDITION_FAILED, "precondition_failed",
            "The resource has been modified. Please retrieve the resource "
            "again and retry");
    break;
  default:
    em_fail_internal(request);
  }
  json_decref(conflict);
}

static bool check_quota(struct em_request *request, int64_t size)
{
  struct em_store *store = &request->emulator->store;
  const struct em_settings *settings = &request->settings;
  if(settings->max_file_size && size > settings->max_file_size) {
    em_fail(request, MHD_HTTP_FORBIDDEN, "file_size_limit_exceeded",
            "File size exceeds the folder owner's file size limit");
    return false;
  }
  if(settings->quota && size > settings->quota - em_store_bytes_used(store)) {
    em_fail(request, MHD_HTTP_FORBIDDEN, "storage_limit_exceeded",
            "Account storage limit reached");
    return false;
  }
  return true;
}

bool em_target_file(struct em_request *request, struct em_target *target)
{
  struct em_destination *destination = &target->destination;
  if(!em_id_parse(request->path_id, &destination->file) &&
     em_store_parent(&request->emulator->store, destination->file,
                     &destination->folder))
    return true;
  em_target_absent(request);
  return false;
}

void em_target_absent(struct em_request *request)
{
  enum em_store_result result = EM_STORE_NO_FILE;
  int64_t id;
  if(!em_id_parse(request->path_id, &id))
    result = em_store_absence(&request->emulator->store, id);
  em_target_refuse(request, result, NULL);
}

bool em_target_check(struct em_request *request,
                     const struct em_target *target)
{
  json_t *conflict = NULL;
  enum em_store_result result = em_store_check(
      &request->emulator->store, &target->destination, &conflict);
  if(result != EM_STORE_OK && result != EM_STORE_CONFLICT) {
    em_target_refuse(request, result, conflict);
    return false;
  }
  if(!em_access_upload(request, target->destination.folder) ||
     !check_quota(request, target->size)) {
    json_decref(conflict);
    return false;
  }
  if(result == EM_STORE_CONFLICT)
    em_target_refuse(request, result, conflict);
  return result == EM_STORE_OK;
}

bool em_target_parent(struct em_request *request, json_t *body,
                      struct em_target *target)
{
  json_t *parent = json_object_get(body, "parent");
  const char *id = json_string_value(json_object_get(parent, "id"));
  if(id && !em_id_parse(id, &target->destination.folder))
    return true;
  em_fail_parameter(request, "bad_request", "parent",
                    "Missing or invalid parent");
  return false;
}
