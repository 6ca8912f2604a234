/* The RSA key of a JWT application. */
/* SPDX-License-Identifier: MIT */
#include "store/jwt_key.h"
#include "base/encoding.h"
#include "base/lock.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#define EM_RSA_BITS 2048

struct em_jwt_key {
  pthread_mutex_t lock;
  EVP_PKEY *key;
  char id[9];
  char passphrase[33];
  json_t *used_ids; /* the jti of each assertion so far */
};

/* EVP_RSA_gen, which OpenSSL 1.1.1 lacks. */
static EVP_PKEY *generate_key(void)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
  EVP_PKEY *key = NULL;
  if(context && EVP_PKEY_keygen_init(context) == 1 &&
     EVP_PKEY_CTX_set_rsa_keygen_bits(context, EM_RSA_BITS) == 1)
    (void)EVP_PKEY_keygen(context, &key);
  EVP_PKEY_CTX_free(context);
  return key;
}

static char *encrypt_private_key(struct em_jwt_key *key)
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

/* The same file that the Box Developer Console creates with a key pair. */
static int write_config(struct em_jwt_key *key, const struct em_root *root,
                        const struct em_tokens *tokens)
{
  char *pem = encrypt_private_key(key);
  json_t *config;
  char *text;
  int result = -1;
  if(!pem)
    return -1;
  config = json_pack("{s:{s:s, s:s, s:{s:s, s:s, s:s}}, s:s}",
                     "boxAppSettings", "clientID", tokens->client_id,
                     "clientSecret", tokens->client_secret, "appAuth",
                     "publicKeyID", key->id, "privateKey", pem, "passphrase",
                     key->passphrase, "enterpriseID", EM_ENTERPRISE);
  text = json_dumps(config, JSON_INDENT(2));
  if(text)
    result = em_root_write(root, "config.json", text, strlen(text));
  free(text);
  json_decref(config);
  free(pem);
  return result;
}

struct em_jwt_key *em_jwt_key_new(struct em_random *random,
                                  const struct em_root *root,
                                  const struct em_tokens *tokens)
{
  struct em_jwt_key *key = calloc(1, sizeof(*key));
  if(!key)
    return NULL;
  if(pthread_mutex_init(&key->lock, NULL)) {
    free(key);
    return NULL;
  }
  em_random_hex(random, key->id, 8, false);
  em_random_hex(random, key->passphrase, 32, false);
  key->used_ids = json_object();
  key->key = generate_key();
  if(key->key && key->used_ids && !write_config(key, root, tokens))
    return key;
  em_jwt_key_free(key);
  return NULL;
}

void em_jwt_key_free(struct em_jwt_key *key)
{
  if(!key)
    return;
  EVP_PKEY_free(key->key);
  json_decref(key->used_ids);
  pthread_mutex_destroy(&key->lock);
  free(key);
}

const char *em_jwt_key_id(const struct em_jwt_key *key)
{
  return key->id;
}

static const EVP_MD *find_algorithm(const char *name)
{
  if(!strcmp(name, "RS256"))
    return EVP_sha256();
  if(!strcmp(name, "RS384"))
    return EVP_sha384();
  return !strcmp(name, "RS512") ? EVP_sha512() : NULL;
}

bool em_jwt_algorithm_known(const char *name)
{
  return find_algorithm(name) != NULL;
}

bool em_jwt_key_verify(const struct em_jwt_key *key, const char *algorithm,
                       const char *text, size_t signed_length)
{
  const char *encoded = text + signed_length + 1;
  const EVP_MD *kind = find_algorithm(algorithm);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  size_t size = 0;
  unsigned char *signature =
      em_base64url_decode(encoded, strlen(encoded), &size);
  bool fine =
      context && signature && kind &&
      EVP_DigestVerifyInit(context, NULL, kind, NULL, key->key) == 1 &&
      EVP_DigestVerify(context, signature, size, (const unsigned char *)text,
                       signed_length) == 1;
  free(signature);
  EVP_MD_CTX_free(context);
  return fine;
}

bool em_jwt_key_use(struct em_jwt_key *key, const char *jti)
{
  bool unused;
  em_lock(&key->lock);
  unused = !json_object_get(key->used_ids, jti) &&
           !json_object_set_new(key->used_ids, jti, json_true());
  em_unlock(&key->lock);
  return unused;
}
