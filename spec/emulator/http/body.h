/* Checks and parses request bodies. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_BODY_H
#define EM_BODY_H

#include "base/base.h"
#include "http/request.h"

/* Compares the media type and ignores parameters. */
bool em_has_type(struct em_request *request, const char *type);

/* False: the error reply is set. */
bool em_check_content_type(struct em_request *request, const char *type);
bool em_check_content_length(struct em_request *request);

/* Parse bytes, or the body, as a JSON object. NULL: the error reply is set. */
json_t *em_json_object(struct em_request *request, const char *bytes,
                       size_t size);
json_t *em_body_json(struct em_request *request);

#endif
