/* The RSA key of a JWT application. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_JWT_KEY_H
#define EM_JWT_KEY_H

#include "base/base.h"
#include "base/random.h"
#include "store/root.h"
#include "store/token.h"

#define EM_ENTERPRISE "801234"

struct em_jwt_key;

/* Makes a key and writes config.json. */
struct em_jwt_key *em_jwt_key_new(struct em_random *random,
                                  const struct em_root *root,
                                  const struct em_tokens *tokens);
void em_jwt_key_free(struct em_jwt_key *key);

const char *em_jwt_key_id(const struct em_jwt_key *key);
bool em_jwt_algorithm_known(const char *name);

/* Checks the signature, which follows the dot after the signed bytes. */
bool em_jwt_key_verify(const struct em_jwt_key *key, const char *algorithm,
                       const char *text, size_t signed_length);

/* Uses up the `jti` of an assertion; false when it was used before. */
bool em_jwt_key_use(struct em_jwt_key *key, const char *jti);

#endif
