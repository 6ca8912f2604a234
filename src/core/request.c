/* request: what one HTTP request says.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "request.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int bu_header_value_is_clean(const char *value)
{
  const unsigned char *byte = (const unsigned char *)value;

  for(; *byte; byte++) {
    if(*byte < 0x20 || *byte == 0x7f)
      return 0;
  }
  return 1;
}

/* A token of RFC 9110, section 5.6.2. */
static int header_is_token(const char *name)
{
  static const char allowed[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  return *name && name[strspn(name, allowed)] == '\0';
}

int bu_request_init(struct bu_request *request, const char *method,
                    const char *url, struct bu_error *error)
{
  memset(request, 0, sizeof(*request));
  if(!header_is_token(method))
    return bu_error_set(error, BU_EINVALID, "not an HTTP method");
  if(!*url || !bu_header_value_is_clean(url) || strchr(url, ' '))
    return bu_error_set(error, BU_EINVALID,
                        "a URL that is empty or has a blank or a control "
                        "character in it");
  request->method = strdup(method);
  request->url = strdup(url);
  request->authorize = 1;
  if(request->method && request->url)
    return BU_OK;
  bu_request_free(request);
  return bu_error_memory(error);
}

void bu_request_free(struct bu_request *request)
{
  free(request->method);
  free(request->url);
  free(request->attributes);
  curl_slist_free_all(request->headers);
  bu_source_free(&request->body);
  memset(request, 0, sizeof(*request));
}

static int header_append_line(struct curl_slist **headers, const char *name,
                              const char *value, struct bu_error *error)
{
  /* To libcurl "Name;" is an empty value, while "Name:" removes the header. */
  const char *between = *value ? ": " : ";";
  size_t size = strlen(name) + strlen(between) + strlen(value) + 1;
  char *line = malloc(size);
  struct curl_slist *list = NULL;

  if(line) {
    (void)snprintf(line, size, "%s%s%s", name, between, value);
    list = curl_slist_append(*headers, line);
  }
  free(line);
  if(!list)
    return bu_error_memory(error);
  *headers = list;
  return BU_OK;
}

int bu_header_append(struct curl_slist **headers, const char *name,
                     const char *value, struct bu_error *error)
{
  if(!header_is_token(name))
    return bu_error_set(error, BU_EINVALID, "not a header name: %.60s",
                        bu_header_value_is_clean(name) ? name : "(bytes)");
  if(!bu_header_value_is_clean(value))
    return bu_error_set(error, BU_EINVALID,
                        "the value of the header %.60s has a control "
                        "character in it",
                        name);
  return header_append_line(headers, name, value, error);
}

int bu_request_header(struct bu_request *request, const char *name,
                      const char *value, struct bu_error *error)
{
  return bu_header_append(&request->headers, name, value, error);
}
