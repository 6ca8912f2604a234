/* Who may ask: bearer tokens, As-User, scopes. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_ACCESS_H
#define EM_ACCESS_H

#include "base/base.h"

/* Sets the request's token and user, or makes the refusal. */
void em_access_check(struct em_request *request);

/* Ends the token that the request brings. */
void em_access_expire(struct em_request *request);

/* Whether a downscoped token may upload into this folder; or the refusal
   is made. */
bool em_access_upload(struct em_request *request, int64_t folder);

#endif
