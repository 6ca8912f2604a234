/* Checks and parses request bodies. */
/* SPDX-License-Identifier: MIT */
#include "http/body.h"
#include "http/error.h"

#include <strings.h>

bool em_has_type(struct em_request *request, const char *type)
{
  const char *value = em_request_header(request, "content-type");
  size_t length = strlen(type);
  if(!value || strncasecmp(value, type, length))
    return false;
  value += length;
  value += strspn(value, " \t");
  return !*value || *value == ';';
}

bool em_check_content_type(struct em_request *request, const char *type)
{
  char message[128];
  if(em_has_type(request, type))
    return true;
  snprintf(message, sizeof(message), "The Content-Type must be %s", type);
  em_fail_parameter(request, "bad_request", "content-type", message);
  return false;
}

bool em_check_content_length(struct em_request *request)
{
  if(request->content_length >= 0)
    return true;
  em_fail(request, MHD_HTTP_LENGTH_REQUIRED, "length_required",
          "The Content-Length header is required");
  return false;
}

json_t *em_json_object(struct em_request *request, const char *bytes,
                       size_t size)
{
  json_error_t error;
  json_t *json =
      json_loadb(bytes ? bytes : "", size, JSON_REJECT_DUPLICATES, &error);
  if(json_is_object(json))
    return json;
  json_decref(json);
  em_fail(request, MHD_HTTP_BAD_REQUEST, "invalid_json",
          "Entity body should be a JSON object: %s",
          json ? "it is not one" : error.text);
  return NULL;
}

json_t *em_body_json(struct em_request *request)
{
  return em_json_object(request, request->body.bytes, request->body.size);
}
