/* The token endpoint and its grants (RFC 6749), and revocation. */
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
  bool (*give)(struct em_request *request, json_t *form);
  bool needs_client;
};

static const char *field(json_t *form, const char *name)
{
  const char *text = json_string_value(json_object_get(form, name));
  return text ? text : "";
}

static bool fail(struct em_request *request, const char *error,
                 const char *description)
{
  em_reply_json(&request->reply, MHD_HTTP_BAD_REQUEST,
                json_pack("{s:s, s:s}", "error", error, "error_description",
                          description));
  return false;
}

static bool give_token(struct em_request *request, const char *user,
                       bool with_refresh, const struct em_token *like)
{
  int64_t ttl = request->settings.token_ttl;
  struct em_token token;
  json_t *object;
  if(em_token_make(&request->emulator->tokens, user, ttl, with_refresh, like,
                   &token))
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

static bool by_refresh(struct em_request *request, json_t *form)
{
  struct em_token old;
  if(!em_token_use_refresh(&request->emulator->tokens,
                           field(form, "refresh_token"), &old))
    return fail(request, "invalid_grant", "Invalid refresh token");
  return give_token(request, old.user, true, &old);
}

static bool by_code(struct em_request *request, json_t *form)
{
  struct em_tokens *tokens = &request->emulator->tokens;
  bool known;
  em_lock(&tokens->lock);
  known = tokens->code[0] && !strcmp(tokens->code, field(form, "code"));
  if(known)
    tokens->code[0] = '\0';
  em_unlock(&tokens->lock);
  if(!known)
    return fail(request, "invalid_grant",
                "The authorization code has expired");
  return give_token(request, EM_USER, true, NULL);
}

static bool by_client(struct em_request *request, json_t *form)
{
  const char *type = field(form, "box_subject_type");
  const char *subject = field(form, "box_subject_id");
  bool is_user = !strcmp(type, "user");
  int64_t id;
  if((!is_user && strcmp(type, "enterprise")) || em_id_parse(subject, &id))
    return fail(request, "invalid_grant", "Grant credentials are invalid");
  return give_token(request, is_user ? subject : EM_USER, false, NULL);
}

static bool by_jwt(struct em_request *request, json_t *form)
{
  char user[EM_USER_SIZE];
  const char *refusal;
  if(!em_jwt_check(request->emulator, field(form, "assertion"), user,
                   &refusal))
    return fail(request, "invalid_grant", refusal);
  return give_token(request, user, false, NULL);
}

/* "https://api.box.com/2.0/folders/123" names folder 123. */
static bool read_resource(json_t *form, struct em_token *token)
{
  const char *resource = field(form, "resource");
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

static bool by_exchange(struct em_request *request, json_t *form)
{
  struct em_token token;
  const char *scope = field(form, "scope");
  if(strcmp(field(form, "subject_token_type"), EM_ACCESS_TYPE) ||
     !em_token_check(&request->emulator->tokens, field(form, "subject_token"),
                     &token))
    return fail(request, "invalid_grant", "Invalid subject_token");
  if(!*scope || strlen(scope) >= sizeof(token.scope))
    return fail(request, "invalid_scope", "The scope is missing or invalid");
  if(!read_resource(form, &token))
    return fail(request, "invalid_resource", "Invalid resource");
  snprintf(token.scope, sizeof(token.scope), "%s", scope);
  if(!give_token(request, token.user, false, &token))
    return false;
  describe_exchange(request, &token);
  return true;
}

static const struct grant grants[] = {
    {"refresh_token", by_refresh, true},
    {"authorization_code", by_code, true},
    {"client_credentials", by_client, true},
    {EM_URN "grant-type:jwt-bearer", by_jwt, true},
    {EM_URN "grant-type:token-exchange", by_exchange, false}};

static const struct grant *find_grant(const char *name)
{
  size_t i;
  for(i = 0; i < sizeof(grants) / sizeof(grants[0]); i++)
    if(!strcmp(grants[i].name, name))
      return &grants[i];
  return NULL;
}

static bool is_client(struct em_request *request, json_t *form)
{
  const struct em_tokens *tokens = &request->emulator->tokens;
  if(!strcmp(field(form, "client_id"), tokens->client_id) &&
     !strcmp(field(form, "client_secret"), tokens->client_secret))
    return true;
  return fail(request, "invalid_client",
              "The client credentials are invalid");
}

static json_t *read_form(struct em_request *request)
{
  json_t *form = NULL;
  if(em_has_type(request, "application/x-www-form-urlencoded"))
    form = em_form_read(request->body.bytes, request->body.size);
  if(!form)
    fail(request, "invalid_request",
         "The body must be application/x-www-form-urlencoded");
  return form;
}

void em_token_finish(struct em_request *request)
{
  const struct grant *grant;
  json_t *form = read_form(request);
  if(!form)
    return;
  grant = find_grant(field(form, "grant_type"));
  if(!grant)
    fail(request, "unsupported_grant_type",
         "Invalid grant_type parameter or parameter missing");
  else if(!grant->needs_client || is_client(request, form))
    grant->give(request, form);
  json_decref(form);
}

void em_revoke_finish(struct em_request *request)
{
  json_t *form = read_form(request);
  if(!form)
    return;
  if(is_client(request, form)) {
    if(em_token_revoke(&request->emulator->tokens, field(form, "token")))
      em_reply_empty(&request->reply, MHD_HTTP_OK);
    else
      fail(request, "invalid_token", "The token provided is invalid.");
  }
  json_decref(form);
}
