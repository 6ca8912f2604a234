/* The parts of an upload session. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_PART_H
#define EM_PART_H

#include "base/base.h"
#include "store/session.h"

int64_t em_part_length(const struct em_session *session, int64_t index);

/* Reserves a part for the caller if it is EM_PART_ABSENT. Returns the state
   that it was in, and copies the part to `found`. */
enum em_part_state em_part_reserve(struct em_sessions *sessions,
                                   struct em_session *session, int64_t index,
                                   struct em_part *found);

/* Makes a reserved part absent again. */
void em_part_unreserve(struct em_sessions *sessions,
                       struct em_session *session, int64_t index);

/* Marks a reserved part as stored. False: the session has ended. */
bool em_part_store(struct em_sessions *sessions, struct em_session *session,
                   int64_t index, const unsigned char *sha1,
                   const struct em_settings *settings, struct em_part *out);

/* Whether lists show a part: it is stored, and its lag is over. Counts a look
   at it. The caller holds the lock of the sessions. */
bool em_part_look_locked(struct em_part *part);

/* num_parts_processed: how many parts lists show. */
int64_t em_part_count(struct em_sessions *sessions,
                      struct em_session *session);

json_t *em_part_json(const struct em_session *session, int64_t index,
                     const struct em_part *part, bool with_sha1);

#endif
