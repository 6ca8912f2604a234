/* Reads the file attributes that a client sends with an upload. */
/* SPDX-License-Identifier: MIT */
#include "uploads/attributes.h"
#include "base/date.h"
#include "http/error.h"
#include "http/request.h"
#include "uploads/target.h"

static bool read_text_attribute(struct em_request *request, json_t *object,
                                const char *key, const char **out)
{
  json_t *value = json_object_get(object, key);
  *out = NULL;
  if(!value || json_is_null(value))
    return true;
  if(!json_is_string(value)) {
    em_fail_parameter(request, "bad_request", key, "Not a string");
    return false;
  }
  *out = json_string_value(value);
  return true;
}

static bool read_date_attribute(struct em_request *request, json_t *object,
                                const char *key, time_t *out)
{
  const char *text;
  *out = (time_t)-1;
  if(!read_text_attribute(request, object, key, &text))
    return false;
  if(!text || !em_date_parse(text, out))
    return true;
  em_fail_parameter(request, "bad_request", key, "Not an RFC 3339 date");
  return false;
}

bool em_attributes_read(struct em_request *request, json_t *object,
                        struct em_attributes *out)
{
  memset(out, 0, sizeof(*out));
  if(object && !json_is_object(object)) {
    em_fail_parameter(request, "bad_request", "attributes", "Not an object");
    return false;
  }
  if(!read_text_attribute(request, object, "name", &out->name) ||
     !read_text_attribute(request, object, "description",
                          &out->description) ||
     !read_date_attribute(request, object, "content_created_at",
                          &out->content_created_at) ||
     !read_date_attribute(request, object, "content_modified_at",
                          &out->content_modified_at))
    return false;
  return !out->name || em_target_name(request, out->name);
}
