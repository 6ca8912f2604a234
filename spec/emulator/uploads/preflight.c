/* The preflight check: whether an upload would be accepted. */
/* SPDX-License-Identifier: MIT */
#include "http/body.h"
#include "http/error.h"
#include "http/request.h"
#include "uploads/target.h"
#include "uploads/uploads.h"

static bool read_name(struct em_request *request, json_t *body,
                      struct em_target *target)
{
  json_t *value = json_object_get(body, "name");
  if(!value && target->destination.file >= 0)
    return true;
  if(!json_is_string(value)) {
    em_fail_parameter(request, "bad_request", "name",
                      "Missing or invalid name");
    return false;
  }
  if(!em_target_name(request, value))
    return false;
  target->destination.name = json_string_value(value);
  return true;
}

static bool read_size(struct em_request *request, json_t *body,
                      struct em_target *target)
{
  json_t *value = json_object_get(body, "size");
  target->size = json_integer_value(value);
  if(!value || json_is_null(value) ||
     (json_is_integer(value) && target->size >= 0))
    return true;
  em_fail_parameter(request, "bad_request", "size", "Invalid size");
  return false;
}

static bool read_preflight_target(struct em_request *request, json_t *body,
                                  struct em_target *target)
{
  if(request->path_id[0] ? !em_target_file(request, target)
                         : !em_target_parent(request, body, target))
    return false;
  return read_name(request, body, target) &&
         read_size(request, body, target) && em_target_check(request, target);
}

static void reply_with_upload_url(struct em_request *request)
{
  const char *origin =
      request->emulator->server.listeners[EM_LISTENER_UPLOAD].origin;
  const char *id = request->path_id;
  em_reply_json(
      &request->reply, MHD_HTTP_OK,
      json_pack("{s:o, s:n}", "upload_url",
                json_sprintf("%s/api/2.0/files/%s%scontent"
                             "?upload_session_id=%.16s",
                             origin, id, *id ? "/" : "", request->id),
                "upload_token"));
}

void em_preflight_finish(struct em_request *request)
{
  struct em_target target = {{0, -1, NULL, true}, -1};
  json_t *body;
  if(!em_check_content_type(request, "application/json"))
    return;
  body = em_body_json(request);
  if(!body)
    return;
  if(read_preflight_target(request, body, &target))
    reply_with_upload_url(request);
  json_decref(body);
}
