/* The users of the account. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_USER_H
#define EM_USER_H

#include "base/base.h"

#define EM_USER_SIZE 24

/* The administrator: the user of the first token, who may act for others. */
#define EM_USER "11446498"

/* Box's "User (Mini)". Every id is a user with a name and a login of its
   own. */
json_t *em_user_json(const char *id);

#endif
