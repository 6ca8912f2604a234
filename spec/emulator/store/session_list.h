/* The list of upload sessions, for the control paths. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_SESSION_LIST_H
#define EM_SESSION_LIST_H

#include "base/base.h"
#include "store/session.h"

json_t *em_session_list(struct em_sessions *sessions);

/* Counts the sessions that can still be used. */
size_t em_session_open_count(struct em_sessions *sessions);

#endif
