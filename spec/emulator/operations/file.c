/* Operations on files: get, download. And the user's own account. */
/* SPDX-License-Identifier: MIT */
#include "base/number.h"
#include "http/error.h"
#include "http/request.h"
#include "operations/operations.h"
#include "store/item_json.h"
#include "uploads/target.h"

#include <unistd.h>

#define EM_SPACE INT64_C(10995116277760)
#define EM_UPLOAD_MAX INT64_C(536870912000)

void em_get_file_finish(struct em_request *request)
{
  json_t *file = NULL;
  int64_t id;
  if(!em_id_parse(request->path_id, &id))
    file = em_store_look(&request->emulator->store, id);
  if(!file) {
    em_target_absent(request);
    return;
  }
  em_item_select_fields(file, em_request_query(request, "fields"));
  em_reply_json(&request->reply, MHD_HTTP_OK, file);
}

/* Accepts one range with a start. RFC 7233 3.1 allows a server to ignore the
   others. */
static bool parse_range(const char *text, int64_t size, int64_t *first,
                        int64_t *last)
{
  char number[24];
  size_t length;
  if(!text || strncmp(text, "bytes=", 6))
    return false;
  text += 6;
  length = strspn(text, "0123456789");
  snprintf(number, sizeof(number), "%.*s", (int)length, text);
  if(text[length] != '-' || em_number_parse(number, first))
    return false;
  text += length + 1;
  *last = size - 1;
  if(*text && (em_number_parse(text, last) || *last < *first))
    return false;
  if(*last >= size)
    *last = size - 1;
  return true;
}

static void send_file(struct em_request *request, int fd, int64_t size)
{
  int64_t first = 0;
  int64_t last = size - 1;
  bool ranged =
      parse_range(em_request_header(request, "range"), size, &first, &last);
  if(ranged && first >= size) {
    close(fd);
    em_fail(request, MHD_HTTP_RANGE_NOT_SATISFIABLE,
            "requested_range_not_satisfiable", "Not in the file");
    return;
  }
  em_reply_file(&request->reply,
                ranged ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK, fd, first,
                last - first + 1);
  em_reply_header(&request->reply, "content-type",
                  "application/octet-stream");
  em_reply_header(&request->reply, "accept-ranges", "bytes");
  if(ranged)
    em_reply_header(&request->reply, "content-range", "bytes %lld-%lld/%lld",
                    (long long)first, (long long)last, (long long)size);
}

/* Box redirects to a download host first; the emulator replies directly. */
void em_download_finish(struct em_request *request)
{
  int64_t size = 0;
  int64_t id;
  int fd = -1;
  if(!em_id_parse(request->path_id, &id))
    fd = em_store_open_file(&request->emulator->store, id, &size);
  if(fd < 0)
    em_target_absent(request);
  else
    send_file(request, fd, size);
}

void em_get_user_finish(struct em_request *request)
{
  struct em_store *store = &request->emulator->store;
  const struct em_settings *settings = &request->settings;
  json_t *user = em_user_json(request->user);
  json_object_set_new(user, "language", json_string("en"));
  json_object_set_new(user, "timezone", json_string("America/Los_Angeles"));
  json_object_set_new(user, "status", json_string("active"));
  json_object_set_new(
      user, "space_amount",
      json_integer(settings->quota ? settings->quota : EM_SPACE));
  json_object_set_new(user, "space_used",
                      json_integer(em_store_bytes_used(store)));
  json_object_set_new(user, "max_upload_size",
                      json_integer(settings->max_file_size
                                       ? settings->max_file_size
                                       : EM_UPLOAD_MAX));
  em_item_select_fields(user, em_request_query(request, "fields"));
  em_reply_json(&request->reply, MHD_HTTP_OK, user);
}
