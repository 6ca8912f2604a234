/* The list of parts in a commit. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_COMMIT_PARTS_H
#define EM_COMMIT_PARTS_H

#include "base/base.h"
#include "http/request.h"
#include "store/session.h"

/* Whether the list names all parts of the session as they are stored, in
   order; false after the error reply was made. */
bool em_check_commit_parts(struct em_request *request,
                           const struct em_session *session, json_t *parts);

/* 400, naming a part that is not there; NULL: one is missing in the list. */
void em_fail_parts_mismatch(struct em_request *request, json_t *entry);

#endif
