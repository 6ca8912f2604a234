/* Committing a session: its parts become a file. */
/* SPDX-License-Identifier: MIT */
#include "base/encoding.h"
#include "http/body.h"
#include "http/error.h"
#include "http/request.h"
#include "store/item_json.h"
#include "store/part.h"
#include "store/save.h"
#include "uploads/attributes.h"
#include "uploads/status.h"
#include "uploads/target.h"
#include "uploads/uploads.h"

#include <fcntl.h>
#include <strings.h>
#include <unistd.h>

struct commit {
  struct em_session *session;
  struct em_attributes attributes;
  const char *wanted; /* base64 SHA-1 of the file */
  json_t *parts;
  char sha1[EM_SHA1_HEX];
};

void em_commit_begin(struct em_request *request)
{
  em_check_content_type(request, "application/json");
}

static bool read_digest(struct em_request *request, struct commit *commit)
{
  const char *header = em_header(request, "digest");
  commit->wanted = header ? em_digest_value(header) : NULL;
  if(commit->wanted)
    return true;
  em_fail_parameter(request, "bad_request", "digest",
                    "The Digest must be sha= and a base64 SHA-1");
  return false;
}

static void mismatch(struct em_request *request, json_t *entry)
{
  char *text = entry ? json_dumps(entry, JSON_ENCODE_ANY) : NULL;
  em_fail(request, MHD_HTTP_BAD_REQUEST, "parts_mismatch",
          "No matching part found on server for part: %s",
          text ? text : "{}");
  free(text);
}

/* An entry as the service would list it; sha1 may be left out or null. */
static bool is_entry(json_t *entry)
{
  json_t *sha1 = json_object_get(entry, "sha1");
  return json_is_string(json_object_get(entry, "part_id")) &&
         json_is_integer(json_object_get(entry, "offset")) &&
         json_is_integer(json_object_get(entry, "size")) &&
         (!sha1 || json_is_null(sha1) || json_is_string(sha1));
}

static bool entry_fits_locked(const struct em_session *session, int64_t index,
                              json_t *entry)
{
  const struct em_part *part = &session->parts[index];
  const char *sha1 = json_string_value(json_object_get(entry, "sha1"));
  char id[EM_PART_ID_SIZE];
  char hex[EM_SHA1_HEX];
  snprintf(id, sizeof(id), "%08lX", (unsigned long)part->id);
  em_hex(hex, part->sha1, EM_SHA1_SIZE);
  return part->state == EM_PART_STORED &&
         !strcmp(json_string_value(json_object_get(entry, "part_id")), id) &&
         json_integer_value(json_object_get(entry, "offset")) ==
             index * session->part_size &&
         json_integer_value(json_object_get(entry, "size")) ==
             em_part_length(session, index) &&
         (!sha1 || !strcasecmp(sha1, hex));
}

static bool check_order(struct em_request *request, struct commit *commit)
{
  json_int_t last = -1;
  size_t i;
  for(i = 0; i < json_array_size(commit->parts); i++) {
    json_t *entry = json_array_get(commit->parts, i);
    json_int_t offset;
    if(!is_entry(entry)) {
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

static bool check_parts(struct em_request *request, struct commit *commit)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  const struct em_session *session = commit->session;
  json_t *wrong = NULL;
  size_t count = json_array_size(commit->parts);
  size_t i;
  em_session_lock(sessions);
  for(i = 0; i < count && (int64_t)i < session->total_parts && !wrong; i++) {
    json_t *entry = json_array_get(commit->parts, i);
    if(!entry_fits_locked(session, (int64_t)i, entry))
      wrong = entry;
  }
  em_session_unlock(sessions);
  if(!wrong && (int64_t)count == session->total_parts)
    return true;
  if(!wrong && (int64_t)count > session->total_parts)
    wrong = json_array_get(commit->parts, i);
  mismatch(request, wrong);
  return false;
}

static bool read_parts(struct em_request *request, struct commit *commit,
                       json_t *body)
{
  commit->parts = json_object_get(body, "parts");
  if(!json_is_array(commit->parts) || !json_array_size(commit->parts)) {
    em_fail_parameter(request, "bad_request", "parts",
                      "A list of parts is required");
    return false;
  }
  return check_order(request, commit) && check_parts(request, commit);
}

static void not_yet(struct em_request *request)
{
  em_reply_empty(&request->reply, MHD_HTTP_ACCEPTED);
  em_reply_header(&request->reply, "retry-after", "%lld",
                  (long long)request->settings.commit_retry_after);
}

/* True when this request is the one that commits. */
static bool claim(struct em_request *request, struct commit *commit)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  struct em_session *session = commit->session;
  const struct em_settings *settings = &request->settings;
  bool early = false;
  bool mine = false;
  em_session_lock(sessions);
  if(session->state != EM_SESSION_OPEN)
    mine = false;
  else if(session->mismatches < settings->parts_mismatch) {
    session->mismatches++;
    early = true;
  } else if(session->commits < settings->commit_202)
    session->commits++;
  else {
    session->state = EM_SESSION_COMMITTING;
    mine = true;
  }
  em_session_unlock(sessions);
  if(early)
    mismatch(request, json_array_get(commit->parts, 0));
  else if(!mine)
    not_yet(request);
  return mine;
}

static int digest_of(struct em_request *request, struct commit *commit,
                     unsigned char *sha1)
{
  int result = -1;
  int fd;
  if(!request->settings.verify_file || !request->settings.store) {
    unsigned char bytes[EM_SHA1_SIZE + 1];
    if(EVP_DecodeBlock(bytes, (const unsigned char *)commit->wanted,
                       EM_SHA1_BASE64 - 1) != (int)sizeof(bytes))
      return -1;
    memcpy(sha1, bytes, EM_SHA1_SIZE);
    return 0;
  }
  fd = open(commit->session->path, O_RDONLY | O_CLOEXEC);
  if(fd < 0)
    return -1;
  result = em_digest_file(fd, 0, commit->session->size, EVP_sha1(), sha1);
  close(fd);
  return result;
}

static bool check_file(struct em_request *request, struct commit *commit)
{
  unsigned char sha1[EM_SHA1_SIZE];
  char actual[EM_SHA1_BASE64];
  if(digest_of(request, commit, sha1)) {
    em_fail_internal(request);
    return false;
  }
  em_base64_sha1(actual, sha1);
  em_hex(commit->sha1, sha1, EM_SHA1_SIZE);
  if(!strcmp(actual, commit->wanted))
    return true;
  em_fail(request, MHD_HTTP_BAD_REQUEST, "digest_mismatch",
          "The file does not match its digest. Actual: %s Expected: %s",
          actual, commit->wanted);
  return false;
}

static void describe_upload(struct em_request *request, struct commit *commit,
                            struct em_finished_upload *upload)
{
  const struct em_session *session = commit->session;
  const char *new_name = commit->attributes.name;
  memset(upload, 0, sizeof(*upload));
  upload->destination.folder = session->folder;
  upload->destination.file = session->file;
  upload->destination.name = new_name ? new_name : session->name;
  upload->attributes = commit->attributes;
  upload->path = session->path;
  upload->sha1 = commit->sha1;
  upload->size = session->size;
  upload->part_size = session->part_size;
  upload->if_match = em_header(request, "if-match");
  upload->if_none_match = em_header(request, "if-none-match");
}

static void answer(struct em_request *request, json_t *file)
{
  em_item_select_fields(file, em_query(request, "fields"));
  em_reply_json(&request->reply, MHD_HTTP_CREATED,
                json_pack("{s:i, s:[o]}", "total_count", 1, "entries", file));
}

/* Returns the id of the file, or -1 with the refusal made. */
static int64_t deliver(struct em_request *request, struct commit *commit)
{
  struct em_finished_upload upload;
  enum em_store_result result;
  json_t *out = NULL;
  int64_t id = -1;
  describe_upload(request, commit, &upload);
  result = em_store_save(&request->emulator->store, &upload, &out);
  if(result != EM_STORE_OK) {
    em_target_refuse(request, result, out);
    return -1;
  }
  em_id_parse(json_string_value(json_object_get(out, "id")), &id);
  answer(request, out);
  return id;
}

static void finish(struct em_request *request, struct commit *commit)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  struct em_session *session = commit->session;
  int64_t id = -1;
  if(check_file(request, commit))
    id = deliver(request, commit);
  em_session_lock(sessions);
  session->committed_file = id;
  if(id < 0)
    session->state = EM_SESSION_OPEN;
  em_session_unlock(sessions);
  if(id >= 0)
    em_session_end(sessions, session, EM_SESSION_COMMITTED);
}

/* Nobody has said what Box does then: --recommit chooses. */
static void again(struct em_request *request, struct em_session *session)
{
  json_t *file =
      em_store_get(&request->emulator->store, session->committed_file, false);
  if(request->settings.recommit == MHD_HTTP_CREATED && file) {
    answer(request, file);
    return;
  }
  if(request->settings.recommit == MHD_HTTP_CONFLICT && file) {
    em_target_refuse(request, EM_STORE_CONFLICT, file);
    return;
  }
  json_decref(file);
  em_fail(request, MHD_HTTP_NOT_FOUND, "upload_session_not_found",
          "The upload session does not exist");
}

void em_commit_finish(struct em_request *request)
{
  struct commit commit;
  json_t *body = NULL;
  bool over;
  memset(&commit, 0, sizeof(commit));
  commit.session = em_session_of(request, &over);
  if(!commit.session)
    return;
  if(over)
    again(request, commit.session);
  else
    body = em_body_json(request);
  if(body && read_digest(request, &commit) &&
     read_parts(request, &commit, body) &&
     em_attributes_read(request, json_object_get(body, "attributes"),
                        &commit.attributes) &&
     claim(request, &commit))
    finish(request, &commit);
  json_decref(body);
  em_session_release(&request->emulator->sessions, commit.session);
}
