/* Authentication and authorization: bearer tokens, As-User, scopes. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_ACCESS_H
#define EM_ACCESS_H

#include "base/base.h"

/* Sets the token and the user of the request, or replies with an error. */
void em_access_check(struct em_request *request);

/* Expires the token that the request was sent with. */
void em_access_expire(struct em_request *request);

/* Whether the token may upload to this folder. False: the error reply is set.
   */
bool em_access_upload(struct em_request *request, int64_t folder);

#endif
