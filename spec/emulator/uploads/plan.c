/* Plans an upload: tells which parts need not be sent, because some file has
   the same bytes. */
/* SPDX-License-Identifier: MIT */
#include "http/body.h"
#include "http/error.h"
#include "http/request.h"
#include "store/deduplication.h"
#include "store/part.h"
#include "uploads/session_resource.h"
#include "uploads/uploads.h"

#include <fcntl.h>
#include <unistd.h>

#define EM_COPY_SIZE (1024 * 1024)

static int copy_range(int from, int64_t source, int to, int64_t target,
                      int64_t size)
{
  char *buffer = malloc(EM_COPY_SIZE);
  int result = buffer ? 0 : -1;
  while(size > 0 && !result) {
    size_t want = size < EM_COPY_SIZE ? (size_t)size : EM_COPY_SIZE;
    ssize_t got = pread(from, buffer, want, (off_t)source);
    if(got <= 0 || pwrite(to, buffer, (size_t)got, (off_t)target) != got)
      result = -1;
    source += got;
    target += got;
    size -= got;
  }
  free(buffer);
  return result;
}

static int copy_part(const struct em_session *session, int64_t index,
                     const struct em_stored_bytes *stored,
                     unsigned char *sha1)
{
  int64_t size = em_part_length(session, index);
  int result = -1;
  int from = open(stored->path, O_RDONLY | O_CLOEXEC);
  int to = open(session->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if(from >= 0 && to >= 0 &&
     !em_digest_file(from, stored->offset, size, EVP_sha1(), sha1))
    result = copy_range(from, stored->offset, to, index * session->part_size,
                        size);
  if(from >= 0)
    close(from);
  if(to >= 0)
    close(to);
  return result;
}

/* A part that is already stored keeps its id. */
static bool copy_stored_part(struct em_request *request,
                             struct em_session *session, int64_t index,
                             const struct em_stored_bytes *stored,
                             struct em_part *part)
{
  struct em_sessions *sessions = &request->emulator->sessions;
  unsigned char sha1[EM_SHA1_SIZE];
  enum em_part_state state = em_part_reserve(sessions, session, index, part);
  if(state != EM_PART_ABSENT)
    return state == EM_PART_STORED;
  if(!copy_part(session, index, stored, sha1) &&
     em_part_store(sessions, session, index, sha1, &request->settings, part))
    return true;
  em_part_unreserve(sessions, session, index);
  return false;
}

static bool is_plan_entry(const struct em_session *session, json_t *entry)
{
  const char *sha512 = json_string_value(json_object_get(entry, "sha512"));
  json_int_t offset = json_integer_value(json_object_get(entry, "offset"));
  json_int_t size = json_integer_value(json_object_get(entry, "size"));
  return json_is_integer(json_object_get(entry, "offset")) &&
         json_is_integer(json_object_get(entry, "size")) && sha512 &&
         strlen(sha512) == EM_SHA512_HEX - 1 &&
         strspn(sha512, "0123456789abcdefABCDEF") == EM_SHA512_HEX - 1 &&
         offset >= 0 && offset < session->size &&
         offset % session->part_size == 0 &&
         size == em_part_length(session, offset / session->part_size);
}

static void plan_part(struct em_request *request, struct em_session *session,
                      json_t *entry, json_t *hits, json_t *misses)
{
  const char *sha512 = json_string_value(json_object_get(entry, "sha512"));
  json_int_t offset = json_integer_value(json_object_get(entry, "offset"));
  json_int_t size = json_integer_value(json_object_get(entry, "size"));
  json_t *object = json_pack("{s:I, s:I, s:s}", "offset", offset, "size",
                             size, "sha512", sha512);
  struct em_part part;
  struct em_stored_bytes stored;
  if(!em_store_find_bytes(&request->emulator->store, size, sha512, &stored) ||
     !copy_stored_part(request, session, offset / session->part_size, &stored,
                       &part)) {
    json_array_append_new(misses, object);
    return;
  }
  json_object_set_new(object, "part_id",
                      json_sprintf("%08lX", (unsigned long)part.id));
  json_array_append_new(hits, object);
}

static bool check_plan_parts(struct em_request *request,
                             const struct em_session *session, json_t *parts)
{
  size_t i;
  bool fine = json_is_array(parts) && json_array_size(parts) > 0;
  for(i = 0; fine && i < json_array_size(parts); i++)
    fine = is_plan_entry(session, json_array_get(parts, i));
  if(!fine)
    em_fail_parameter(request, "bad_request", "parts",
                      "A list of offset, size and sha512 is required");
  return fine;
}

static void make_plan(struct em_request *request, struct em_session *session,
                      json_t *parts)
{
  json_t *hits;
  json_t *misses;
  size_t i;
  if(!check_plan_parts(request, session, parts))
    return;
  hits = json_array();
  misses = json_array();
  for(i = 0; i < json_array_size(parts); i++)
    plan_part(request, session, json_array_get(parts, i), hits, misses);
  em_reply_json(&request->reply, MHD_HTTP_OK,
                json_pack("{s:s, s:o, s:o}", "upload_session_id", session->id,
                          "hits", hits, "misses", misses));
}

void em_plan_finish(struct em_request *request)
{
  struct em_session *session = em_session_acquire_path(request, NULL);
  json_t *body;
  if(!session)
    return;
  body = em_body_json(request);
  if(body)
    make_plan(request, session, json_object_get(body, "parts"));
  json_decref(body);
  em_session_release(&request->emulator->sessions, session);
}
