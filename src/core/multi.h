/* multi: a curl_multi as the engine needs it.
 * SPDX-License-Identifier: MIT */
#ifndef BU_MULTI_H
#define BU_MULTI_H

#include "error.h"

#include <curl/curl.h>

/* One that curl_multi_wakeup reaches, and whose own descriptors no child
 * process inherits. NULL with *error filled. */
CURLM *bu_multi_new(struct bu_error *error);

#endif
