/* request: what one HTTP request says.
 * SPDX-License-Identifier: MIT */
#ifndef BU_REQUEST_H
#define BU_REQUEST_H

#include "error.h"
#include "source.h"

struct curl_slist;

/* Which header tells the SHA-1 of the body, which a hash worker takes before
 * the request is sent. */
enum bu_digest_header {
  BU_DIGEST_NONE,
  BU_DIGEST_SHA,        /* `Digest: sha=<base64>` (RFC 3230) */
  BU_DIGEST_CONTENT_MD5 /* `content-md5: <hex>`: a SHA-1 in spite of it */
};

struct bu_request {
  char *method;
  char *url;
  struct curl_slist *headers;
  int authorize; /* carry the settings' token */
  int has_body;
  struct bu_source body;
  char *attributes; /* not NULL: a multipart form, this JSON first, then the
                       body as its file part */
  enum bu_digest_header digest_header;
};

/* Copies method and url. BU_EINVALID for control characters in either. */
int bu_request_init(struct bu_request *request, const char *method,
                    const char *url, struct bu_error *error);
void bu_request_free(struct bu_request *request);

/* BU_EINVALID for a name that is no RFC 9110 token, or a value with control
 * characters: nobody smuggles a second header in. An empty value is sent as
 * an empty header. */
int bu_request_header(struct bu_request *request, const char *name,
                      const char *value, struct bu_error *error);

/* Whether the value has no control character (a tab is one too here). */
int bu_header_value_is_clean(const char *value);

/* The same as bu_request_header, for a list that isn't in a request. */
int bu_header_append(struct curl_slist **headers, const char *name,
                     const char *value, struct bu_error *error);

#endif
