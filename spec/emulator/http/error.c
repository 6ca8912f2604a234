/* Error replies in Box's format. */
/* SPDX-License-Identifier: MIT */
#include "http/error.h"

#include <stdarg.h>

void em_fail_info(struct em_request *request, unsigned int status,
                  const char *code, json_t *info, const char *message)
{
  json_t *object = json_pack("{s:s, s:i, s:s, s:s, s:s}", "type", "error",
                             "status", (int)status, "code", code, "help_url",
                             "http://developers.box.com/docs/#errors",
                             "request_id", request->id);
  json_object_set_new(object, "context_info", info ? info : json_null());
  /* json_string fails when the message quotes invalid UTF-8. */
  if(json_object_set_new(object, "message", json_string(message)))
    json_object_set_new(object, "message", json_string(code));
  em_reply_json(&request->reply, status, object);
}

void em_fail(struct em_request *request, unsigned int status,
             const char *code, const char *format, ...)
{
  char message[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof(message), format, arguments);
  va_end(arguments);
  em_fail_info(request, status, code, NULL, message);
}

void em_fail_parameter(struct em_request *request, const char *code,
                       const char *name, const char *message)
{
  json_t *info =
      json_pack("{s:[{s:s, s:s, s:s}]}", "errors", "reason",
                "invalid_parameter", "name", name, "message", message);
  em_fail_info(request, MHD_HTTP_BAD_REQUEST, code, info, message);
}

void em_fail_not_found(struct em_request *request)
{
  em_fail(request, MHD_HTTP_NOT_FOUND, "not_found", "Not Found");
}

void em_fail_method(struct em_request *request)
{
  em_fail(request, MHD_HTTP_METHOD_NOT_ALLOWED, "method_not_allowed",
          "Method Not Allowed");
}

void em_fail_internal(struct em_request *request)
{
  em_fail(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "internal_server_error",
          "Internal Server Error");
}
