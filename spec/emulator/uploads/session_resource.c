/* Looks up the session in a request's path, and shows sessions as JSON. */
/* SPDX-License-Identifier: MIT */
#include "uploads/session_resource.h"
#include "base/date.h"
#include "http/error.h"
#include "store/part.h"

static bool is_session_id(const char *id)
{
  return strlen(id) == EM_SESSION_ID_SIZE - 1 &&
         strspn(id, "0123456789ABCDEF") == EM_SESSION_ID_SIZE - 1;
}

static void refuse_access(struct em_request *request,
                          enum em_session_access access)
{
  switch(access) {
  case EM_SESSION_EXPIRED:
    em_fail(request, MHD_HTTP_GONE, "session_expired",
            "The upload session has expired");
    break;
  case EM_SESSION_NOT_OWNER:
    em_fail(request, MHD_HTTP_FORBIDDEN, "forbidden",
            "Only the creator of an upload session may use it");
    break;
  default:
    em_fail(request, MHD_HTTP_NOT_FOUND, "upload_session_not_found",
            "The upload session does not exist");
  }
}

struct em_session *em_session_acquire_path(struct em_request *request,
                                           bool *committed)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  struct em_session *session = NULL;
  enum em_session_access access;
  if(!is_session_id(request->path_id)) {
    em_fail(request, MHD_HTTP_BAD_REQUEST, "invalid_upload_session_id",
            "Not an upload session id: %s", request->path_id);
    return NULL;
  }
  access =
      em_session_acquire(sessions, request->path_id, request->user, &session);
  if(committed)
    *committed = access == EM_SESSION_FINISHED;
  if(access == EM_SESSION_USABLE ||
     (access == EM_SESSION_FINISHED && committed))
    return session;
  if(access == EM_SESSION_FINISHED)
    em_session_release(sessions, session);
  refuse_access(request, access);
  return NULL;
}

static void add_endpoint(json_t *object, const char *key,
                         struct em_request *request,
                         const struct em_session *session, const char *tail)
{
  const char *origin =
      request->emulator->server.listeners[EM_LISTENER_SESSION].origin;
  json_object_set_new(object, key,
                      json_sprintf("%s/api/2.0/files/upload_sessions/%s%s",
                                   origin, session->id, tail));
}

static json_t *session_endpoints(struct em_request *request,
                                 const struct em_session *session)
{
  json_t *object = json_object();
  add_endpoint(object, "list_parts", request, session, "/parts");
  add_endpoint(object, "commit", request, session, "/commit");
  add_endpoint(object, "log_event", request, session, "/log");
  add_endpoint(object, "upload_part", request, session, "");
  add_endpoint(object, "status", request, session, "");
  add_endpoint(object, "abort", request, session, "");
  add_endpoint(object, "plan", request, session, "/plan");
  return object;
}

json_t *em_session_json(struct em_request *request,
                        struct em_session *session)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  char expires[EM_DATE_SIZE];
  em_session_lock(sessions);
  em_date_format_utc(expires, session->expires_at);
  em_session_unlock(sessions);
  return json_pack("{s:I, s:I, s:o, s:s, s:s, s:s, s:I}", "total_parts",
                   (json_int_t)session->total_parts, "part_size",
                   (json_int_t)session->part_size, "session_endpoints",
                   session_endpoints(request, session), "session_expires_at",
                   expires, "id", session->id, "type", "upload_session",
                   "num_parts_processed",
                   (json_int_t)em_part_count(sessions, session));
}
