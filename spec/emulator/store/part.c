/* The parts of an upload session. */
/* SPDX-License-Identifier: MIT */
#include "store/part.h"
#include "base/encoding.h"

int64_t em_part_length(const struct em_session *session, int64_t index)
{
  int64_t left = session->size - index * session->part_size;
  return left < session->part_size ? left : session->part_size;
}

enum em_part_state em_part_reserve(struct em_sessions *sessions,
                                   struct em_session *session, int64_t index,
                                   struct em_part *found)
{
  struct em_part *part = &session->parts[index];
  em_session_lock(sessions);
  *found = *part;
  if(part->state == EM_PART_ABSENT)
    part->state = EM_PART_RESERVED;
  em_session_unlock(sessions);
  return found->state;
}

void em_part_unreserve(struct em_sessions *sessions,
                       struct em_session *session, int64_t index)
{
  em_session_lock(sessions);
  if(session->parts[index].state == EM_PART_RESERVED)
    session->parts[index].state = EM_PART_ABSENT;
  em_session_unlock(sessions);
}

bool em_part_store(struct em_sessions *sessions, struct em_session *session,
                   int64_t index, const unsigned char *sha1,
                   const struct em_settings *settings, struct em_part *out)
{
  struct em_part *part = &session->parts[index];
  bool fine;
  em_session_lock(sessions);
  fine = session->state == EM_SESSION_OPEN && part->state == EM_PART_RESERVED;
  if(fine) {
    part->state = EM_PART_STORED;
    part->id = (uint32_t)em_random_next(sessions->random);
    memcpy(part->sha1, sha1, EM_SHA1_SIZE);
    em_lag_start(&part->lag, settings->list_lag_ms,
                 settings->list_lag_requests);
    session->stored++;
    *out = *part;
  }
  em_session_unlock(sessions);
  return fine;
}

bool em_part_look_locked(struct em_part *part)
{
  return part->state == EM_PART_STORED && em_lag_look(&part->lag);
}

int64_t em_part_count(struct em_sessions *sessions,
                      struct em_session *session)
{
  int64_t count = 0;
  int64_t i;
  em_session_lock(sessions);
  for(i = 0; session->parts && i < session->total_parts; i++)
    count += em_part_look_locked(&session->parts[i]);
  em_session_unlock(sessions);
  return count;
}

json_t *em_part_json(const struct em_session *session, int64_t index,
                     const struct em_part *part, bool with_sha1)
{
  char sha1[EM_SHA1_HEX];
  char id[EM_PART_ID_SIZE];
  em_hex_encode(sha1, part->sha1, EM_SHA1_SIZE);
  snprintf(id, sizeof(id), "%08lX", (unsigned long)part->id);
  return json_pack("{s:s, s:I, s:I, s:o}", "part_id", id, "offset",
                   (json_int_t)(index * session->part_size), "size",
                   (json_int_t)em_part_length(session, index), "sha1",
                   with_sha1 ? json_string(sha1) : json_null());
}
