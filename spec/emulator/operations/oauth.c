/* OAuth 2.0: the token endpoint (RFC 6749) and revocation (RFC 7009). */
/* SPDX-License-Identifier: MIT */
#include "base/form.h"
#include "base/lock.h"
#include "http/body.h"
#include "http/request.h"
#include "operations/jwt.h"
#include "operations/operations.h"

#define EM_URN "urn:ietf:params:oauth:"
#define EM_ACCESS_TYPE EM_URN "token-type:access_token"

struct grant {
  const char *name;
  bool (*issue)(struct em_request *request, json_t *form);
  bool needs_client;
};

static const char *form_field(json_t *form, const char *name)
{
  const char *text = json_string_value(json_object_get(form, name));
  return text ? text : "";
}

static bool fail_grant(struct em_request *request, const char *error,
                       const char *description)
{
  em_reply_json(&request->reply, MHD_HTTP_BAD_REQUEST,
                json_pack("{s:s, s:s}", "error", error, "error_description",
                          description));
  return false;
}

static bool issue_token(struct em_request *request, const char *user,
                        bool with_refresh, const struct em_token *like)
{
  int64_t ttl = request->settings.token_ttl;
  struct em_token token;
  json_t *object;
  if(em_token_create(&request->emulator->tokens, user, ttl, with_refresh,
                     like, &token))
    return false;
  object = json_pack("{s:s, s:I, s:[], s:s}", "access_token", token.access,
                     "expires_in", (json_int_t)ttl, "restricted_to",
                     "token_type", "bearer");
  if(with_refresh)
    json_object_set_new(object, "refresh_token", json_string(token.refresh));
  em_reply_json(&request->reply, MHD_HTTP_OK, object);
  em_reply_header(&request->reply, "cache-control", "no-store");
  return true;
}

static bool grant_refresh_token(struct em_request *request, json_t *form)
{
  struct em_token old;
  if(!em_token_use_refresh(&request->emulator->tokens,
                           form_field(form, "refresh_token"), &old))
    return fail_grant(request, "invalid_grant", "Invalid refresh token");
  return issue_token(request, old.user, true, &old);
}

static bool grant_authorization_code(struct em_request *request, json_t *form)
{
  struct em_tokens *tokens = &request->emulator->tokens;
  bool known;
  em_lock(&tokens->lock);
  known = tokens->code[0] && !strcmp(tokens->code, form_field(form, "code"));
  if(known)
    tokens->code[0] = '\0';
  em_unlock(&tokens->lock);
  if(!known)
    return fail_grant(request, "invalid_grant",
                      "The authorization code has expired");
  return issue_token(request, EM_USER, true, NULL);
}

static bool grant_client_credentials(struct em_request *request, json_t *form)
{
  const char *type = form_field(form, "box_subject_type");
  const char *subject = form_field(form, "box_subject_id");
  bool is_user = !strcmp(type, "user");
  int64_t id;
  if((!is_user && strcmp(type, "enterprise")) || em_id_parse(subject, &id))
    return fail_grant(request, "invalid_grant",
                      "Grant credentials are invalid");
  return issue_token(request, is_user ? subject : EM_USER, false, NULL);
}

static bool grant_jwt(struct em_request *request, json_t *form)
{
  char user[EM_USER_SIZE];
  const char *refusal;
  if(!em_jwt_check(request->emulator, form_field(form, "assertion"), user,
                   &refusal))
    return fail_grant(request, "invalid_grant", refusal);
  return issue_token(request, user, false, NULL);
}

/* The resource of a downscoped token is a folder's URL, such as
   https://api.box.com/2.0/folders/123. */
static bool read_resource(json_t *form, struct em_token *token)
{
  const char *resource = form_field(form, "resource");
  const char *id = strstr(resource, "/2.0/folders/");
  int64_t number;
  token->resource[0] = '\0';
  if(!*resource)
    return true;
  if(!id || em_id_parse(id + 13, &number))
    return false;
  snprintf(token->resource, sizeof(token->resource), "%s", id + 13);
  return true;
}

static void describe_exchange(struct em_request *request,
                              const struct em_token *token)
{
  json_t *object = request->reply.json;
  json_object_set_new(object, "issued_token_type",
                      json_string(EM_ACCESS_TYPE));
  if(token->resource[0])
    json_object_set_new(object, "restricted_to",
                        json_pack("[{s:s, s:{s:s, s:s}}]", "scope",
                                  token->scope, "object", "type", "folder",
                                  "id", token->resource));
}

static bool grant_token_exchange(struct em_request *request, json_t *form)
{
  struct em_token token;
  const char *scope = form_field(form, "scope");
  if(strcmp(form_field(form, "subject_token_type"), EM_ACCESS_TYPE) ||
     !em_token_find(&request->emulator->tokens,
                    form_field(form, "subject_token"), &token))
    return fail_grant(request, "invalid_grant", "Invalid subject_token");
  if(!*scope || strlen(scope) >= sizeof(token.scope))
    return fail_grant(request, "invalid_scope",
                      "The scope is missing or invalid");
  if(!read_resource(form, &token))
    return fail_grant(request, "invalid_resource", "Invalid resource");
  snprintf(token.scope, sizeof(token.scope), "%s", scope);
  if(!issue_token(request, token.user, false, &token))
    return false;
  describe_exchange(request, &token);
  return true;
}

static const struct grant grants[] = {
    {"refresh_token", grant_refresh_token, true},
    {"authorization_code", grant_authorization_code, true},
    {"client_credentials", grant_client_credentials, true},
    {EM_URN "grant-type:jwt-bearer", grant_jwt, true},
    {EM_URN "grant-type:token-exchange", grant_token_exchange, false}};

static const struct grant *find_grant(const char *name)
{
  size_t i;
  for(i = 0; i < sizeof(grants) / sizeof(grants[0]); i++)
    if(!strcmp(grants[i].name, name))
      return &grants[i];
  return NULL;
}

static bool check_client(struct em_request *request, json_t *form)
{
  const struct em_tokens *tokens = &request->emulator->tokens;
  if(!strcmp(form_field(form, "client_id"), tokens->client_id) &&
     !strcmp(form_field(form, "client_secret"), tokens->client_secret))
    return true;
  return fail_grant(request, "invalid_client",
                    "The client credentials are invalid");
}

static json_t *read_form(struct em_request *request)
{
  json_t *form = NULL;
  if(em_has_type(request, "application/x-www-form-urlencoded"))
    form = em_form_parse(request->body.bytes, request->body.size);
  if(!form)
    fail_grant(request, "invalid_request",
               "The body must be application/x-www-form-urlencoded");
  return form;
}

void em_token_finish(struct em_request *request)
{
  const struct grant *grant;
  json_t *form = read_form(request);
  if(!form)
    return;
  grant = find_grant(form_field(form, "grant_type"));
  if(!grant)
    fail_grant(request, "unsupported_grant_type",
               "Invalid grant_type parameter or parameter missing");
  else if(!grant->needs_client || check_client(request, form))
    grant->issue(request, form);
  json_decref(form);
}

void em_revoke_finish(struct em_request *request)
{
  json_t *form = read_form(request);
  if(!form)
    return;
  if(check_client(request, form)) {
    if(em_token_revoke(&request->emulator->tokens, form_field(form, "token")))
      em_reply_empty(&request->reply, MHD_HTTP_OK);
    else
      fail_grant(request, "invalid_token", "The token provided is invalid.");
  }
  json_decref(form);
}
