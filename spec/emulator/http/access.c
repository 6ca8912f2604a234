/* Authentication and authorization: bearer tokens, As-User, scopes. */
/* SPDX-License-Identifier: MIT */
#include "http/access.h"
#include "http/error.h"
#include "http/request.h"

#include <strings.h>

static const char *bearer_token(struct em_request *request)
{
  const char *value = em_request_header(request, "authorization");
  if(!value || strncasecmp(value, "Bearer ", 7))
    return NULL;
  return value + 7;
}

/* Box's 401 from the upload hosts has no body and exactly this header. */
static void refuse_token(struct em_request *request)
{
  em_reply_empty(&request->reply, MHD_HTTP_UNAUTHORIZED);
  em_reply_header(&request->reply, "content-type",
                  "application/octet-stream");
  em_reply_header(&request->reply, "www-authenticate",
                  "Bearer realm=\"Service\", error=\"invalid_token\", "
                  "error_description=\"The access token provided is "
                  "invalid.\"");
}

/* Only the administrator may act for others. */
static void set_user(struct em_request *request)
{
  const char *as_user = em_request_header(request, "as-user");
  int64_t id;
  if(!as_user) {
    snprintf(request->user, sizeof(request->user), "%s", request->token.user);
    return;
  }
  if(em_id_parse(as_user, &id)) {
    em_fail_info(request, MHD_HTTP_NOT_FOUND, "not_found",
                 json_pack("{s:{s:s, s:s}}", "invalid_user_id", "type",
                           "user", "id", as_user),
                 "Not Found");
    return;
  }
  if(strcmp(request->token.user, EM_USER) &&
     strcmp(request->token.user, as_user)) {
    em_fail(request, MHD_HTTP_FORBIDDEN,
            "access_denied_insufficient_permissions",
            "Access denied - insufficient permission");
    return;
  }
  snprintf(request->user, sizeof(request->user), "%s", as_user);
}

/* What an administrator of the account may forbid, such as all requests from
   outside of the company's network. */
static void apply_policy(struct em_request *request)
{
  if(request->settings.location_blocked)
    em_fail(request, MHD_HTTP_FORBIDDEN, "access_from_location_blocked",
            "You are not allowed to access this content from your location");
  else if(request->settings.forbidden_by_policy)
    em_fail(request, MHD_HTTP_FORBIDDEN, "forbidden_by_policy",
            "Access denied - forbidden by policy");
}

void em_access_check(struct em_request *request)
{
  const char *access = bearer_token(request);
  if(request->operation->is_public)
    return;
  request->has_token = access && em_token_find(&request->emulator->tokens,
                                               access, &request->token);
  if(!request->has_token) {
    refuse_token(request);
    return;
  }
  apply_policy(request);
  if(!request->reply.status)
    set_user(request);
}

void em_access_expire(struct em_request *request)
{
  const char *access = bearer_token(request);
  if(access)
    em_token_expire(&request->emulator->tokens, access);
}

static bool scope_has(const char *scope, const char *word)
{
  size_t length = strlen(word);
  while(*scope) {
    size_t next = strcspn(scope, " ");
    if(next == length && !memcmp(scope, word, length))
      return true;
    scope += next;
    scope += *scope == ' ';
  }
  return false;
}

bool em_access_upload(struct em_request *request, int64_t folder)
{
  const struct em_token *token = &request->token;
  int64_t resource;
  if(token->scope[0] && !scope_has(token->scope, "base_upload") &&
     !scope_has(token->scope, "item_upload")) {
    em_fail(request, MHD_HTTP_FORBIDDEN, "insufficient_scope",
            "The request requires higher privileges than provided by the "
            "access token.");
    return false;
  }
  if(token->resource[0] &&
     (em_id_parse(token->resource, &resource) ||
      !em_store_is_inside(&request->emulator->store, folder, resource))) {
    em_fail(request, MHD_HTTP_FORBIDDEN,
            "access_denied_insufficient_permissions",
            "Access denied - insufficient permission");
    return false;
  }
  return true;
}
