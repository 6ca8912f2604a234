/* request: what one HTTP request says.
 * SPDX-License-Identifier: MIT */
#ifndef BU_REQUEST_H
#define BU_REQUEST_H

#include "error.h"
#include "source.h"

struct curl_slist;

/* Which header has the SHA-1 of the body. A hash worker computes it before the
 * request is sent. */
enum bu_digest_header {
  BU_DIGEST_NONE,
  BU_DIGEST_SHA,        /* `Digest: sha=<base64>` (RFC 3230) */
  BU_DIGEST_CONTENT_MD5 /* `content-md5: <hex>`; Box wants a SHA-1 in it */
};

struct bu_request {
  char *method;
  char *url;
  struct curl_slist *headers;
  int authorize; /* send the settings' token and headers */
  int has_body;
  struct bu_source body;
  char *attributes; /* JSON, or NULL. With it the body is sent as the file of
                       a multipart form, after these attributes */
  enum bu_digest_header digest_header;
  size_t reply_limit; /* bytes of the reply's body; 0: the settings' */
};

/* Copies method and url. BU_EINVALID for control characters in either. */
int bu_request_init(struct bu_request *request, const char *method,
                    const char *url, struct bu_error *error);
void bu_request_free(struct bu_request *request);

/* Adds a header, which is sent also when the value is empty. BU_EINVALID for a
 * name that isn't an RFC 9110 token, and for a value with control characters,
 * which could smuggle in a second header. */
int bu_request_header(struct bu_request *request, const char *name,
                      const char *value, struct bu_error *error);

/* Whether the value has no control character; a tab counts as one. */
int bu_header_value_is_clean(const char *value);

/* The same as bu_request_header, for a list that isn't in a request. */
int bu_header_append(struct curl_slist **headers, const char *name,
                     const char *value, struct bu_error *error);

#endif
