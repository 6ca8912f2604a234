/* headers: those that an exchange is sent with.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "headers.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int headers_copy(struct curl_slist **to, const struct curl_slist *from)
{
  for(; from; from = from->next) {
    struct curl_slist *list = curl_slist_append(*to, from->data);

    if(!list)
      return BU_EMEMORY;
    *to = list;
  }
  return BU_OK;
}

static int headers_add_digest(struct bu_exchange *exchange,
                              struct curl_slist **headers)
{
  char value[BU_HEX_MAX + sizeof("sha=")];
  const char *name = "content-md5";

  if(exchange->request.digest_header == BU_DIGEST_NONE)
    return BU_OK;
  if(exchange->request.digest_header == BU_DIGEST_SHA) {
    name = "Digest";
    memcpy(value, "sha=", sizeof("sha="));
    bu_base64(value + 4, exchange->sha1, BU_SHA1_SIZE);
  } else {
    bu_hex(value, exchange->sha1, BU_SHA1_SIZE);
  }
  return bu_header_append(headers, name, value, &exchange->error);
}

static int headers_add_token(struct bu_exchange *exchange,
                             struct curl_slist **headers)
{
  char *token = bu_settings_token(exchange->settings, &exchange->error);
  size_t size = token ? strlen(token) + sizeof("Bearer ") : 0;
  char *value;
  int code;

  if(!token)
    return exchange->error.code;
  value = malloc(size);
  if(value) {
    (void)snprintf(value, size, "Bearer %s", token);
    code =
        bu_header_append(headers, "Authorization", value, &exchange->error);
    OPENSSL_cleanse(value, size);
  } else {
    code = bu_error_memory(&exchange->error);
  }
  free(value);
  OPENSSL_cleanse(token, size - sizeof("Bearer ") + 1);
  free(token);
  return code;
}

int bu_headers_build(struct bu_exchange *exchange,
                     struct curl_slist **headers)
{
  struct curl_slist *list;
  int code;

  /* The client's headers name the user it acts for (As-User): like the token,
   * they aren't for other hosts. */
  if((exchange->request.authorize &&
      headers_copy(headers, exchange->settings->headers) != BU_OK) ||
     headers_copy(headers, exchange->request.headers) != BU_OK)
    return bu_error_memory(&exchange->error);
  /* Without it libcurl waits for a "100 Continue" that Box never sends. */
  list = curl_slist_append(*headers, "Expect:");
  if(!list)
    return bu_error_memory(&exchange->error);
  *headers = list;
  code = headers_add_digest(exchange, headers);
  if(code == BU_OK && exchange->request.authorize)
    code = headers_add_token(exchange, headers);
  return code;
}
