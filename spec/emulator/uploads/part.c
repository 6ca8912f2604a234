/* Uploading a part: checked at its headers, hashed and kept as it comes. */
/* SPDX-License-Identifier: MIT */
#include "store/part.h"
#include "base/file.h"
#include "base/number.h"
#include "http/body.h"
#include "http/error.h"
#include "http/request.h"
#include "uploads/status.h"
#include "uploads/uploads.h"

#include <fcntl.h>
#include <unistd.h>

struct put {
  struct em_session *session;
  int64_t index;
  int64_t at; /* where in the file the next byte goes */
  int64_t end;
  int fd;
  struct em_digest digest;
  char wanted[EM_SHA1_BASE64];
};

struct range {
  int64_t first;
  int64_t last;
  int64_t total;
};

static bool read_number(const char **text, int64_t *out, char end)
{
  char digits[24];
  size_t length = strspn(*text, "0123456789");
  if(!length || length >= sizeof(digits) || (*text)[length] != end)
    return false;
  snprintf(digits, sizeof(digits), "%.*s", (int)length, *text);
  *text += length + (end != '\0');
  return !em_number_parse(digits, out);
}

/* RFC 7233 4.2, and nothing of it that Box does not take. */
static bool read_range(const char *text, struct range *range)
{
  if(!text || strncmp(text, "bytes ", 6))
    return false;
  text += 6;
  return read_number(&text, &range->first, '-') &&
         read_number(&text, &range->last, '/') &&
         read_number(&text, &range->total, '\0') &&
         range->last >= range->first;
}

static bool in_grid(const struct em_session *session,
                    const struct range *range)
{
  int64_t index = range->first / session->part_size;
  return range->total == session->size && range->last < session->size &&
         range->first % session->part_size == 0 &&
         range->last - range->first + 1 == em_part_length(session, index);
}

static bool check_range(struct em_request *request, struct put *put,
                        struct range *range)
{
  const struct em_session *session = put->session;
  if(!read_range(em_header(request, "content-range"), range)) {
    em_fail_parameter(request, "bad_request", "content-range",
                      "The Content-Range must be bytes first-last/total");
    return false;
  }
  if(!in_grid(session, range)) {
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

static bool check_digest(struct em_request *request, struct put *put)
{
  const char *header = em_header(request, "digest");
  const char *value = header ? em_digest_value(header) : NULL;
  if(!value) {
    em_fail_parameter(request, "bad_request", "digest",
                      "The Digest must be sha= and a base64 SHA-1");
    return false;
  }
  snprintf(put->wanted, sizeof(put->wanted), "%s", value);
  return true;
}

static bool reserve(struct em_request *request, struct put *put)
{
  struct em_part found;
  int64_t index = put->at / put->session->part_size;
  switch(em_part_reserve(&request->emulator->sessions, put->session, index,
                         &found)) {
  case EM_PART_ABSENT:
    put->index = index;
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
            (unsigned long)found.id, (long long)put->at,
            (long long)em_part_length(put->session, index));
    return false;
  }
}

static struct put *new_put(struct em_request *request)
{
  struct em_session *session = em_session_of(request, NULL);
  struct put *put;
  if(!session)
    return NULL;
  put = calloc(1, sizeof(*put));
  if(!put) {
    em_session_release(&request->emulator->sessions, session);
    return NULL;
  }
  put->session = session;
  put->index = -1;
  put->fd = -1;
  request->state = put;
  return put;
}

static bool open_put(struct em_request *request, struct put *put)
{
  put->fd = open(put->session->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if(put->fd < 0 || em_digest_start(&put->digest, EVP_sha1()))
    return false;
  return request->settings.store ||
         !ftruncate(put->fd, (off_t)put->session->size);
}

void em_part_begin(struct em_request *request)
{
  struct put *put = new_put(request);
  struct range range;
  if(put && em_check_content_length(request) &&
     em_check_content_type(request, "application/octet-stream") &&
     check_range(request, put, &range) && check_digest(request, put)) {
    put->at = range.first;
    put->end = range.last + 1;
    if(reserve(request, put) && !open_put(request, put))
      em_fail_internal(request);
  } else if(!request->reply.status)
    em_fail_internal(request);
  if(request->reply.status)
    em_part_forget(request);
}

void em_part_data(struct em_request *request, const char *bytes, size_t size)
{
  struct put *put = request->state;
  if(!put)
    return;
  if((int64_t)size > put->end - put->at ||
     em_digest_add(&put->digest, bytes, size) ||
     (request->settings.store &&
      em_file_write_at(put->fd, bytes, size, put->at))) {
    em_fail_internal(request);
    em_part_forget(request);
    return;
  }
  put->at += (int64_t)size;
}

static bool digest_fits(struct em_request *request, struct put *put,
                        unsigned char *sha1)
{
  char actual[EM_SHA1_BASE64];
  if(em_digest_end(&put->digest, sha1)) {
    em_fail_internal(request);
    return false;
  }
  em_base64_sha1(actual, sha1);
  if(!strcmp(actual, put->wanted))
    return true;
  em_fail(request, MHD_HTTP_BAD_REQUEST, "bad_digest",
          "The part does not match its digest. Actual: %s Expected: %s",
          actual, put->wanted);
  return false;
}

static void keep(struct em_request *request, struct put *put)
{
  struct em_emulator *emulator = request->emulator;
  unsigned char sha1[EM_SHA1_SIZE];
  struct em_part part;
  if(put->at != put->end) {
    em_reply_json(&request->reply, MHD_HTTP_BAD_REQUEST,
                  json_pack("{s:s, s:s, s:s}", "code", "bad_request",
                            "message", "Stream ended unexpectedly",
                            "request_id", request->id));
    return;
  }
  if(!digest_fits(request, put, sha1))
    return;
  if(!em_part_store(&emulator->sessions, put->session, put->index, sha1,
                    &part)) {
    em_fail(request, MHD_HTTP_NOT_FOUND, "upload_session_not_found",
            "The upload session does not exist");
    return;
  }
  em_log_count_part(&emulator->log, em_part_length(put->session, put->index));
  em_reply_json(
      &request->reply, MHD_HTTP_OK,
      json_pack("{s:o}", "part",
                em_part_json(put->session, put->index, &part, true)));
}

void em_part_finish(struct em_request *request)
{
  struct put *put = request->state;
  if(!put)
    return;
  keep(request, put);
  em_part_forget(request);
}

void em_part_forget(struct em_request *request)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  struct put *put = request->state;
  request->state = NULL;
  if(!put)
    return;
  if(put->fd >= 0)
    close(put->fd);
  em_digest_free(&put->digest);
  if(put->index >= 0)
    em_part_unreserve(sessions, put->session, put->index);
  em_session_release(sessions, put->session);
  free(put);
}
