/* Access and refresh tokens. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_TOKEN_H
#define EM_TOKEN_H

#include "base/base.h"
#include "base/random.h"
#include "store/user.h"

#define EM_TOKEN_SIZE 65
#define EM_SCOPE_SIZE 256

struct em_token {
  char access[EM_TOKEN_SIZE];
  char refresh[EM_TOKEN_SIZE]; /* empty: none, or already used */
  char user[EM_USER_SIZE];
  char scope[EM_SCOPE_SIZE];   /* empty: all */
  char resource[EM_USER_SIZE]; /* folder id of a downscoped token */
  time_t expires_at;
  bool revoked;
};

struct em_tokens {
  pthread_mutex_t lock;
  struct em_random *random;
  struct em_token *list;
  size_t count;
  size_t capacity;
  char client_id[33];
  char client_secret[33];
  char code[33]; /* the authorization code; empty: used */
};

int em_tokens_init(struct em_tokens *tokens, struct em_random *random);
void em_tokens_free(struct em_tokens *tokens);

/* Creates a token and copies it to `out`. `like` has its scope and resource;
   NULL: unrestricted. */
int em_token_create(struct em_tokens *tokens, const char *user, int64_t ttl,
                    bool with_refresh, const struct em_token *like,
                    struct em_token *out);

/* Copies a valid access token to `out`. False: unknown, expired or revoked. */
bool em_token_find(struct em_tokens *tokens, const char *access,
                   struct em_token *out);

/* Uses up a refresh token: each works once. */
bool em_token_use_refresh(struct em_tokens *tokens, const char *refresh,
                          struct em_token *out);

/* em_token_expire ends an access token, em_token_revoke also its refresh
   token. */
bool em_token_expire(struct em_tokens *tokens, const char *access);
bool em_token_revoke(struct em_tokens *tokens, const char *token_text);
void em_token_revoke_all(struct em_tokens *tokens);
size_t em_token_count(struct em_tokens *tokens);

#endif
