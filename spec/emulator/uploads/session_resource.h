/* Looks up the session in a request's path, and shows sessions as JSON. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_SESSION_RESOURCE_H
#define EM_SESSION_RESOURCE_H

#include "base/base.h"
#include "http/request.h"
#include "store/session.h"

/* Returns the session with a reference, or NULL after setting the error reply.
   Committed sessions are returned only if `committed` is not NULL. */
struct em_session *em_session_acquire_path(struct em_request *request,
                                           bool *committed);

/* Box's "Upload session" object (API reference, resources/upload-session). */
json_t *em_session_json(struct em_request *request,
                        struct em_session *session);

#endif
