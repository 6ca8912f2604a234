/* Checks the list of parts in a commit request. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_COMMIT_PARTS_H
#define EM_COMMIT_PARTS_H

#include "base/base.h"
#include "http/request.h"
#include "store/session.h"

/* The list must name all parts as they are stored, ordered by offset. False:
   the error reply is set. */
bool em_check_commit_parts(struct em_request *request,
                           const struct em_session *session, json_t *parts);

/* 400 parts_mismatch for an entry, or for a missing one (NULL). */
void em_fail_parts_mismatch(struct em_request *request, json_t *entry);

#endif
