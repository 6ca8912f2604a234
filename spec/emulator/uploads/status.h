/* What the operations on a session share. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_STATUS_H
#define EM_STATUS_H

#include "base/base.h"
#include "store/session.h"

/* The session that the path names, with a reference, or NULL with the
   refusal made. A committed one comes only when `over` is given. */
struct em_session *em_session_of(struct em_request *request, bool *over);

/* The upload session of Box's description. */
json_t *em_session_json(struct em_request *request,
                        struct em_session *session);

#endif
