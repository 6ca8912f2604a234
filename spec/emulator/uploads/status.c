/* The small operations on a session: status, list of parts, abort, log. */
/* SPDX-License-Identifier: MIT */
#include "uploads/status.h"
#include "base/date.h"
#include "base/number.h"
#include "http/body.h"
#include "http/error.h"
#include "http/request.h"
#include "store/part.h"
#include "uploads/uploads.h"

#define EM_LIST_LIMIT 1000
#define EM_LIST_OFFSET 10000

static bool is_session_id(const char *id)
{
  return strlen(id) == EM_SESSION_ID_SIZE - 1 &&
         strspn(id, "0123456789ABCDEF") == EM_SESSION_ID_SIZE - 1;
}

static void refuse(struct em_request *request, enum em_session_access verdict)
{
  switch(verdict) {
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

struct em_session *em_session_of(struct em_request *request, bool *over)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  struct em_session *session = NULL;
  enum em_session_access verdict;
  if(!is_session_id(request->argument)) {
    em_fail(request, MHD_HTTP_BAD_REQUEST, "invalid_upload_session_id",
            "Not an upload session id: %s", request->argument);
    return NULL;
  }
  verdict = em_session_acquire(sessions, request->argument, request->user,
                               &session);
  if(over)
    *over = verdict == EM_SESSION_FINISHED;
  if(verdict == EM_SESSION_USABLE || (verdict == EM_SESSION_FINISHED && over))
    return session;
  if(verdict == EM_SESSION_FINISHED)
    em_session_release(sessions, session);
  refuse(request, verdict);
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

static json_t *endpoints(struct em_request *request,
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
  int64_t stored;
  em_session_lock(sessions);
  em_date_format_utc(expires, session->expires_at);
  stored = session->stored;
  em_session_unlock(sessions);
  return json_pack("{s:I, s:I, s:o, s:s, s:s, s:s, s:I}", "total_parts",
                   (json_int_t)session->total_parts, "part_size",
                   (json_int_t)session->part_size, "session_endpoints",
                   endpoints(request, session), "session_expires_at", expires,
                   "id", session->id, "type", "upload_session",
                   "num_parts_processed", (json_int_t)stored);
}

void em_get_session_finish(struct em_request *request)
{
  struct em_session *session = em_session_of(request, NULL);
  if(!session)
    return;
  em_reply_json(&request->reply, MHD_HTTP_OK,
                em_session_json(request, session));
  em_session_release(&request->emulator->sessions, session);
}

static bool read_window(struct em_request *request, const char *name,
                        int64_t low, int64_t high, int64_t *out)
{
  const char *value = em_query(request, name);
  char code[24];
  if(!value)
    return true;
  if(!em_number_parse(value, out) && *out >= low && *out <= high)
    return true;
  snprintf(code, sizeof(code), "invalid_%s", name);
  em_fail_parameter(request, code, name, "Invalid value");
  return false;
}

static json_t *list_locked(const struct em_session *session, int64_t offset,
                           int64_t limit, bool with_sha1)
{
  json_t *entries = json_array();
  int64_t seen = 0;
  int64_t i;
  for(i = 0; i < session->total_parts && limit > 0; i++) {
    if(session->parts[i].state != EM_PART_STORED || seen++ < offset)
      continue;
    json_array_append_new(
        entries, em_part_json(session, i, &session->parts[i], with_sha1));
    limit--;
  }
  return entries;
}

void em_list_parts_finish(struct em_request *request)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  struct em_session *session;
  json_t *entries;
  int64_t offset = 0;
  int64_t limit = EM_LIST_LIMIT;
  session = em_session_of(request, NULL);
  if(!session)
    return;
  if(read_window(request, "offset", 0, EM_LIST_OFFSET, &offset) &&
     read_window(request, "limit", 1, EM_LIST_LIMIT, &limit)) {
    em_session_lock(sessions);
    entries = list_locked(session, offset, limit,
                          !request->settings.list_sha1_null);
    em_session_unlock(sessions);
    em_reply_json(&request->reply, MHD_HTTP_OK,
                  json_pack("{s:o, s:I, s:I, s:I}", "entries", entries,
                            "offset", (json_int_t)offset, "total_count",
                            (json_int_t)session->total_parts, "limit",
                            (json_int_t)limit));
  }
  em_session_release(sessions, session);
}

/* Aborting what is committed is harmless at Box, and the file stays. */
void em_abort_finish(struct em_request *request)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  bool over;
  struct em_session *session = em_session_of(request, &over);
  if(!session)
    return;
  if(!over)
    em_session_end(sessions, session, EM_SESSION_ABORTED);
  em_reply_empty(&request->reply, MHD_HTTP_NO_CONTENT);
  em_session_release(sessions, session);
}

void em_log_finish(struct em_request *request)
{
  struct em_session *session = em_session_of(request, NULL);
  json_t *body;
  if(!session)
    return;
  body = em_body_json(request);
  if(body)
    em_reply_empty(&request->reply, MHD_HTTP_NO_CONTENT);
  json_decref(body);
  em_session_release(&request->emulator->sessions, session);
}
