/* Reads the file attributes that a client sends with an upload. */
/* SPDX-License-Identifier: MIT */
#include "uploads/attributes.h"
#include "base/date.h"
#include "http/error.h"
#include "http/request.h"
#include "uploads/target.h"

#define EM_DESCRIPTION_MAX 256 /* characters, not bytes */

/* As Box does, only context_info tells which attribute is refused. */
static bool refuse_attribute(struct em_request *request, const char *key,
                             json_t *message)
{
  em_fail_info(request, MHD_HTTP_BAD_REQUEST, "bad_request",
               json_pack("{s:[{s:s, s:s, s:o}]}", "errors", "reason",
                         "invalid_parameter", "name", key, "message",
                         message),
               "Bad Request");
  return false;
}

static bool read_text_attribute(struct em_request *request, json_t *object,
                                const char *key, const char **out)
{
  json_t *value = json_object_get(object, key);
  *out = NULL;
  if(!value || json_is_null(value))
    return true;
  if(!json_is_string(value))
    return refuse_attribute(request, key,
                            json_string("Invalid value. Not a string"));
  *out = json_string_value(value);
  return true;
}

static bool read_name(struct em_request *request, json_t *object,
                      const char **out)
{
  json_t *value = json_object_get(object, "name");
  if(!read_text_attribute(request, object, "name", out))
    return false;
  if(!*out)
    return true;
  if(!em_target_name(request, value))
    return false;
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
  return refuse_attribute(
      request, key,
      json_sprintf("Invalid value '%s'. '%s' not a valid rfc 3339 formatted "
                   "date",
                   text, key));
}

/* A character has one byte that doesn't continue another. */
static size_t count_characters(const char *text)
{
  size_t count = 0;
  for(; *text; text++)
    count += ((unsigned char)*text & 0xC0) != 0x80;
  return count;
}

static bool read_description(struct em_request *request, json_t *object,
                             const char **out)
{
  if(!read_text_attribute(request, object, "description", out))
    return false;
  if(!*out || count_characters(*out) <= EM_DESCRIPTION_MAX)
    return true;
  return refuse_attribute(
      request, "description",
      json_sprintf("Invalid value. It can have at most %d characters",
                   EM_DESCRIPTION_MAX));
}

/* Not kept, but as strict as for the others. */
static bool check_other_attributes(struct em_request *request, json_t *object)
{
  static const struct {
    const char *key;
    json_type type;
  } others[] = {{"tags", JSON_ARRAY},
                {"collections", JSON_ARRAY},
                {"shared_link", JSON_OBJECT},
                {"lock", JSON_OBJECT},
                {"parent", JSON_OBJECT}};
  size_t i;
  for(i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
    json_t *value = json_object_get(object, others[i].key);
    if(value && !json_is_null(value) && json_typeof(value) != others[i].type)
      return refuse_attribute(request, others[i].key,
                              json_string("Invalid value. Wrong type"));
  }
  return true;
}

bool em_attributes_read(struct em_request *request, json_t *object,
                        struct em_attributes *out)
{
  memset(out, 0, sizeof(*out));
  if(object && !json_is_object(object))
    return refuse_attribute(request, "attributes",
                            json_string("Invalid value. Not an object"));
  return read_name(request, object, &out->name) &&
         read_description(request, object, &out->description) &&
         read_date_attribute(request, object, "content_created_at",
                             &out->content_created_at) &&
         read_date_attribute(request, object, "content_modified_at",
                             &out->content_modified_at) &&
         check_other_attributes(request, object);
}
