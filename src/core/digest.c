/* digest: SHA-1 and SHA-512 as Box takes them, in hex and in base64.
 * SPDX-License-Identifier: MIT */
#include "digest.h"

#include "compat.h"
#include "error.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct bu_digest {
  unsigned references;
  enum bu_algorithm algorithm;
  EVP_MD_CTX *context;
  int64_t count;
};

struct bu_digest *bu_digest_new(enum bu_algorithm algorithm)
{
  struct bu_digest *digest = calloc(1, sizeof(*digest));

  if(!digest)
    return NULL;
  digest->references = 1;
  digest->algorithm = algorithm;
  digest->context = EVP_MD_CTX_new();
  if(!digest->context || bu_digest_reset(digest) != BU_OK) {
    bu_digest_release(digest);
    return NULL;
  }
  return digest;
}

struct bu_digest *bu_digest_acquire(struct bu_digest *digest)
{
  bu_ref(&digest->references);
  return digest;
}

void bu_digest_release(struct bu_digest *digest)
{
  if(!digest || !bu_unref(&digest->references))
    return;
  EVP_MD_CTX_free(digest->context);
  free(digest);
}

int bu_digest_reset(struct bu_digest *digest)
{
  const EVP_MD *method =
      digest->algorithm == BU_SHA512 ? EVP_sha512() : EVP_sha1();

  digest->count = 0;
  return EVP_DigestInit_ex(digest->context, method, NULL) == 1 ? BU_OK
                                                               : BU_EMEMORY;
}

int bu_digest_update(struct bu_digest *digest, const void *data,
                     size_t length)
{
  if(EVP_DigestUpdate(digest->context, data, length) != 1)
    return BU_EMEMORY;
  digest->count += (int64_t)length;
  return BU_OK;
}

int64_t bu_digest_count(const struct bu_digest *digest)
{
  return digest->count;
}

size_t bu_digest_value(const struct bu_digest *digest, unsigned char *value)
{
  /* EVP_DigestFinal ends a context, so end a copy. */
  EVP_MD_CTX *copy = EVP_MD_CTX_new();
  unsigned length = 0;

  if(!copy)
    return 0;
  if(EVP_MD_CTX_copy_ex(copy, digest->context) != 1 ||
     EVP_DigestFinal_ex(copy, value, &length) != 1)
    length = 0;
  EVP_MD_CTX_free(copy);
  return length;
}

void bu_hex(char *out, const unsigned char *data, size_t length)
{
  static const char digits[] = "0123456789abcdef";
  size_t i;

  for(i = 0; i < length; i++) {
    *out++ = digits[data[i] >> 4];
    *out++ = digits[data[i] & 15];
  }
  *out = '\0';
}

void bu_base64(char *out, const unsigned char *data, size_t length)
{
  EVP_EncodeBlock((unsigned char *)out, data, (int)length);
}

static int digest_unhex_digit(char digit)
{
  if(digit >= '0' && digit <= '9')
    return digit - '0';
  if(digit >= 'a' && digit <= 'f')
    return digit - 'a' + 10;
  if(digit >= 'A' && digit <= 'F')
    return digit - 'A' + 10;
  return -1;
}

int bu_unhex(unsigned char *out, const char *hex, size_t length)
{
  size_t i;

  for(i = 0; i < length; i++) {
    int high = digest_unhex_digit(hex[2 * i]);
    int low = high < 0 ? -1 : digest_unhex_digit(hex[2 * i + 1]);

    if(low < 0)
      return BU_EINVALID;
    out[i] = (unsigned char)(high << 4 | low);
  }
  return hex[2 * length] == '\0' ? BU_OK : BU_EINVALID;
}
