/* Direct upload: a file in one multipart/form-data request. */
/* SPDX-License-Identifier: MIT */
#include "base/encoding.h"
#include "base/file.h"
#include "http/body.h"
#include "http/error.h"
#include "http/request.h"
#include "store/item_json.h"
#include "store/save.h"
#include "uploads/attributes.h"
#include "uploads/target.h"
#include "uploads/uploads.h"

#include <fcntl.h>
#include <strings.h>
#include <unistd.h>

#define EM_FORM_BUFFER (128u * 1024u)
#define EM_ATTRIBUTES_LIMIT (64u * 1024u)

struct direct_upload {
  struct MHD_PostProcessor *form;
  struct em_buffer attributes;
  bool has_attributes;
  bool has_file;
  bool attributes_after_file;
  bool form_failed;
  char path[PATH_MAX];
  int fd;
  int64_t size;
  struct em_digest digest;
};

static int write_file_bytes(struct direct_upload *upload, const char *bytes,
                            size_t size)
{
  upload->has_file = true;
  upload->size += (int64_t)size;
  if(em_digest_add(&upload->digest, bytes, size))
    return -1;
  return em_file_write(upload->fd, bytes, size);
}

/* Box accepts any field name for the file. */
static enum MHD_Result receive_field(void *opaque, enum MHD_ValueKind kind,
                                     const char *key, const char *file_name,
                                     const char *type, const char *encoding,
                                     const char *bytes, uint64_t offset,
                                     size_t size)
{
  struct direct_upload *upload = opaque;
  int result;
  (void)kind;
  (void)file_name;
  (void)type;
  (void)encoding;
  (void)offset;
  if(key && !strcmp(key, "attributes")) {
    upload->has_attributes = true;
    upload->attributes_after_file =
        upload->attributes_after_file || upload->has_file;
    result =
        em_buffer_add(&upload->attributes, bytes, size, EM_ATTRIBUTES_LIMIT);
  } else
    result = write_file_bytes(upload, bytes, size);
  if(result)
    upload->form_failed = true;
  return result ? MHD_NO : MHD_YES;
}

static int open_upload_file(struct em_request *request,
                            struct direct_upload *upload)
{
  char name[32] = "upload-";
  em_random_hex(&request->emulator->random, name + 7, 16, false);
  if(em_root_path(&request->emulator->root, upload->path, "sessions", name))
    return -1;
  upload->fd =
      open(upload->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  return upload->fd < 0 || em_digest_start(&upload->digest, EVP_sha1()) ? -1
                                                                        : 0;
}

static void refuse_form(struct em_request *request)
{
  em_fail_parameter(request, "bad_request", "entity-body",
                    "The multipart/form-data body cannot be read");
}

void em_direct_upload_begin(struct em_request *request)
{
  struct direct_upload *upload;
  if(!em_check_content_length(request) ||
     !em_check_content_type(request, "multipart/form-data"))
    return;
  upload = calloc(1, sizeof(*upload));
  if(!upload)
    return;
  upload->fd = -1;
  request->state = upload;
  if(open_upload_file(request, upload)) {
    em_direct_upload_cleanup(request);
    return;
  }
  upload->form = MHD_create_post_processor(
      request->connection, EM_FORM_BUFFER, receive_field, upload);
  if(!upload->form)
    refuse_form(request);
}

void em_direct_upload_data(struct em_request *request, const char *bytes,
                           size_t size)
{
  struct direct_upload *upload = request->state;
  if(upload && upload->form &&
     MHD_post_process(upload->form, bytes, size) == MHD_NO)
    upload->form_failed = true;
}

static bool finish_form(struct em_request *request,
                        struct direct_upload *upload)
{
  enum MHD_Result whole = MHD_destroy_post_processor(upload->form);
  upload->form = NULL;
  if(upload->attributes_after_file ||
     (upload->has_file && !upload->has_attributes))
    em_fail(request, MHD_HTTP_BAD_REQUEST, "metadata_after_file_contents",
            "The attributes must come before the file");
  else if(whole == MHD_NO || upload->form_failed || !upload->has_file)
    refuse_form(request);
  else
    return true;
  return false;
}

static bool check_sha1(struct em_request *request,
                       struct direct_upload *upload, char sha1[EM_SHA1_HEX])
{
  const char *wanted = em_request_header(request, "content-md5");
  unsigned char bytes[EM_SHA1_SIZE];
  if(em_digest_end(&upload->digest, bytes))
    return false;
  em_hex_encode(sha1, bytes, EM_SHA1_SIZE);
  if(!wanted || !strcasecmp(wanted, sha1))
    return true;
  em_fail(request, MHD_HTTP_BAD_REQUEST, "bad_digest",
          "The specified content-md5 did not match what we received");
  return false;
}

static bool read_upload_target(struct em_request *request, json_t *object,
                               const struct em_attributes *attributes,
                               struct em_target *target)
{
  target->destination.name = attributes->name;
  if(request->path_id[0])
    return em_target_file(request, target) &&
           em_target_check(request, target);
  if(!attributes->name) {
    em_fail_parameter(request, "bad_request", "name", "Missing name");
    return false;
  }
  return em_target_parent(request, object, target) &&
         em_target_check(request, target);
}

static void save_uploaded_file(struct em_request *request,
                               struct direct_upload *upload,
                               const struct em_attributes *attributes,
                               const struct em_target *target,
                               const char *sha1)
{
  struct em_finished_upload finished;
  enum em_store_result result;
  json_t *out = NULL;
  memset(&finished, 0, sizeof(finished));
  finished.destination = target->destination;
  finished.attributes = *attributes;
  finished.user = request->user;
  finished.settings = &request->settings;
  finished.path = upload->path;
  finished.sha1 = sha1;
  finished.size = upload->size;
  finished.part_size = request->settings.part_size;
  finished.if_match = em_request_header(request, "if-match");
  result = em_store_save(&request->emulator->store, &finished, &out);
  if(result != EM_STORE_OK) {
    em_target_refuse(request, result, out);
    return;
  }
  em_item_select_fields(out, em_request_query(request, "fields"));
  em_reply_json(&request->reply, MHD_HTTP_CREATED,
                json_pack("{s:i, s:[o]}", "total_count", 1, "entries", out));
}

static void finish_upload(struct em_request *request,
                          struct direct_upload *upload)
{
  struct em_target target = {{0, -1, NULL, false}, 0};
  struct em_attributes attributes;
  char sha1[EM_SHA1_HEX];
  json_t *object;
  if(!finish_form(request, upload) || !check_sha1(request, upload, sha1))
    return;
  object = em_json_object(request, upload->attributes.bytes,
                          upload->attributes.size);
  target.size = upload->size;
  if(object && em_attributes_read(request, object, &attributes) &&
     read_upload_target(request, object, &attributes, &target))
    save_uploaded_file(request, upload, &attributes, &target, sha1);
  json_decref(object);
}

void em_direct_upload_finish(struct em_request *request)
{
  struct direct_upload *upload = request->state;
  if(!upload)
    return;
  finish_upload(request, upload);
  em_direct_upload_cleanup(request);
}

void em_direct_upload_cleanup(struct em_request *request)
{
  struct direct_upload *upload = request->state;
  request->state = NULL;
  if(!upload)
    return;
  if(upload->form)
    MHD_destroy_post_processor(upload->form);
  if(upload->fd >= 0) {
    close(upload->fd);
    (void)unlink(upload->path); /* fails if the file was saved */
  }
  em_digest_free(&upload->digest);
  em_buffer_free(&upload->attributes);
  free(upload);
}
