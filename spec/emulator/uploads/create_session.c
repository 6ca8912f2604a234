/* Creates upload sessions for new files and new versions. */
/* SPDX-License-Identifier: MIT */
#include "http/body.h"
#include "http/error.h"
#include "http/request.h"
#include "uploads/session_resource.h"
#include "uploads/target.h"
#include "uploads/uploads.h"

void em_create_session_begin(struct em_request *request)
{
  /* Box's reply to a body that is not JSON. It has only these fields. */
  if(!em_has_type(request, "application/json"))
    em_reply_json(&request->reply, MHD_HTTP_BAD_REQUEST,
                  json_pack("{s:s, s:s, s:s}", "code",
                            "request_size_mismatch", "message",
                            "The request body is not application/json",
                            "request_id", request->id));
}

static bool read_folder(struct em_request *request, json_t *body,
                        struct em_target *target)
{
  json_t *value = json_object_get(body, "folder_id");
  if(!value)
    em_fail_parameter(request, "missing_destination", "folder_id",
                      "Missing destination folder");
  else if(!json_is_string(value) ||
          em_id_parse(json_string_value(value), &target->destination.folder))
    em_fail_parameter(request, "invalid_folder_id", "folder_id",
                      "Invalid folder id");
  else
    return true;
  return false;
}

static bool read_file_name(struct em_request *request, json_t *body,
                           struct em_target *target)
{
  json_t *value = json_object_get(body, "file_name");
  if(!value && target->destination.file >= 0)
    return true;
  if(!value) {
    em_fail_parameter(request, "missing_file_name", "file_name",
                      "Missing file name");
    return false;
  }
  if(!json_is_string(value)) {
    em_fail_parameter(request, "item_name_invalid", "file_name",
                      "Item name invalid");
    return false;
  }
  if(!em_target_name(request, value))
    return false;
  target->destination.name = json_string_value(value);
  return true;
}

static bool read_file_size(struct em_request *request, json_t *body,
                           struct em_target *target)
{
  json_t *value = json_object_get(body, "file_size");
  target->size = json_integer_value(value);
  if(!value)
    em_fail_parameter(request, "missing_file_size", "file_size",
                      "Missing file size");
  else if(!json_is_integer(value) || target->size < 0)
    em_fail_parameter(request, "invalid_file_size", "file_size",
                      "Invalid file size");
  else if(target->size < request->settings.min_size || target->size == 0)
    em_fail(request, MHD_HTTP_BAD_REQUEST, "file_size_too_small",
            "File size must be at least %lld bytes",
            (long long)request->settings.min_size);
  else
    return true;
  return false;
}

static bool read_session_target(struct em_request *request, json_t *body,
                                struct em_target *target)
{
  if(request->path_id[0] ? !em_target_file(request, target)
                         : !read_folder(request, body, target))
    return false;
  return read_file_name(request, body, target) &&
         read_file_size(request, body, target) &&
         em_target_check(request, target);
}

/* For a client that lost the reply to its first request and tries again. */
static bool find_conflict(struct em_request *request,
                          const struct em_session *like)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  struct em_session *duplicate = NULL;
  if(request->settings.session_conflict)
    duplicate = em_session_find_duplicate(sessions, like);
  if(!duplicate)
    return false;
  em_fail_info(
      request, MHD_HTTP_CONFLICT, "session_conflict",
      json_pack("{s:o}", "session", em_session_json(request, duplicate)),
      "An upload session for this file exists already");
  em_session_release(sessions, duplicate);
  return true;
}

static void create_session(struct em_request *request,
                           const struct em_target *target)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  struct em_session *session;
  struct em_session like;
  memset(&like, 0, sizeof(like));
  snprintf(like.user, sizeof(like.user), "%s", request->user);
  like.folder = target->destination.folder;
  like.file = target->destination.file;
  like.size = target->size;
  like.name = (char *)target->destination.name;
  if(find_conflict(request, &like))
    return;
  session = em_session_create(sessions, &like, &request->settings);
  if(!session)
    return;
  em_reply_json(&request->reply, MHD_HTTP_CREATED,
                em_session_json(request, session));
  em_session_release(sessions, session);
}

void em_create_session_finish(struct em_request *request)
{
  struct em_target target = {{0, -1, NULL, false}, -1};
  json_t *body = em_body_json(request);
  if(!body)
    return;
  if(read_session_target(request, body, &target))
    create_session(request, &target);
  json_decref(body);
}
