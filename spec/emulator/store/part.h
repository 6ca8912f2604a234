/* The parts of an upload session. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_PART_H
#define EM_PART_H

#include "base/base.h"
#include "store/session.h"

int64_t em_part_length(const struct em_session *session, int64_t index);

/* The state that the part was in; when it was EM_PART_ABSENT, it is reserved
   for the caller now. `found` is a copy. */
enum em_part_state em_part_reserve(struct em_sessions *sessions,
                                   struct em_session *session, int64_t index,
                                   struct em_part *found);

/* Gives up a part that is still reserved. */
void em_part_unreserve(struct em_sessions *sessions,
                       struct em_session *session, int64_t index);

/* Makes a reserved part a stored one; false when the session has ended in the
   meantime. */
bool em_part_store(struct em_sessions *sessions, struct em_session *session,
                   int64_t index, const unsigned char *sha1,
                   struct em_part *out);

json_t *em_part_json(const struct em_session *session, int64_t index,
                     const struct em_part *part, bool with_sha1);

#endif
