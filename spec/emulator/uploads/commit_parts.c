/* Checks the list of parts in a commit request. */
/* SPDX-License-Identifier: MIT */
#include "uploads/commit_parts.h"
#include "base/encoding.h"
#include "http/error.h"
#include "store/part.h"

#include <strings.h>

void em_fail_parts_mismatch(struct em_request *request, json_t *entry)
{
  char *text = entry ? json_dumps(entry, JSON_ENCODE_ANY) : NULL;
  em_fail(request, MHD_HTTP_BAD_REQUEST, "parts_mismatch",
          "No matching part found on server for part: %s",
          text ? text : "{}");
  free(text);
}

/* The fields of "List parts". sha1 may be missing or null, because the list
   may have it null. */
static bool is_part_entry(json_t *entry)
{
  json_t *sha1 = json_object_get(entry, "sha1");
  return json_is_string(json_object_get(entry, "part_id")) &&
         json_is_integer(json_object_get(entry, "offset")) &&
         json_is_integer(json_object_get(entry, "size")) &&
         (!sha1 || json_is_null(sha1) || json_is_string(sha1));
}

static bool entry_matches_locked(const struct em_session *session,
                                 int64_t index, json_t *entry)
{
  const struct em_part *part = &session->parts[index];
  const char *sha1 = json_string_value(json_object_get(entry, "sha1"));
  char id[EM_PART_ID_SIZE];
  char hex[EM_SHA1_HEX];
  snprintf(id, sizeof(id), "%08lX", (unsigned long)part->id);
  em_hex_encode(hex, part->sha1, EM_SHA1_SIZE);
  return part->state == EM_PART_STORED &&
         !strcmp(json_string_value(json_object_get(entry, "part_id")), id) &&
         json_integer_value(json_object_get(entry, "offset")) ==
             index * session->part_size &&
         json_integer_value(json_object_get(entry, "size")) ==
             em_part_length(session, index) &&
         (!sha1 || !strcasecmp(sha1, hex));
}

static bool check_order(struct em_request *request, json_t *parts)
{
  json_int_t last = -1;
  size_t i;
  for(i = 0; i < json_array_size(parts); i++) {
    json_t *entry = json_array_get(parts, i);
    json_int_t offset;
    if(!is_part_entry(entry)) {
      em_fail_parameter(request, "bad_request", "parts",
                        "A part needs part_id, offset and size");
      return false;
    }
    offset = json_integer_value(json_object_get(entry, "offset"));
    if(offset <= last) {
      em_fail_parameter(request, "bad_request", "parts",
                        "The parts must be ordered by offset");
      return false;
    }
    last = offset;
  }
  return true;
}

static bool check_matches(struct em_request *request,
                          const struct em_session *session, json_t *parts)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  json_t *wrong = NULL;
  size_t count = json_array_size(parts);
  size_t i;
  em_session_lock(sessions);
  for(i = 0; i < count && (int64_t)i < session->total_parts && !wrong; i++) {
    json_t *entry = json_array_get(parts, i);
    if(!entry_matches_locked(session, (int64_t)i, entry))
      wrong = entry;
  }
  em_session_unlock(sessions);
  if(!wrong && (int64_t)count == session->total_parts)
    return true;
  if(!wrong && (int64_t)count > session->total_parts)
    wrong = json_array_get(parts, i);
  em_fail_parts_mismatch(request, wrong);
  return false;
}

bool em_check_commit_parts(struct em_request *request,
                           const struct em_session *session, json_t *parts)
{
  if(!json_is_array(parts) || !json_array_size(parts)) {
    em_fail_parameter(request, "bad_request", "parts",
                      "A list of parts is required");
    return false;
  }
  return check_order(request, parts) &&
         check_matches(request, session, parts);
}
