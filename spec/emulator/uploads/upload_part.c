/* Uploads a part. */
/* SPDX-License-Identifier: MIT */
#include "base/file.h"
#include "base/number.h"
#include "http/body.h"
#include "http/error.h"
#include "http/request.h"
#include "store/part.h"
#include "uploads/session_resource.h"
#include "uploads/uploads.h"

#include <fcntl.h>
#include <unistd.h>

struct part_upload {
  struct em_session *session;
  int64_t index;
  int64_t offset; /* of the next byte in the file */
  int64_t end;
  int fd;
  struct em_digest digest;
  char expected_digest[EM_SHA1_BASE64];
};

struct byte_range {
  int64_t first;
  int64_t last;
  int64_t total;
};

static bool read_range_number(const char **text, int64_t *out, char end)
{
  char digits[24];
  size_t length = strspn(*text, "0123456789");
  if(!length || length >= sizeof(digits) || (*text)[length] != end)
    return false;
  snprintf(digits, sizeof(digits), "%.*s", (int)length, *text);
  *text += length + (end != '\0');
  return !em_number_parse(digits, out);
}

/* RFC 7233 4.2, without the forms that Box refuses. */
static bool parse_content_range(const char *text, struct byte_range *range)
{
  if(!text || strncmp(text, "bytes ", 6))
    return false;
  text += 6;
  return read_range_number(&text, &range->first, '-') &&
         read_range_number(&text, &range->last, '/') &&
         read_range_number(&text, &range->total, '\0') &&
         range->last >= range->first;
}

static bool is_part_range(const struct em_session *session,
                          const struct byte_range *range)
{
  int64_t index = range->first / session->part_size;
  return range->total == session->size && range->last < session->size &&
         range->first % session->part_size == 0 &&
         range->last - range->first + 1 == em_part_length(session, index);
}

static bool check_range(struct em_request *request,
                        struct part_upload *upload, struct byte_range *range)
{
  const struct em_session *session = upload->session;
  if(!parse_content_range(em_request_header(request, "content-range"),
                          range)) {
    em_fail_parameter(request, "bad_request", "content-range",
                      "The Content-Range must be bytes first-last/total");
    return false;
  }
  if(!is_part_range(session, range)) {
    em_fail(request, MHD_HTTP_RANGE_NOT_SATISFIABLE, "invalid_range",
            "The range is no part of a file of %lld bytes with parts of "
            "%lld bytes",
            (long long)session->size, (long long)session->part_size);
    return false;
  }
  if(request->content_length != range->last - range->first + 1) {
    em_fail(request, MHD_HTTP_BAD_REQUEST, "request_size_mismatch",
            "The Content-Length is not that of the range");
    return false;
  }
  return true;
}

static bool read_part_digest(struct em_request *request,
                             struct part_upload *upload)
{
  const char *header = em_request_header(request, "digest");
  const char *value = header ? em_digest_header_parse(header) : NULL;
  if(!value) {
    em_fail_parameter(request, "bad_request", "digest",
                      "The Digest must be sha= and a base64 SHA-1");
    return false;
  }
  snprintf(upload->expected_digest, sizeof(upload->expected_digest), "%s",
           value);
  return true;
}

static bool reserve_part(struct em_request *request,
                         struct part_upload *upload)
{
  struct em_part found;
  int64_t index = upload->offset / upload->session->part_size;
  switch(em_part_reserve(&request->emulator->sessions, upload->session, index,
                         &found)) {
  case EM_PART_ABSENT:
    upload->index = index;
    return true;
  case EM_PART_RESERVED:
    em_fail(request, MHD_HTTP_CONFLICT, "conflict",
            "This part is being uploaded by another request");
    return false;
  default:
    em_fail(request, MHD_HTTP_RANGE_NOT_SATISFIABLE,
            "range_overlaps_existing_part",
            "Part overlaps with previously uploaded part: {id:%08lX, "
            "offset:%lld, size:%lld}",
            (unsigned long)found.id, (long long)upload->offset,
            (long long)em_part_length(upload->session, index));
    return false;
  }
}

static struct part_upload *new_part_upload(struct em_request *request)
{
  struct em_session *session = em_session_acquire_path(request, NULL);
  struct part_upload *upload;
  if(!session)
    return NULL;
  upload = calloc(1, sizeof(*upload));
  if(!upload) {
    em_session_release(&request->emulator->sessions, session);
    return NULL;
  }
  upload->session = session;
  upload->index = -1;
  upload->fd = -1;
  request->state = upload;
  return upload;
}

static bool open_part_file(struct em_request *request,
                           struct part_upload *upload)
{
  upload->fd =
      open(upload->session->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if(upload->fd < 0 || em_digest_start(&upload->digest, EVP_sha1()))
    return false;
  return request->settings.store ||
         !ftruncate(upload->fd, (off_t)upload->session->size);
}

void em_upload_part_begin(struct em_request *request)
{
  struct part_upload *upload = new_part_upload(request);
  struct byte_range range;
  if(upload && em_check_content_length(request) &&
     em_check_content_type(request, "application/octet-stream") &&
     check_range(request, upload, &range) &&
     read_part_digest(request, upload)) {
    upload->offset = range.first;
    upload->end = range.last + 1;
    if(reserve_part(request, upload) && !open_part_file(request, upload))
      em_fail_internal(request);
  } else if(!request->reply.status)
    em_fail_internal(request);
  if(request->reply.status)
    em_upload_part_cleanup(request);
}

void em_upload_part_data(struct em_request *request, const char *bytes,
                         size_t size)
{
  struct part_upload *upload = request->state;
  if(!upload)
    return;
  if((int64_t)size > upload->end - upload->offset ||
     em_digest_add(&upload->digest, bytes, size) ||
     (request->settings.store &&
      em_file_write_at(upload->fd, bytes, size, upload->offset))) {
    em_fail_internal(request);
    em_upload_part_cleanup(request);
    return;
  }
  upload->offset += (int64_t)size;
}

static bool digest_matches(struct em_request *request,
                           struct part_upload *upload, unsigned char *sha1)
{
  char actual[EM_SHA1_BASE64];
  if(em_digest_end(&upload->digest, sha1)) {
    em_fail_internal(request);
    return false;
  }
  em_sha1_base64(actual, sha1);
  if(!strcmp(actual, upload->expected_digest))
    return true;
  em_fail(request, MHD_HTTP_BAD_REQUEST, "bad_digest",
          "The part does not match its digest. Actual: %s Expected: %s",
          actual, upload->expected_digest);
  return false;
}

static void store_part(struct em_request *request, struct part_upload *upload)
{
  struct em_emulator *emulator = request->emulator;
  unsigned char sha1[EM_SHA1_SIZE];
  struct em_part part;
  if(upload->offset != upload->end) {
    em_reply_json(&request->reply, MHD_HTTP_BAD_REQUEST,
                  json_pack("{s:s, s:s, s:s}", "code", "bad_request",
                            "message", "Stream ended unexpectedly",
                            "request_id", request->id));
    return;
  }
  if(!digest_matches(request, upload, sha1))
    return;
  if(!em_part_store(&emulator->sessions, upload->session, upload->index, sha1,
                    &request->settings, &part)) {
    em_fail(request, MHD_HTTP_NOT_FOUND, "upload_session_not_found",
            "The upload session does not exist");
    return;
  }
  em_log_count_part(&emulator->log,
                    em_part_length(upload->session, upload->index));
  em_reply_json(
      &request->reply, MHD_HTTP_OK,
      json_pack("{s:o}", "part",
                em_part_json(upload->session, upload->index, &part, true)));
}

void em_upload_part_finish(struct em_request *request)
{
  struct part_upload *upload = request->state;
  if(!upload)
    return;
  store_part(request, upload);
  em_upload_part_cleanup(request);
}

void em_upload_part_cleanup(struct em_request *request)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  struct part_upload *upload = request->state;
  request->state = NULL;
  if(!upload)
    return;
  if(upload->fd >= 0)
    close(upload->fd);
  em_digest_free(&upload->digest);
  if(upload->index >= 0)
    em_part_unreserve(sessions, upload->session, upload->index);
  em_session_release(sessions, upload->session);
  free(upload);
}
