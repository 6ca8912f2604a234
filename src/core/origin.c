/* origin: which hosts may see a bearer token.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "origin.h"

#include "compat.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

struct origin {
  struct origin *next;
  char *scheme;
  char *host;
};

struct bu_origins {
  struct origin *first;
};

static const char *const box_domains[] = {"box.com", "boxcloud.com",
                                          "box-gov.com"};

static void origin_free(struct origin *origin)
{
  if(!origin)
    return;
  curl_free(origin->scheme);
  curl_free(origin->host);
  free(origin);
}

static int origin_fail(CURLUcode result, const char *url,
                       struct bu_error *error)
{
  if(result == CURLUE_OUT_OF_MEMORY)
    return bu_error_memory(error);
  return bu_error_set(error, BU_EINVALID,
                      "not an http or https URL without a user in it: "
                      "%.150s",
                      url);
}

/* libcurl's own parser, so that the host checked here is the host that libcurl
 * connects to. */
static int origin_parse(CURLU *handle, const char *url, struct origin *origin,
                        struct bu_error *error)
{
  CURLUcode result = curl_url_set(handle, CURLUPART_URL, url, 0);
  char *user = NULL;

  if(result == CURLUE_OK)
    result = curl_url_get(handle, CURLUPART_SCHEME, &origin->scheme, 0);
  if(result == CURLUE_OK)
    result = curl_url_get(handle, CURLUPART_HOST, &origin->host, 0);
  if(result != CURLUE_OK)
    return origin_fail(result, url, error);
  result = curl_url_get(handle, CURLUPART_USER, &user, 0);
  curl_free(user);
  if(result != CURLUE_NO_USER || (strcmp(origin->scheme, "https") != 0 &&
                                  strcmp(origin->scheme, "http") != 0))
    return origin_fail(result, url, error);
  return BU_OK;
}

static struct origin *origin_new(const char *url, struct bu_error *error)
{
  struct origin *origin = calloc(1, sizeof(*origin));
  CURLU *handle = curl_url();
  int is_parsed = 0;

  if(origin && handle)
    is_parsed = origin_parse(handle, url, origin, error) == BU_OK;
  else
    bu_error_memory(error);
  curl_url_cleanup(handle);
  if(is_parsed && origin->scheme && origin->host)
    return origin;
  origin_free(origin);
  return NULL;
}

struct bu_origins *bu_origins_new(void)
{
  return calloc(1, sizeof(struct bu_origins));
}

void bu_origins_free(struct bu_origins *origins)
{
  if(!origins)
    return;
  while(origins->first) {
    struct origin *origin = origins->first;

    origins->first = origin->next;
    origin_free(origin);
  }
  free(origins);
}

int bu_origins_add(struct bu_origins *origins, const char *url,
                   struct bu_error *error)
{
  struct origin *origin = origin_new(url, error);

  if(!origin)
    return error->code;
  origin->next = origins->first;
  origins->first = origin;
  return BU_OK;
}

static int origin_is_under(const char *host, const char *domain)
{
  size_t host_length = strlen(host);
  size_t length = strlen(domain);

  if(host_length < length ||
     !curl_strequal(host + host_length - length, domain))
    return 0;
  return host_length == length || host[host_length - length - 1] == '.';
}

static int origin_is_box(const struct origin *origin)
{
  size_t i;

  if(strcmp(origin->scheme, "https") != 0)
    return 0;
  for(i = 0; i < sizeof(box_domains) / sizeof(box_domains[0]); i++) {
    if(origin_is_under(origin->host, box_domains[i]))
      return 1;
  }
  return 0;
}

static int origin_is_trusted(const struct bu_origins *origins,
                             const struct origin *origin)
{
  const struct origin *trusted;

  for(trusted = origins->first; trusted; trusted = trusted->next) {
    if(strcmp(trusted->scheme, origin->scheme) == 0 &&
       curl_strequal(trusted->host, origin->host))
      return 1;
  }
  return 0;
}

int bu_origins_check(const struct bu_origins *origins, const char *url,
                     struct bu_error *error)
{
  struct origin *origin = origin_new(url, error);
  int code = BU_OK;

  if(!origin)
    return error->code;
  if(!origin_is_box(origin) && !origin_is_trusted(origins, origin))
    code = bu_error_set(error, BU_EUNTRUSTED,
                        "the token is not sent to %s://%.150s: it is neither "
                        "https at Box nor a configured URL's host",
                        origin->scheme, origin->host);
  origin_free(origin);
  return code;
}
