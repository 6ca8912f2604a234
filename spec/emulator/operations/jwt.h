/* The key of a JWT application, and its assertions. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_JWT_H
#define EM_JWT_H

#include "base/base.h"
#include "store/token.h"

struct em_emulator;
struct em_jwt_key;

/* Makes an RSA key and writes config.json, as Box gives one to download. */
struct em_jwt_key *em_jwt_make(struct em_emulator *emulator);
void em_jwt_free(struct em_jwt_key *key);

/* The user that an assertion stands for; or NULL for a bad one, with the
   words of Box's refusal. */
bool em_jwt_check(struct em_emulator *emulator, const char *assertion,
                  char user[EM_USER_SIZE], const char **refusal);

#endif
