/* Checks the assertion of a JWT grant (RFC 7523). */
/* SPDX-License-Identifier: MIT */
#include "operations/jwt.h"
#include "base/encoding.h"
#include "http/emulator.h"

#define EM_AUDIENCE "https://api.box.com/oauth2/token"
#define EM_LIFE_MAX 60

static json_t *decode_segment(const char *text, size_t length)
{
  size_t size;
  unsigned char *bytes = em_base64url_decode(text, length, &size);
  json_t *json =
      bytes ? json_loadb((char *)bytes, size, JSON_REJECT_DUPLICATES, NULL)
            : NULL;
  free(bytes);
  return json;
}

static const char *claim_text(json_t *claims, const char *key)
{
  const char *text = json_string_value(json_object_get(claims, key));
  return text ? text : "";
}

static const char *check_claims(struct em_emulator *emulator, json_t *claims)
{
  json_t *expires = json_object_get(claims, "exp");
  json_int_t left = json_integer_value(expires) - (json_int_t)time(NULL);
  size_t length = strlen(claim_text(claims, "jti"));
  if(strcmp(claim_text(claims, "iss"), emulator->tokens.client_id))
    return "Please check the 'iss' claim. The value does not match an "
           "existing client";
  if(strcmp(claim_text(claims, "aud"), EM_AUDIENCE))
    return "Please check the 'aud' claim. Should be a string";
  if(!json_is_integer(expires) || left <= 0)
    return "Current date/time MUST be before the expiration date/time "
           "listed in the 'exp' claim";
  if(left > EM_LIFE_MAX)
    return "Please check the 'exp' claim. It must be within 60 seconds";
  if(length < 16 || length > 128 ||
     !em_jwt_key_use(emulator->jwt_key, claim_text(claims, "jti")))
    return "A unique 'jti' value is required";
  return NULL;
}

static const char *check_subject(json_t *claims, char user[EM_USER_SIZE])
{
  const char *kind = claim_text(claims, "box_sub_type");
  const char *subject = claim_text(claims, "sub");
  int64_t id;
  if(!strcmp(kind, "enterprise") && !strcmp(subject, EM_ENTERPRISE)) {
    snprintf(user, EM_USER_SIZE, "%s", EM_USER);
    return NULL;
  }
  if(strcmp(kind, "user") || em_id_parse(subject, &id))
    return "Please check the 'sub' claim. The 'sub' specified is invalid.";
  snprintf(user, EM_USER_SIZE, "%s", subject);
  return NULL;
}

static const char *check_header(const struct em_jwt_key *key,
                                const char *text, const char *dot,
                                size_t signed_length)
{
  json_t *header = decode_segment(text, (size_t)(dot - text));
  const char *algorithm = claim_text(header, "alg");
  const char *refusal = NULL;
  if(!em_jwt_algorithm_known(algorithm))
    refusal = "Please check the 'alg' header";
  else if(strcmp(claim_text(header, "kid"), em_jwt_key_id(key)))
    refusal = "Please check the 'kid' header";
  else if(!em_jwt_key_verify(key, algorithm, text, signed_length))
    refusal = "OAuth JWT signature verification failed";
  json_decref(header);
  return refusal;
}

bool em_jwt_check(struct em_emulator *emulator, const char *assertion,
                  char user[EM_USER_SIZE], const char **refusal)
{
  const char *dot = strchr(assertion, '.');
  const char *second = dot ? strchr(dot + 1, '.') : NULL;
  json_t *claims;
  *refusal = "The assertion is no JWT of a known application";
  if(!emulator->jwt_key || !second || strchr(second + 1, '.'))
    return false;
  *refusal = check_header(emulator->jwt_key, assertion, dot,
                          (size_t)(second - assertion));
  if(*refusal)
    return false;
  claims = decode_segment(dot + 1, (size_t)(second - dot - 1));
  *refusal = check_claims(emulator, claims);
  if(!*refusal)
    *refusal = check_subject(claims, user);
  json_decref(claims);
  return !*refusal;
}
