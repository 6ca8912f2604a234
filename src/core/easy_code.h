/* easy_code: what a result of libcurl means.
 * SPDX-License-Identifier: MIT */
#ifndef BU_EASY_CODE_H
#define BU_EASY_CODE_H

#include "error.h"

#include <curl/curl.h>

/* The code of a transfer that failed; text: libcurl's explanation. ca_file:
 * the authorities to trust, NULL for the system's. */
enum bu_code bu_easy_code(CURL *handle, CURLcode result, const char *text,
                          const char *ca_file);

/* Whether a proxy refused the sign-in, be it by an HTTP reply, for a tunnel or
 * by SOCKS. */
int bu_easy_is_proxy_refusal(CURL *handle, CURLcode result);
/* Whether it is the status line of one. */
int bu_easy_is_refusal_line(const char *line, size_t length);

/* Whether a transfer failed because a proxy made no tunnel to the server,
 * which then got nothing; text: libcurl's explanation. */
int bu_easy_is_without_tunnel(CURL *handle, CURLcode result,
                              const char *text);

#endif
