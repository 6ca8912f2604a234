/* digest: SHA-1 and SHA-512 as Box takes them, in hex and in base64.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "digest.h"

#include "compat.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

struct bu_digest {
  unsigned references;
  enum bu_algorithm algorithm;
  pid_t feeder;         /* the process whose engine feeds it; atomic */
  unsigned held;        /* exchanges in an engine that feed it; atomic */
  pthread_mutex_t lock; /* each function but these takes it for itself */
  struct {
    EVP_MD_CTX *context;
    int64_t count;
  } shared; /* under the lock */
};

/* After a failure of OpenSSL's. */
static int digest_fail(const struct bu_digest *digest, struct bu_error *error)
{
  unsigned long reason = ERR_peek_error();
  char text[160];

  ERR_error_string_n(reason, text, sizeof(text));
  ERR_clear_error();
  /* Out of memory on its way to a method, OpenSSL tells of an internal
   * error. */
  if(reason == 0 || ERR_GET_REASON(reason) == ERR_R_MALLOC_FAILURE ||
     ERR_GET_REASON(reason) == ERR_R_INTERNAL_ERROR)
    return bu_error_memory(error);
  return bu_error_set(error, BU_ECRYPTO, "OpenSSL doesn't do %s here: %s",
                      digest->algorithm == BU_SHA512 ? "SHA-512" : "SHA-1",
                      text);
}

static int digest_start_locked(struct bu_digest *digest,
                               struct bu_error *error)
{
  const EVP_MD *method =
      digest->algorithm == BU_SHA512 ? EVP_sha512() : EVP_sha1();

  digest->shared.count = 0;
  ERR_clear_error();
  if(EVP_DigestInit_ex(digest->shared.context, method, NULL) == 1)
    return BU_OK;
  return digest_fail(digest, error);
}

struct bu_digest *bu_digest_new(enum bu_algorithm algorithm,
                                struct bu_error *error)
{
  struct bu_digest *digest = calloc(1, sizeof(*digest));

  if(!digest || pthread_mutex_init(&digest->lock, NULL) != 0) {
    free(digest);
    bu_error_memory(error);
    return NULL;
  }
  digest->references = 1;
  digest->algorithm = algorithm;
  digest->shared.context = EVP_MD_CTX_new();
  if(!digest->shared.context)
    bu_error_memory(error);
  else if(digest_start_locked(digest, error) == BU_OK)
    return digest;
  bu_digest_release(digest);
  return NULL;
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
  EVP_MD_CTX_free(digest->shared.context);
  pthread_mutex_destroy(&digest->lock);
  free(digest);
}

void bu_digest_hold(struct bu_digest *digest)
{
  bu_atomic_store(&digest->feeder, getpid());
  bu_ref(&digest->held);
}

void bu_digest_let_go(struct bu_digest *digest)
{
  (void)bu_unref(&digest->held);
}

int bu_digest_check(const struct bu_digest *digest, struct bu_error *error)
{
  if(bu_atomic_load(&digest->held) > 0 &&
     bu_atomic_load(&digest->feeder) != getpid())
    return bu_error_forked(error);
  return BU_OK;
}

int bu_digest_check_idle(const struct bu_digest *digest,
                         struct bu_error *error)
{
  if(bu_atomic_load(&digest->held) > 0)
    return bu_error_set(error, BU_EINVALID,
                        "what was submitted with this digest hasn't ended");
  return BU_OK;
}

int bu_digest_reset(struct bu_digest *digest, struct bu_error *error)
{
  int code;

  bu_lock(&digest->lock);
  code = digest_start_locked(digest, error);
  bu_unlock(&digest->lock);
  return code;
}

int bu_digest_update(struct bu_digest *digest, const void *data,
                     size_t length, struct bu_error *error)
{
  int code = BU_OK;

  bu_lock(&digest->lock);
  if(EVP_DigestUpdate(digest->shared.context, data, length) == 1)
    digest->shared.count += (int64_t)length;
  else
    code = digest_fail(digest, error);
  bu_unlock(&digest->lock);
  return code;
}

int64_t bu_digest_count(struct bu_digest *digest)
{
  int64_t count;

  bu_lock(&digest->lock);
  count = digest->shared.count;
  bu_unlock(&digest->lock);
  return count;
}

size_t bu_digest_value(struct bu_digest *digest, unsigned char *value,
                       struct bu_error *error)
{
  /* EVP_DigestFinal ends a context, so end a copy. */
  EVP_MD_CTX *copy = EVP_MD_CTX_new();
  unsigned length = 0;
  int is_done;

  if(!copy) {
    bu_error_memory(error);
    return 0;
  }
  bu_lock(&digest->lock);
  is_done = EVP_MD_CTX_copy_ex(copy, digest->shared.context) == 1;
  bu_unlock(&digest->lock);
  if(!is_done) {
    /* OpenSSL 3 has a reason of its own for a copy without memory. */
    ERR_clear_error();
    bu_error_memory(error);
  } else if(EVP_DigestFinal_ex(copy, value, &length) != 1) {
    digest_fail(digest, error);
    length = 0;
  }
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
