/* headers: those that an exchange is sent with.
 * SPDX-License-Identifier: MIT */
#ifndef BU_HEADERS_H
#define BU_HEADERS_H

#include "exchange.h"

/* Appends the client's headers and the request's, the digest of the body and
 * the token. A code with exchange->error filled; *headers is the caller's to
 * free in any case. */
int bu_headers_build(struct bu_exchange *exchange,
                     struct curl_slist **headers);

#endif
