/* easy_code: what a result of libcurl means.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "easy_code.h"

#include "compat.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <string.h>

/* RFC 9110, section 15.5.8. Only a proxy answers it. */
#define PROXY_AUTHENTICATION_REQUIRED 407L

/* The verdict is OpenSSL's. libcurl itself compares the host, and then the
 * verdict is either good or not yet copied: unspecified. */
static enum bu_code easy_certificate_code(CURL *handle)
{
  long server = X509_V_OK;
  long proxy = X509_V_OK;

  curl_easy_getinfo(handle, CURLINFO_SSL_VERIFYRESULT, &server);
  curl_easy_getinfo(handle, CURLINFO_PROXY_SSL_VERIFYRESULT, &proxy);
  switch(server != X509_V_OK ? server : proxy) {
  case X509_V_ERR_CERT_NOT_YET_VALID:
  case X509_V_ERR_CERT_HAS_EXPIRED:
    return BU_ECERTIFICATE_DATE;
  case X509_V_OK:
  case X509_V_ERR_UNSPECIFIED:
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH:
    return BU_ECERTIFICATE_HOST;
  default:
    return BU_ECERTIFICATE;
  }
}

int bu_easy_is_proxy_refusal(CURL *handle, CURLcode result)
{
  long status = 0;
  long socks = 0;

  if(result == CURLE_OK) {
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  } else {
    curl_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &status);
#if LIBCURL_VERSION_NUM >= 0x074900
    curl_easy_getinfo(handle, CURLINFO_PROXY_ERROR, &socks);
    if(socks == CURLPX_USER_REJECTED || socks == CURLPX_NO_AUTH)
      return 1;
#endif
  }
  return status == PROXY_AUTHENTICATION_REQUIRED;
}

int bu_easy_is_refusal_line(const char *line, size_t length)
{
  const char *space = memchr(line, ' ', length);

  return space && line + length - space > 4 && memcmp(space, " 407", 4) == 0;
}

/* The status of the proxy's answer to CONNECT when that isn't a tunnel. */
static long easy_tunnel_refusal(CURL *handle)
{
  long status = 0;

  curl_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &status);
  return status / 100 == 2 ? 0 : status;
}

int bu_easy_is_without_tunnel(CURL *handle, CURLcode result, const char *text)
{
  return result != CURLE_OK &&
         (easy_tunnel_refusal(handle) != 0 || strstr(text, "Proxy CONNECT"));
}

/* 408, 425 and 429 pass, and 5xx is about the host or the proxy's network. */
static int easy_is_forbidden_by_proxy(CURL *handle)
{
  long status = easy_tunnel_refusal(handle);

  return status >= 300 && status < 500 && status != 408 && status != 425 &&
         status != 429;
}

/* Whether libcurl failed to read its file of authorities although that can be
 * read: there was no descriptor, or no memory, when it tried. */
static int easy_could_load_authorities(CURL *handle, CURLcode result,
                                       const char *ca_file)
{
  char *path = NULL;
  X509_STORE *store;
  int could = 0;

  if(result != CURLE_SSL_CACERT_BADFILE)
    return 0;
#if LIBCURL_VERSION_NUM >= 0x075400
  curl_easy_getinfo(handle, CURLINFO_CAINFO, &path); /* the default */
#else
  (void)handle;
#endif
  store = X509_STORE_new();
  if(store && (ca_file || path))
    could =
        X509_STORE_load_locations(store, ca_file ? ca_file : path, NULL) == 1;
  X509_STORE_free(store);
  ERR_clear_error();
  return could;
}

static int easy_has_request_left(CURL *handle)
{
  long size = 0;

  curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &size);
  return size > 0;
}

/* Whether it failed for want of descriptors before anything left. libcurl
 * takes that for a host or a file that can't be reached. */
static int easy_lacks_descriptor(CURL *handle, CURLcode result,
                                 const char *ca_file)
{
  return !easy_has_request_left(handle) &&
         (!bu_has_descriptor() ||
          easy_could_load_authorities(handle, result, ca_file));
}

/* libcurl has one result for a handshake that can't succeed and for a
 * connection that broke meanwhile. OpenSSL explains the former. */
static enum bu_code easy_handshake_code(const char *text)
{
  return strstr(text, "SSL routines") && !strstr(text, "unexpected eof")
             ? BU_ETLS
             : BU_ENETWORK;
}

/* Newer libcurl has limits of its own: "Too many response headers", "Too large
 * response headers". */
static int easy_is_over_limit(CURLcode result, const char *text)
{
#if LIBCURL_VERSION_NUM >= 0x080600
  if(result == CURLE_TOO_LARGE)
    return 1;
#endif
  return result == CURLE_RECV_ERROR && strncmp(text, "Too ", 4) == 0 &&
         strstr(text, " response headers") != NULL;
}

enum bu_code bu_easy_code(CURL *handle, CURLcode result, const char *text,
                          const char *ca_file)
{
  if(bu_easy_is_proxy_refusal(handle, result))
    return BU_EPROXY;
  if(easy_is_forbidden_by_proxy(handle))
    return BU_ETUNNEL;
  if(easy_lacks_descriptor(handle, result, ca_file))
    return BU_EDESCRIPTORS;
  if(easy_is_over_limit(result, text))
    return BU_ELIMIT;
  switch(result) {
  case CURLE_OUT_OF_MEMORY:
    return BU_EMEMORY;
  case CURLE_OPERATION_TIMEDOUT:
    return BU_ETIMEOUT;
  case CURLE_UNSUPPORTED_PROTOCOL: /* the URL's, or that of the reply */
    return easy_has_request_left(handle) ? BU_ENETWORK : BU_EINVALID;
  case CURLE_URL_MALFORMAT:
  case CURLE_BAD_FUNCTION_ARGUMENT:
    return BU_EINVALID;
  case CURLE_PEER_FAILED_VERIFICATION:
    return easy_certificate_code(handle);
  case CURLE_SSL_CACERT_BADFILE:
    return BU_ECAFILE;
  case CURLE_SSL_CONNECT_ERROR:
    return easy_handshake_code(text);
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_INVALIDCERTSTATUS:
    return BU_ETLS;
  default:
    return BU_ENETWORK;
  }
}
