/* The key of a JWT application, and its assertions. */
/* SPDX-License-Identifier: MIT */
#include "operations/jwt.h"
#include "http/emulator.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#define EM_RSA_BITS 2048
#define EM_AUDIENCE "https://api.box.com/oauth2/token"
#define EM_LIFE 60
#define EM_ENTERPRISE "801234"

struct em_jwt_key {
  pthread_mutex_t lock;
  EVP_PKEY *key;
  char id[9];
  char passphrase[33];
  json_t *used; /* the jti of each assertion so far */
};

static char *encrypted_pem(const struct em_jwt_key *key)
{
  BIO *bio = BIO_new(BIO_s_mem());
  char *pem = NULL;
  char *bytes;
  long size;
  if(bio && PEM_write_bio_PKCS8PrivateKey(
                bio, key->key, EVP_aes_256_cbc(), key->passphrase,
                (int)strlen(key->passphrase), NULL, NULL)) {
    size = BIO_get_mem_data(bio, &bytes);
    pem = strndup(bytes, (size_t)size);
  }
  BIO_free(bio);
  return pem;
}

static int write_config(struct em_emulator *emulator,
                        const struct em_jwt_key *key)
{
  char *pem = encrypted_pem(key);
  json_t *config;
  char *text;
  int result = -1;
  if(!pem)
    return -1;
  config =
      json_pack("{s:{s:s, s:s, s:{s:s, s:s, s:s}}, s:s}", "boxAppSettings",
                "clientID", emulator->tokens.client_id, "clientSecret",
                emulator->tokens.client_secret, "appAuth", "publicKeyID",
                key->id, "privateKey", pem, "passphrase", key->passphrase,
                "enterpriseID", EM_ENTERPRISE);
  text = json_dumps(config, JSON_INDENT(2));
  if(text)
    result =
        em_root_write(&emulator->root, "config.json", text, strlen(text));
  free(text);
  json_decref(config);
  free(pem);
  return result;
}

struct em_jwt_key *em_jwt_make(struct em_emulator *emulator)
{
  struct em_jwt_key *key = calloc(1, sizeof(*key));
  if(!key)
    return NULL;
  if(pthread_mutex_init(&key->lock, NULL)) {
    free(key);
    return NULL;
  }
  em_random_hex(&emulator->random, key->id, 8, false);
  em_random_hex(&emulator->random, key->passphrase, 32, false);
  key->used = json_object();
  key->key = EVP_RSA_gen(EM_RSA_BITS);
  if(key->key && key->used && !write_config(emulator, key))
    return key;
  em_jwt_free(key);
  return NULL;
}

void em_jwt_free(struct em_jwt_key *key)
{
  if(!key)
    return;
  EVP_PKEY_free(key->key);
  json_decref(key->used);
  pthread_mutex_destroy(&key->lock);
  free(key);
}

/* RFC 4648 5, without padding; the result has a NUL after its size. */
static unsigned char *decode(const char *text, size_t length, size_t *size)
{
  size_t padded = (length + 3) / 4 * 4;
  char *base64 = malloc(padded + 1);
  unsigned char *out = malloc(padded + 1);
  int count = -1;
  size_t i;
  for(i = 0; base64 && i < padded; i++) {
    base64[i] = '=';
    if(i < length)
      base64[i] = text[i];
    if(base64[i] == '-')
      base64[i] = '+';
    else if(base64[i] == '_')
      base64[i] = '/';
  }
  if(base64 && out && length && padded - length < 3)
    count = EVP_DecodeBlock(out, (unsigned char *)base64, (int)padded);
  free(base64);
  if(count < 0) {
    free(out);
    return NULL;
  }
  *size = (size_t)count - (padded - length);
  out[*size] = '\0';
  return out;
}

static json_t *decode_json(const char *text, size_t length)
{
  size_t size;
  unsigned char *bytes = decode(text, length, &size);
  json_t *json =
      bytes ? json_loadb((char *)bytes, size, JSON_REJECT_DUPLICATES, NULL)
            : NULL;
  free(bytes);
  return json;
}

static const EVP_MD *algorithm(json_t *header)
{
  const char *name = json_string_value(json_object_get(header, "alg"));
  if(name && !strcmp(name, "RS256"))
    return EVP_sha256();
  if(name && !strcmp(name, "RS384"))
    return EVP_sha384();
  return name && !strcmp(name, "RS512") ? EVP_sha512() : NULL;
}

static bool verify(const struct em_jwt_key *key, const EVP_MD *kind,
                   const char *text, size_t signed_length)
{
  const char *mark = text + signed_length + 1;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  size_t size = 0;
  unsigned char *signature = decode(mark, strlen(mark), &size);
  bool fine =
      context && signature &&
      EVP_DigestVerifyInit(context, NULL, kind, NULL, key->key) == 1 &&
      EVP_DigestVerify(context, signature, size, (const unsigned char *)text,
                       signed_length) == 1;
  free(signature);
  EVP_MD_CTX_free(context);
  return fine;
}

static const char *text_of(json_t *claims, const char *key)
{
  const char *text = json_string_value(json_object_get(claims, key));
  return text ? text : "";
}

/* Each assertion is good once. */
static bool is_new(struct em_jwt_key *key, const char *jti)
{
  bool fresh;
  pthread_mutex_lock(&key->lock);
  fresh = !json_object_get(key->used, jti) &&
          !json_object_set_new(key->used, jti, json_true());
  pthread_mutex_unlock(&key->lock);
  return fresh;
}

static const char *check_claims(struct em_emulator *emulator, json_t *claims)
{
  json_t *expires = json_object_get(claims, "exp");
  json_int_t left = json_integer_value(expires) - (json_int_t)time(NULL);
  size_t length = strlen(text_of(claims, "jti"));
  if(strcmp(text_of(claims, "iss"), emulator->tokens.client_id))
    return "Please check the 'iss' claim. The value does not match an "
           "existing client";
  if(strcmp(text_of(claims, "aud"), EM_AUDIENCE))
    return "Please check the 'aud' claim. Should be a string";
  if(!json_is_integer(expires) || left <= 0)
    return "Current date/time MUST be before the expiration date/time "
           "listed in the 'exp' claim";
  if(left > EM_LIFE)
    return "Please check the 'exp' claim. It must be within 60 seconds";
  if(length < 16 || length > 128 ||
     !is_new(emulator->jwt, text_of(claims, "jti")))
    return "A unique 'jti' value is required";
  return NULL;
}

static const char *check_subject(json_t *claims, char user[EM_USER_SIZE])
{
  const char *kind = text_of(claims, "box_sub_type");
  const char *subject = text_of(claims, "sub");
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
  json_t *header = decode_json(text, (size_t)(dot - text));
  const EVP_MD *kind = algorithm(header);
  const char *refusal = NULL;
  if(!kind)
    refusal = "Please check the 'alg' header";
  else if(strcmp(text_of(header, "kid"), key->id))
    refusal = "Please check the 'kid' header";
  else if(!verify(key, kind, text, signed_length))
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
  if(!emulator->jwt || !second || strchr(second + 1, '.'))
    return false;
  *refusal = check_header(emulator->jwt, assertion, dot,
                          (size_t)(second - assertion));
  if(*refusal)
    return false;
  claims = decode_json(dot + 1, (size_t)(second - dot - 1));
  *refusal = check_claims(emulator, claims);
  if(!*refusal)
    *refusal = check_subject(claims, user);
  json_decref(claims);
  return !*refusal;
}
