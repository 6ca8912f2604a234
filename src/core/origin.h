/* origin: which hosts may see a bearer token.
 * SPDX-License-Identifier: MIT */
#ifndef BU_ORIGIN_H
#define BU_ORIGIN_H

#include "error.h"

#include <stddef.h>

/* The scheme and host of base URLs that the caller configured. */
struct bu_origins;

struct bu_origins *bu_origins_new(void); /* or NULL */
void bu_origins_free(struct bu_origins *origins);

/* Trusts the URL's host, on any port, with the URL's scheme (http or https).
 * BU_EINVALID for any other URL, and for one with credentials. */
int bu_origins_add(struct bu_origins *origins, const char *url,
                   struct bu_error *error);

/* BU_OK when a token may go to url: https to a host under box.com,
 * boxcloud.com or box-gov.com, or a trusted origin. Else BU_EUNTRUSTED, or
 * BU_EINVALID when it isn't an http or https URL. */
int bu_origins_check(const struct bu_origins *origins, const char *url,
                     struct bu_error *error);

#endif
