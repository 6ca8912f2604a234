/* What the body of a request must be. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_BODY_H
#define EM_BODY_H

#include "base/base.h"
#include "http/request.h"

/* Compares the media type, without its parameters. */
bool em_has_type(struct em_request *request, const char *type);

/* True, or false after the error reply was made. */
bool em_check_content_type(struct em_request *request, const char *type);
bool em_check_content_length(struct em_request *request);

/* Bytes, or the body, as a JSON object; NULL after the error reply was made. */
json_t *em_json_object(struct em_request *request, const char *bytes,
                       size_t size);
json_t *em_body_json(struct em_request *request);

#endif
