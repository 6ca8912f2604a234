/* What the control paths show of all upload sessions. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_SESSION_LIST_H
#define EM_SESSION_LIST_H

#include "base/base.h"
#include "store/session.h"

json_t *em_session_list(struct em_sessions *sessions);

/* Sessions that can still be committed. */
size_t em_session_open_count(struct em_sessions *sessions);

#endif
