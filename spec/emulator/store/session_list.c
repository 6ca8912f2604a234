/* The list of upload sessions, for the control paths. */
/* SPDX-License-Identifier: MIT */
#include "store/session_list.h"
#include "base/date.h"

static bool is_live(const struct em_session *session)
{
  return (session->state == EM_SESSION_OPEN ||
          session->state == EM_SESSION_COMMITTING) &&
         time(NULL) < session->expires_at;
}

size_t em_session_open_count(struct em_sessions *sessions)
{
  size_t count = 0;
  size_t i;
  em_session_lock(sessions);
  for(i = 0; i < sessions->count; i++)
    count += is_live(sessions->list[i]);
  em_session_unlock(sessions);
  return count;
}

static const char *state_name(const struct em_session *session)
{
  static const char *const names[] = {"open", "committing", "committed",
                                      "aborted", "dropped"};
  if((session->state == EM_SESSION_OPEN ||
      session->state == EM_SESSION_COMMITTING) &&
     time(NULL) >= session->expires_at)
    return "expired";
  return names[session->state];
}

static json_t *session_json_locked(const struct em_session *session)
{
  char expires[EM_DATE_SIZE];
  json_t *object;
  json_t *parts = json_array();
  int64_t i;
  em_date_format_utc(expires, session->expires_at);
  object = json_pack(
      "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s}", "id", session->id, "state",
      state_name(session), "user", session->user, "file_size",
      (json_int_t)session->size, "part_size", (json_int_t)session->part_size,
      "total_parts", (json_int_t)session->total_parts, "num_parts_processed",
      (json_int_t)session->stored, "session_expires_at", expires);
  for(i = 0; session->parts && i < session->total_parts; i++)
    if(session->parts[i].state == EM_PART_STORED)
      json_array_append_new(parts, json_integer(i));
  json_object_set_new(object, "parts", parts);
  json_object_set_new(object, "file_name",
                      session->name ? json_string(session->name)
                                    : json_null());
  json_object_set_new(object, "folder_id",
                      json_sprintf("%lld", (long long)session->folder));
  json_object_set_new(object, "file_id",
                      session->file < 0
                          ? json_null()
                          : json_sprintf("%lld", (long long)session->file));
  return object;
}

json_t *em_session_list(struct em_sessions *sessions)
{
  json_t *list = json_array();
  size_t i;
  em_session_lock(sessions);
  for(i = 0; i < sessions->count; i++)
    json_array_append_new(list, session_json_locked(sessions->list[i]));
  em_session_unlock(sessions);
  return list;
}
