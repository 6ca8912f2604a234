/* The upload session that a path names, and its JSON. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_SESSION_RESOURCE_H
#define EM_SESSION_RESOURCE_H

#include "base/base.h"
#include "http/request.h"
#include "store/session.h"

/* The session of the request's path, with a reference, or NULL after the
   error reply was made. A committed one comes only with `committed`. */
struct em_session *em_session_acquire_path(struct em_request *request,
                                           bool *committed);

/* The "Upload session" object of Box's API reference. */
json_t *em_session_json(struct em_request *request,
                        struct em_session *session);

#endif
