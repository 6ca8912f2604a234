/* Commits an upload session: turns its parts into a file. */
/* SPDX-License-Identifier: MIT */
#include "base/encoding.h"
#include "http/body.h"
#include "http/error.h"
#include "http/request.h"
#include "store/item_json.h"
#include "store/save.h"
#include "uploads/attributes.h"
#include "uploads/commit_parts.h"
#include "uploads/session_resource.h"
#include "uploads/target.h"
#include "uploads/uploads.h"

#include <fcntl.h>
#include <unistd.h>

struct commit {
  struct em_session *session;
  struct em_attributes attributes;
  const char
      *expected_digest; /* base64 SHA-1 of the file, from the Digest header */
  json_t *parts;
  char sha1[EM_SHA1_HEX];
};

void em_commit_begin(struct em_request *request)
{
  em_check_content_type(request, "application/json");
}

static bool read_commit_digest(struct em_request *request,
                               struct commit *commit)
{
  const char *header = em_request_header(request, "digest");
  commit->expected_digest = header ? em_digest_header_parse(header) : NULL;
  if(commit->expected_digest)
    return true;
  em_fail_parameter(request, "bad_request", "digest",
                    "The Digest must be sha= and a base64 SHA-1");
  return false;
}

static void reply_accepted(struct em_request *request)
{
  em_reply_empty(&request->reply, MHD_HTTP_ACCEPTED);
  em_reply_header(&request->reply, "retry-after", "%lld",
                  (long long)request->settings.commit_retry_after);
}

/* Of several concurrent commits, only one gets true and goes on. */
static bool start_commit(struct em_request *request, struct commit *commit)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  struct em_session *session = commit->session;
  const struct em_settings *settings = &request->settings;
  bool mismatch = false;
  bool mine = false;
  em_session_lock(sessions);
  if(session->state != EM_SESSION_OPEN)
    mine = false;
  else if(session->mismatches < settings->parts_mismatch) {
    session->mismatches++;
    mismatch = true;
  } else if(session->commits < settings->commit_202)
    session->commits++;
  else {
    session->state = EM_SESSION_COMMITTING;
    mine = true;
  }
  em_session_unlock(sessions);
  if(mismatch)
    em_fail_parts_mismatch(request, json_array_get(commit->parts, 0));
  else if(!mine)
    reply_accepted(request);
  return mine;
}

static int digest_file(struct em_request *request, struct commit *commit,
                       unsigned char *sha1)
{
  int result = -1;
  int fd;
  if(!request->settings.verify_file || !request->settings.store) {
    unsigned char bytes[EM_SHA1_SIZE + 1];
    if(EVP_DecodeBlock(bytes, (const unsigned char *)commit->expected_digest,
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

static bool check_file_digest(struct em_request *request,
                              struct commit *commit)
{
  unsigned char sha1[EM_SHA1_SIZE];
  char actual[EM_SHA1_BASE64];
  if(digest_file(request, commit, sha1)) {
    em_fail_internal(request);
    return false;
  }
  em_sha1_base64(actual, sha1);
  em_hex_encode(commit->sha1, sha1, EM_SHA1_SIZE);
  if(!strcmp(actual, commit->expected_digest))
    return true;
  em_fail(request, MHD_HTTP_BAD_REQUEST, "digest_mismatch",
          "The file does not match its digest. Actual: %s Expected: %s",
          actual, commit->expected_digest);
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
  upload->user = session->user;
  upload->settings = &request->settings;
  upload->path = session->path;
  upload->sha1 = commit->sha1;
  upload->size = session->size;
  upload->part_size = session->part_size;
  upload->if_match = em_request_header(request, "if-match");
  upload->if_none_match = em_request_header(request, "if-none-match");
}

static void reply_with_file(struct em_request *request, json_t *file)
{
  em_item_select_fields(file, em_request_query(request, "fields"));
  em_reply_json(&request->reply, MHD_HTTP_CREATED,
                json_pack("{s:i, s:[o]}", "total_count", 1, "entries", file));
}

/* Returns the id of the file, or -1 after setting the error reply. */
static int64_t save_committed_file(struct em_request *request,
                                   struct commit *commit)
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
  reply_with_file(request, out);
  return id;
}

static void finish_commit(struct em_request *request, struct commit *commit)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  struct em_session *session = commit->session;
  int64_t id = -1;
  if(check_file_digest(request, commit))
    id = save_committed_file(request, commit);
  em_session_lock(sessions);
  session->committed_file = id;
  if(id < 0)
    session->state = EM_SESSION_OPEN;
  em_session_unlock(sessions);
  if(id >= 0)
    em_session_end(sessions, session, EM_SESSION_COMMITTED);
}

/* Box does not document what it replies here, so --recommit decides. */
static void reply_to_second_commit(struct em_request *request,
                                   struct em_session *session)
{
  json_t *file =
      em_store_get(&request->emulator->store, session->committed_file, false);
  if(request->settings.recommit == MHD_HTTP_CREATED && file) {
    reply_with_file(request, file);
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
  bool committed;
  memset(&commit, 0, sizeof(commit));
  commit.session = em_session_acquire_path(request, &committed);
  if(!commit.session)
    return;
  if(committed)
    reply_to_second_commit(request, commit.session);
  else
    body = em_body_json(request);
  commit.parts = json_object_get(body, "parts");
  if(body && read_commit_digest(request, &commit) &&
     em_check_commit_parts(request, commit.session, commit.parts) &&
     em_attributes_read(request, json_object_get(body, "attributes"),
                        &commit.attributes) &&
     start_commit(request, &commit))
    finish_commit(request, &commit);
  json_decref(body);
  em_session_release(&request->emulator->sessions, commit.session);
}
