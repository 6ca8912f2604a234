/* signer: RSA signatures for JWT (RFC 7515), and the base64url they are in.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "signer.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

/* Three bytes give four digits. */
#define GROUP 3
#define DIGITS 4
/* NIST SP 800-131A, section 3: shorter keys may not sign any more. */
#define LEAST_BITS 2048

static const char url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789-_";

/* 1 to 3 bytes, which make one digit more than there are bytes. */
static int signer_append_group(struct bu_buffer *out,
                               const unsigned char *data, size_t length)
{
  unsigned long bits = (unsigned long)data[0] << 16;
  char digits[DIGITS];
  int i;

  if(length > 1)
    bits |= (unsigned long)data[1] << 8;
  if(length > 2)
    bits |= data[2];
  for(i = 0; i < DIGITS; i++)
    digits[i] = url_digits[bits >> (18 - 6 * i) & 63];
  return bu_buffer_append(out, digits, length + 1);
}

int bu_base64url(struct bu_buffer *out, const void *data, size_t length)
{
  const unsigned char *from = data;
  int code = BU_OK;

  while(code == BU_OK && length > 0) {
    size_t count = length < GROUP ? length : GROUP;

    code = signer_append_group(out, from, count);
    from += count;
    length -= count;
  }
  return code;
}

/* Without this callback OpenSSL asks at the terminal. */
static int signer_give_passphrase(char *out, int size, int writing,
                                  void *argument)
{
  const struct bu_key *key = argument;
  size_t length = key->passphrase ? strlen(key->passphrase) : 0;

  (void)writing;
  if(!key->passphrase || size < 0 || length >= (size_t)size)
    return -1;
  memcpy(out, key->passphrase, length + 1);
  return (int)length;
}

/* Whether the cipher is unsupported. Only EVP's errors count: the garbage that
 * a wrong passphrase decrypts to is now and then well padded, and then a
 * decoder reports that as unsupported. */
static int signer_is_unsupported(unsigned long code)
{
  const char *reason = ERR_reason_error_string(code);

  return ERR_GET_LIB(code) == ERR_LIB_EVP && reason &&
         strstr(reason, "unsupported");
}

/* Says why a well-formed PEM has no usable key. */
static int signer_explain_unusable(const struct bu_key *key, const char *name,
                                   const char *header, struct bu_error *error)
{
  int encrypted = strstr(name, "ENCRYPTED") != NULL ||
                  strstr(header, "ENCRYPTED") != NULL;

  if(!strstr(name, "PRIVATE KEY"))
    return bu_error_set(error, BU_EINVALID,
                        "the PEM has no private key but a %.40s", name);
  if(signer_is_unsupported(ERR_peek_error()))
    return bu_error_set(error, BU_EINVALID,
                        "this OpenSSL doesn't know how the private key is "
                        "encrypted: convert it by openssl pkcs8 -topk8 -v2 "
                        "aes-256-cbc");
  if(encrypted && !key->passphrase)
    return bu_error_set(error, BU_EINVALID,
                        "the private key is encrypted: give its passphrase");
  return bu_error_set(error, BU_EINVALID,
                      encrypted ? "the private key can't be decrypted: the "
                                  "passphrase is wrong, or the key is damaged"
                                : "the private key is damaged");
}

static int signer_explain(const struct bu_key *key, struct bu_error *error)
{
  BIO *bio = BIO_new_mem_buf(key->pem, (int)key->length);
  char *name = NULL;
  char *header = NULL;
  unsigned char *data = NULL;
  long length = 0;
  int code;

  if(!bio)
    return bu_error_memory(error);
  if(PEM_read_bio(bio, &name, &header, &data, &length) == 1)
    code = signer_explain_unusable(key, name, header, error);
  else
    code = bu_error_set(error, BU_EINVALID,
                        "the private key isn't a PEM text, or is damaged");
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_clear_free(data, length > 0 ? (size_t)length : 0);
  BIO_free(bio);
  return code;
}

static EVP_PKEY *signer_read_key(const struct bu_key *key,
                                 struct bu_error *error)
{
  struct bu_key copy = *key; /* OpenSSL takes no const pointer */
  BIO *bio;
  EVP_PKEY *pkey;

  if(key->length > INT_MAX) {
    bu_error_set(error, BU_EINVALID, "the private key is too long");
    return NULL;
  }
  bio = BIO_new_mem_buf(key->pem, (int)key->length);
  if(!bio) {
    bu_error_memory(error);
    return NULL;
  }
  pkey = PEM_read_bio_PrivateKey(bio, NULL, signer_give_passphrase, &copy);
  BIO_free(bio);
  if(!pkey) {
    signer_explain(key, error);
    return NULL;
  }
  if(EVP_PKEY_base_id(pkey) != EVP_PKEY_RSA)
    bu_error_set(error, BU_EINVALID, "the private key isn't an RSA key");
  else if(EVP_PKEY_bits(pkey) < LEAST_BITS)
    bu_error_set(
        error, BU_EINVALID,
        "the private key has %d bits, and fewer than %d aren't safe: "
        "make a new one",
        EVP_PKEY_bits(pkey), LEAST_BITS);
  else
    return pkey;
  EVP_PKEY_free(pkey);
  return NULL;
}

static const EVP_MD *signer_method_of(enum bu_signature kind)
{
  switch(kind) {
  case BU_RS384:
    return EVP_sha384();
  case BU_RS512:
    return EVP_sha512();
  case BU_RS256:
  default:
    return EVP_sha256();
  }
}

static int signer_sign_with(struct bu_buffer *signature,
                            enum bu_signature kind, EVP_PKEY *pkey,
                            const void *data, size_t length)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  size_t size = (size_t)EVP_PKEY_size(pkey);
  unsigned char *bytes = OPENSSL_malloc(size);
  int code = BU_EMEMORY;

  if(context && bytes) {
    code = BU_EINVALID;
    if(EVP_DigestSignInit(context, NULL, signer_method_of(kind), NULL,
                          pkey) == 1 &&
       EVP_DigestSign(context, bytes, &size, data, length) == 1)
      code = bu_base64url(signature, bytes, size);
  }
  OPENSSL_free(bytes);
  EVP_MD_CTX_free(context);
  return code;
}

int bu_sign(struct bu_buffer *signature, enum bu_signature kind,
            const struct bu_key *key, const void *data, size_t length,
            struct bu_error *error)
{
  EVP_PKEY *pkey;
  int code;

  bu_error_clear(error);
  /* Keep what others have in this thread's error queue. */
  ERR_set_mark();
  pkey = signer_read_key(key, error);
  code = error->code;
  if(pkey) {
    code = signer_sign_with(signature, kind, pkey, data, length);
    if(code == BU_EINVALID)
      code = bu_error_set(error, code, "the private key can't sign this");
    else if(code == BU_ELIMIT)
      code = bu_error_set(error, code, "the signature is too long");
    else if(code != BU_OK)
      code = bu_error_memory(error);
  }
  EVP_PKEY_free(pkey);
  ERR_pop_to_mark();
  return code;
}
