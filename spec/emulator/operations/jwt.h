/* Assertions of a JWT application (RFC 7523). */
/* SPDX-License-Identifier: MIT */
#ifndef EM_JWT_H
#define EM_JWT_H

#include "http/emulator.h"

/* The user that an assertion stands for; false for a bad one, with the words
   of Box's refusal. */
bool em_jwt_check(struct em_emulator *emulator, const char *assertion,
                  char user[EM_USER_SIZE], const char **refusal);

#endif
