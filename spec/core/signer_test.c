/* signer_test: base64url, and keys that can and can't sign.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "signer.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <string.h>

#define ROOM 8192

static EVP_PKEY *made;
static char plain[ROOM];
static char encrypted[ROOM];
static char traditional[ROOM];
static char public_key[ROOM];
static char short_one[ROOM];

static void take(BIO *bio, char *out)
{
  int length = BIO_read(bio, out, ROOM - 1);

  assert_true(length > 0);
  out[length] = '\0';
  (void)BIO_free(bio);
}

static EVP_PKEY *make_key(int bits)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
  EVP_PKEY *key = NULL;

  assert_int_equal(EVP_PKEY_keygen_init(context), 1);
  assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits), 1);
  assert_int_equal(EVP_PKEY_keygen(context, &key), 1);
  EVP_PKEY_CTX_free(context);
  return key;
}

static int begin(void **state)
{
  char passphrase[] = "sesame"; /* OpenSSL 1.1.1 takes no const */
  EVP_PKEY *key = make_key(2040);
  BIO *bio = BIO_new(BIO_s_mem());

  (void)state;
  assert_true(
      PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL));
  EVP_PKEY_free(key);
  take(bio, short_one);
  made = make_key(2048);
  bio = BIO_new(BIO_s_mem());
  assert_true(
      PEM_write_bio_PKCS8PrivateKey(bio, made, NULL, NULL, 0, NULL, NULL));
  take(bio, plain);
  bio = BIO_new(BIO_s_mem());
  assert_true(PEM_write_bio_PKCS8PrivateKey(bio, made, EVP_aes_256_cbc(),
                                            passphrase, 6, NULL, NULL));
  take(bio, encrypted);
  bio = BIO_new(BIO_s_mem());
  assert_true(PEM_write_bio_PrivateKey_traditional(
      bio, made, EVP_aes_128_cbc(), (unsigned char *)passphrase, 6, NULL,
      NULL));
  take(bio, traditional);
  bio = BIO_new(BIO_s_mem());
  assert_true(PEM_write_bio_PUBKEY(bio, made));
  take(bio, public_key);
  return 0;
}

static int finish(void **state)
{
  (void)state;
  EVP_PKEY_free(made);
  return 0;
}

static int sign(const char *pem, const char *passphrase, char *text,
                struct bu_error *error)
{
  struct bu_key key = {pem, strlen(pem), passphrase};
  struct bu_buffer out;
  int code;

  bu_buffer_init(&out, 4096);
  code = bu_sign(&out, BU_RS256, &key, "data", 4, error);
  if(text && code == BU_OK)
    memcpy(text, out.data, out.length + 1);
  bu_buffer_free(&out);
  return code;
}

/* PKCS #1 v1.5 is deterministic: the same key signs the same. */
static void test_encrypted_and_plain_sign_alike(void **state)
{
  static char one[4096], two[4096];
  struct bu_error error;

  (void)state;
  assert_int_equal(sign(plain, NULL, one, &error), BU_OK);
  assert_int_equal(sign(encrypted, "sesame", two, &error), BU_OK);
  assert_string_equal(one, two);
  assert_int_equal(sign(traditional, "sesame", two, &error), BU_OK);
  assert_string_equal(one, two);
  assert_int_equal(strlen(one), 342); /* 256 bytes, without padding */
  assert_int_equal(strspn(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789-_"),
                   342);
}

static void assert_refused(const char *pem, const char *passphrase,
                           const char *why)
{
  struct bu_error error;

  assert_int_equal(sign(pem, passphrase, NULL, &error), BU_EINVALID);
  if(!strstr(error.text, why))
    fail_msg("\"%s\" doesn't say \"%s\"", error.text, why);
}

static void test_refusals_say_why(void **state)
{
  static char damaged[ROOM];
  static char long_one[2048];

  (void)state;
  assert_refused("", NULL, "isn't a PEM");
  assert_refused("hello", "x", "isn't a PEM");
  assert_refused(encrypted, NULL, "give its passphrase");
  assert_refused(traditional, NULL, "give its passphrase");
  assert_refused(encrypted, "open", "passphrase is wrong");
  memset(long_one, 'x', sizeof(long_one) - 1);
  assert_refused(encrypted, long_one, "passphrase is wrong");
  assert_refused(public_key, NULL, "no private key");
  assert_refused(short_one, NULL, "has 2040 bits, and fewer than 2048");
  memcpy(damaged, plain, sizeof(damaged));
  damaged[200] = '!';
  assert_refused(damaged, NULL, "damaged");
  memcpy(damaged, plain, sizeof(damaged));
  damaged[300] = '\0';
  assert_refused(damaged, NULL, "isn't a PEM");
}

/* Some 1 in 256 wrong passphrases decrypts to well padded garbage. The error
 * is the same, in either kind of PEM. */
static void test_every_wrong_passphrase_is_told(void **state)
{
  char passphrase[32];
  int i;

  (void)state;
  for(i = 0; i < 1000; i++) {
    (void)snprintf(passphrase, sizeof(passphrase), "open %d", i);
    assert_refused(encrypted, passphrase, "passphrase is wrong");
    assert_refused(traditional, passphrase, "passphrase is wrong");
  }
}

static void test_any_cut_is_refused(void **state)
{
  size_t length = strlen(plain);
  struct bu_error error;

  (void)state;
  /* Up to the last dash; the newline after it may be missing. */
  for(length -= 2; length > 0; length -= length > 7 ? 7 : 1) {
    struct bu_key key = {plain, length, NULL};
    struct bu_buffer out;

    bu_buffer_init(&out, 4096);
    assert_int_equal(bu_sign(&out, BU_RS512, &key, "", 0, &error),
                     BU_EINVALID);
    bu_buffer_free(&out);
  }
}

static void test_limit(void **state)
{
  struct bu_key key = {plain, strlen(plain), NULL};
  struct bu_buffer out;
  struct bu_error error;

  (void)state;
  bu_buffer_init(&out, 100);
  assert_int_equal(bu_sign(&out, BU_RS384, &key, "data", 4, &error),
                   BU_ELIMIT);
  bu_buffer_free(&out);
}

/* RFC 4648, section 10, without its padding. */
static void test_base64url(void **state)
{
  static const char *const pairs[][2] = {{"f", "Zg"},
                                         {"fo", "Zm8"},
                                         {"foo", "Zm9v"},
                                         {"foob", "Zm9vYg"},
                                         {"fooba", "Zm9vYmE"},
                                         {"foobar", "Zm9vYmFy"},
                                         {"\xff\xef\xbf", "_--_"}};
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
    struct bu_buffer out;

    bu_buffer_init(&out, 100);
    assert_int_equal(bu_base64url(&out, pairs[i][0], strlen(pairs[i][0])),
                     BU_OK);
    assert_string_equal(out.data, pairs[i][1]);
    bu_buffer_free(&out);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_encrypted_and_plain_sign_alike),
      cmocka_unit_test(test_refusals_say_why),
      cmocka_unit_test(test_every_wrong_passphrase_is_told),
      cmocka_unit_test(test_any_cut_is_refused),
      cmocka_unit_test(test_limit),
      cmocka_unit_test(test_base64url)};

  check_watchdog();
  return cmocka_run_group_tests(tests, begin, finish);
}
