/* Operations on an upload session: get, list parts, abort, log. */
/* SPDX-License-Identifier: MIT */
#include "base/number.h"
#include "http/body.h"
#include "http/error.h"
#include "http/request.h"
#include "store/part.h"
#include "uploads/session_resource.h"
#include "uploads/uploads.h"

#define EM_LIST_LIMIT 1000
#define EM_LIST_OFFSET 10000

void em_get_session_finish(struct em_request *request)
{
  struct em_session *session = em_session_acquire_path(request, NULL);
  if(!session)
    return;
  em_reply_json(&request->reply, MHD_HTTP_OK,
                em_session_json(request, session));
  em_session_release(&request->emulator->sessions, session);
}

static bool read_list_number(struct em_request *request, const char *name,
                             int64_t low, int64_t high, int64_t *out)
{
  const char *value = em_request_query(request, name);
  char code[24];
  if(!value)
    return true;
  if(!em_number_parse(value, out) && *out >= low && *out <= high)
    return true;
  snprintf(code, sizeof(code), "invalid_%s", name);
  em_fail_parameter(request, code, name, "Invalid value");
  return false;
}

static json_t *list_parts_locked(struct em_session *session, int64_t offset,
                                 int64_t limit, bool with_sha1)
{
  json_t *entries = json_array();
  int64_t seen = 0;
  int64_t i;
  for(i = 0; i < session->total_parts && limit > 0; i++) {
    if(!em_part_look_locked(&session->parts[i]) || seen++ < offset)
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
  session = em_session_acquire_path(request, NULL);
  if(!session)
    return;
  if(read_list_number(request, "offset", 0, EM_LIST_OFFSET, &offset) &&
     read_list_number(request, "limit", 1, EM_LIST_LIMIT, &limit)) {
    em_session_lock(sessions);
    entries = list_parts_locked(session, offset, limit,
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

/* At Box, aborting a committed session succeeds and leaves the file alone. */
void em_abort_finish(struct em_request *request)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  bool committed;
  struct em_session *session = em_session_acquire_path(request, &committed);
  if(!session)
    return;
  if(!committed)
    em_session_end(sessions, session, EM_SESSION_ABORTED);
  em_reply_empty(&request->reply, MHD_HTTP_NO_CONTENT);
  em_session_release(sessions, session);
}

void em_log_event_finish(struct em_request *request)
{
  struct em_session *session = em_session_acquire_path(request, NULL);
  json_t *body;
  if(!session)
    return;
  body = em_body_json(request);
  if(body)
    em_reply_empty(&request->reply, MHD_HTTP_NO_CONTENT);
  json_decref(body);
  em_session_release(&request->emulator->sessions, session);
}
