/* Checks the assertion of a JWT grant (RFC 7523). */
/* SPDX-License-Identifier: MIT */
#ifndef EM_JWT_H
#define EM_JWT_H

#include "base/base.h"
#include "store/token.h"

/* Gets the user from a valid assertion. False: `refusal` is Box's error text.
   */
bool em_jwt_check(struct em_emulator *emulator, const char *assertion,
                  char user[EM_USER_SIZE], const char **refusal);

#endif
