/* session: a Box upload session, its parts and its requests.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "session.h"

#include "compat.h"
#include "digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2^53: up to here sizes are exact as doubles too. */
#define SIZE_LIMIT ((int64_t)1 << 53)
#define DEFAULT_PARALLEL 4
/* Bytes. Box's own page of 1,000 parts has some 200,000. A file may have any
 * fields, and a plan names every part. */
#define FILE_REPLY ((size_t)256 << 10)
#define PAGE_REPLY ((size_t)512 << 10)
#define PLAN_REPLY ((size_t)4 << 20)

const char *bu_endpoint_name(enum bu_endpoint endpoint)
{
  static const char *const names[BU_ENDPOINTS] = {
      "upload_part", "list_parts", "status", "commit", "abort", "plan"};

  return names[endpoint];
}

static int session_check_grid(int64_t file_size, int64_t part_size,
                              int64_t total_parts, struct bu_error *error)
{
  if(part_size < 1 || part_size > SIZE_LIMIT)
    return bu_error_set(error, BU_EINVALID,
                        "the service answered a part size of %" PRId64,
                        part_size);
  if(file_size == BU_SIZE_UNKNOWN)
    return BU_OK;
  if(file_size < 1 || file_size > SIZE_LIMIT)
    return bu_error_set(error, BU_EINVALID,
                        "a file size of %" PRId64 " bytes can't go in parts",
                        file_size);
  /* By division: a product of what a hostile server sends may overflow. */
  if(total_parts != (file_size - 1) / part_size + 1)
    return bu_error_set(error, BU_EINVALID,
                        "the service answered %" PRId64 " parts of %" PRId64
                        " bytes, which isn't a file of %" PRId64 " bytes",
                        total_parts, part_size, file_size);
  return BU_OK;
}

int bu_session_init(struct bu_session *session, int64_t file_size,
                    int64_t part_size, int64_t total_parts,
                    struct bu_error *error)
{
  int code = session_check_grid(file_size, part_size, total_parts, error);

  memset(session, 0, sizeof(*session));
  if(code != BU_OK)
    return code;
  session->file_size = file_size;
  session->part_size = part_size;
  session->total_parts = total_parts;
  session->semaphore = bu_semaphore_new(DEFAULT_PARALLEL);
  return session->semaphore ? BU_OK : bu_error_memory(error);
}

void bu_session_free(struct bu_session *session)
{
  int i;

  for(i = 0; i < BU_ENDPOINTS; i++)
    free(session->urls[i]);
  bu_semaphore_release(session->semaphore);
  memset(session, 0, sizeof(*session));
}

int bu_session_set_url(struct bu_session *session, enum bu_endpoint endpoint,
                       const char *url, struct bu_error *error)
{
  if(bu_string_assign(&session->urls[endpoint], url) != 0)
    return bu_error_memory(error);
  return BU_OK;
}

int64_t bu_session_part(const struct bu_session *session, int64_t offset,
                        struct bu_error *error)
{
  int64_t left;

  if(session->file_size == BU_SIZE_UNKNOWN) {
    bu_error_set(error, BU_EINVALID,
                 "the file's size isn't known, and the service doesn't "
                 "tell it: open the session with file_size");
    return -1;
  }
  if(offset < 0 || offset >= session->file_size ||
     offset % session->part_size != 0) {
    bu_error_set(error, BU_EINVALID,
                 "no part begins at offset %" PRId64 ": parts have %" PRId64
                 " bytes, the file %" PRId64,
                 offset, session->part_size, session->file_size);
    return -1;
  }
  left = session->file_size - offset;
  return left < session->part_size ? left : session->part_size;
}

static int session_begin_request(const struct bu_session *session,
                                 enum bu_endpoint endpoint,
                                 const char *method, const char *query,
                                 size_t reply_limit,
                                 struct bu_request *request,
                                 struct bu_error *error)
{
  const char *base = session->urls[endpoint];
  size_t size;
  char *url;
  int code;

  if(!base)
    return bu_error_set(error, BU_EINVALID,
                        "the service gave no %s URL for this session",
                        bu_endpoint_name(endpoint));
  size = strlen(base) + strlen(query) + 2;
  url = malloc(size);
  if(!url)
    return bu_error_memory(error);
  (void)snprintf(url, size, "%s%s%s", base,
                 !*query ? "" : (strchr(base, '?') ? "&" : "?"), query);
  code = bu_request_init(request, method, url, error);
  request->reply_limit = reply_limit;
  free(url);
  return code;
}

/* Leaves nothing to free when the request failed. */
static int session_finish_request(struct bu_request *request, int code)
{
  if(code != BU_OK)
    bu_request_free(request);
  return code;
}

int bu_session_upload(const struct bu_session *session, int64_t offset,
                      struct bu_request *request, struct bu_error *error)
{
  int64_t length = bu_session_part(session, offset, error);
  char range[80];
  int code;

  if(length < 0)
    return error->code;
  code = session_begin_request(session, BU_UPLOAD_PART, "PUT", "", 0, request,
                               error);
  if(code != BU_OK)
    return code;
  (void)snprintf(range, sizeof(range),
                 "bytes %" PRId64 "-%" PRId64 "/%" PRId64, offset,
                 offset + length - 1, session->file_size);
  code = bu_request_header(request, "Content-Range", range, error);
  if(code == BU_OK)
    code = bu_request_header(request, "Content-Type",
                             "application/octet-stream", error);
  request->digest_header = BU_DIGEST_SHA;
  return session_finish_request(request, code);
}

int bu_session_parts(const struct bu_session *session, int64_t offset,
                     int64_t limit, struct bu_request *request,
                     struct bu_error *error)
{
  char query[80] = "";

  if(offset >= 0 && limit >= 0)
    (void)snprintf(query, sizeof(query), "offset=%" PRId64 "&limit=%" PRId64,
                   offset, limit);
  else if(offset >= 0)
    (void)snprintf(query, sizeof(query), "offset=%" PRId64, offset);
  else if(limit >= 0)
    (void)snprintf(query, sizeof(query), "limit=%" PRId64, limit);
  return session_begin_request(session, BU_LIST_PARTS, "GET", query,
                               PAGE_REPLY, request, error);
}

int bu_session_status(const struct bu_session *session,
                      struct bu_request *request, struct bu_error *error)
{
  return session_begin_request(session, BU_STATUS, "GET", "", 0, request,
                               error);
}

static int session_set_json(struct bu_request *request,
                            struct bu_error *error)
{
  return bu_request_header(request, "Content-Type", "application/json",
                           error);
}

static int session_begin_commit(const struct bu_session *session,
                                const char *fields,
                                struct bu_request *request,
                                struct bu_error *error)
{
  static const char key[] = "fields=";
  size_t size = fields ? strlen(fields) + sizeof(key) : 1;
  char *query = malloc(size);
  int code;

  if(!query)
    return bu_error_memory(error);
  (void)snprintf(query, size, "%s%s", fields ? key : "",
                 fields ? fields : "");
  code = session_begin_request(session, BU_COMMIT, "POST", query, FILE_REPLY,
                               request, error);
  free(query);
  return code;
}

int bu_session_commit(const struct bu_session *session,
                      const struct bu_commit *commit,
                      struct bu_request *request, struct bu_error *error)
{
  char digest[sizeof("sha=") + BU_BASE64_MAX] = "sha=";
  int code = session_begin_commit(session, commit->fields, request, error);

  if(code != BU_OK)
    return code;
  bu_base64(digest + strlen(digest), commit->sha1, BU_SHA1_SIZE);
  code = bu_request_header(request, "Digest", digest, error);
  if(code == BU_OK)
    code = session_set_json(request, error);
  if(code == BU_OK && commit->if_match)
    code = bu_request_header(request, "If-Match", commit->if_match, error);
  if(code == BU_OK && commit->if_none_match)
    code = bu_request_header(request, "If-None-Match", commit->if_none_match,
                             error);
  return session_finish_request(request, code);
}

int bu_session_abort(const struct bu_session *session,
                     struct bu_request *request, struct bu_error *error)
{
  return session_begin_request(session, BU_ABORT, "DELETE", "", 0, request,
                               error);
}

int bu_session_plan(const struct bu_session *session,
                    struct bu_request *request, struct bu_error *error)
{
  int code = session_begin_request(session, BU_PLAN, "POST", "", PLAN_REPLY,
                                   request, error);

  return code == BU_OK ? session_finish_request(
                             request, session_set_json(request, error))
                       : code;
}
