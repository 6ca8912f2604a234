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

/* Creates a key and writes config.json. */
struct em_jwt_key *em_jwt_key_new(struct em_random *random,
                                  const struct em_root *root,
                                  const struct em_tokens *tokens);
void em_jwt_key_free(struct em_jwt_key *key);

const char *em_jwt_key_id(const struct em_jwt_key *key);
bool em_jwt_algorithm_known(const char *name);

/* Checks the signature, which is after the signed bytes and a dot. */
bool em_jwt_key_verify(const struct em_jwt_key *key, const char *algorithm,
                       const char *text, size_t signed_length);

/* Marks a jti as used. False: it was used before. */
bool em_jwt_key_use(struct em_jwt_key *key, const char *jti);

#endif
