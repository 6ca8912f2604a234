/* Access and refresh tokens. */
/* SPDX-License-Identifier: MIT */
#include "store/token.h"
#include "base/lock.h"

int em_tokens_init(struct em_tokens *tokens, struct em_random *random)
{
  memset(tokens, 0, sizeof(*tokens));
  tokens->random = random;
  em_random_hex(random, tokens->client_id, 32, false);
  em_random_hex(random, tokens->client_secret, 32, false);
  em_random_hex(random, tokens->code, 32, false);
  return pthread_mutex_init(&tokens->lock, NULL) ? -1 : 0;
}

void em_tokens_free(struct em_tokens *tokens)
{
  free(tokens->list);
  pthread_mutex_destroy(&tokens->lock);
}

static bool is_valid(const struct em_token *token)
{
  return !token->revoked && time(NULL) < token->expires_at;
}

static struct em_token *find_access_locked(struct em_tokens *tokens,
                                           const char *access)
{
  size_t i = tokens->count;
  while(i-- > 0)
    if(!strcmp(tokens->list[i].access, access))
      return &tokens->list[i];
  return NULL;
}

static struct em_token *append_token_locked(struct em_tokens *tokens)
{
  if(tokens->count == tokens->capacity) {
    size_t capacity = tokens->capacity ? tokens->capacity * 2 : 16;
    struct em_token *list = realloc(tokens->list, capacity * sizeof(*list));
    if(!list)
      return NULL;
    tokens->list = list;
    tokens->capacity = capacity;
  }
  return memset(&tokens->list[tokens->count++], 0, sizeof(*tokens->list));
}

int em_token_create(struct em_tokens *tokens, const char *user, int64_t ttl,
                    bool with_refresh, const struct em_token *like,
                    struct em_token *out)
{
  struct em_token *token;
  memset(out, 0, sizeof(*out));
  if(like)
    *out = *like;
  out->revoked = false;
  out->refresh[0] = '\0';
  em_random_hex(tokens->random, out->access, 64, false);
  if(with_refresh)
    em_random_hex(tokens->random, out->refresh, 64, false);
  snprintf(out->user, sizeof(out->user), "%s", user);
  out->expires_at = time(NULL) + (time_t)ttl;
  em_lock(&tokens->lock);
  token = append_token_locked(tokens);
  if(token)
    *token = *out;
  em_unlock(&tokens->lock);
  return token ? 0 : -1;
}

bool em_token_find(struct em_tokens *tokens, const char *access,
                   struct em_token *out)
{
  struct em_token *token;
  bool fine = false;
  em_lock(&tokens->lock);
  token = find_access_locked(tokens, access);
  if(token && is_valid(token)) {
    *out = *token;
    fine = true;
  }
  em_unlock(&tokens->lock);
  return fine;
}

static struct em_token *find_refresh_locked(struct em_tokens *tokens,
                                            const char *refresh)
{
  size_t i = tokens->count;
  while(*refresh && i-- > 0)
    if(!strcmp(tokens->list[i].refresh, refresh))
      return &tokens->list[i];
  return NULL;
}

bool em_token_use_refresh(struct em_tokens *tokens, const char *refresh,
                          struct em_token *out)
{
  struct em_token *token;
  em_lock(&tokens->lock);
  token = find_refresh_locked(tokens, refresh);
  if(token) {
    *out = *token;
    token->refresh[0] = '\0';
  }
  em_unlock(&tokens->lock);
  return token != NULL;
}

bool em_token_expire(struct em_tokens *tokens, const char *access)
{
  struct em_token *token;
  em_lock(&tokens->lock);
  token = find_access_locked(tokens, access);
  if(token)
    token->revoked = true;
  em_unlock(&tokens->lock);
  return token != NULL;
}

/* Box revokes both tokens of a pair, whichever is given. */
bool em_token_revoke(struct em_tokens *tokens, const char *token_text)
{
  struct em_token *token;
  em_lock(&tokens->lock);
  token = find_access_locked(tokens, token_text);
  if(!token)
    token = find_refresh_locked(tokens, token_text);
  if(token) {
    token->revoked = true;
    token->refresh[0] = '\0';
  }
  em_unlock(&tokens->lock);
  return token != NULL;
}

void em_token_revoke_all(struct em_tokens *tokens)
{
  size_t i;
  em_lock(&tokens->lock);
  for(i = 0; i < tokens->count; i++)
    tokens->list[i].revoked = true;
  em_unlock(&tokens->lock);
}

size_t em_token_count(struct em_tokens *tokens)
{
  size_t count = 0;
  size_t i;
  em_lock(&tokens->lock);
  for(i = 0; i < tokens->count; i++)
    count += is_valid(&tokens->list[i]);
  em_unlock(&tokens->lock);
  return count;
}
