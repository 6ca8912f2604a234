/* certificate: a key and a certificate of its own, for a TLS server.
 * SPDX-License-Identifier: MIT */
#include "certificate.h"

#include "check.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static EVP_PKEY *new_key(void)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
  EVP_PKEY *key = NULL;

  assert_non_null(context);
  assert_int_equal(EVP_PKEY_keygen_init(context), 1);
  assert_int_equal(
      EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1),
      1);
  assert_int_equal(EVP_PKEY_keygen(context, &key), 1);
  EVP_PKEY_CTX_free(context);
  return key;
}

static void add_extension(X509 *x509, int kind, const char *value)
{
  X509V3_CTX context;
  X509_EXTENSION *extension;

  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
  extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
  assert_non_null(extension);
  assert_int_equal(X509_add_ext(x509, extension, -1), 1);
  X509_EXTENSION_free(extension);
}

static X509 *new_x509(EVP_PKEY *key, long from, long until, const char *names)
{
  X509 *x509 = X509_new();
  X509_NAME *name = X509_NAME_new();

  assert_non_null(x509);
  assert_non_null(name);
  assert_int_equal(X509_set_version(x509, 2), 1);
  assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x509), 1), 1);
  assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x509), from));
  assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x509), until));
  assert_int_equal(
      X509_NAME_add_entry_by_txt(name, names ? "CN" : "O", MBSTRING_ASC,
                                 (const unsigned char *)"test", -1, -1, 0),
      1);
  assert_int_equal(X509_set_subject_name(x509, name), 1);
  assert_int_equal(X509_set_issuer_name(x509, name), 1);
  X509_NAME_free(name);
  assert_int_equal(X509_set_pubkey(x509, key), 1);
  add_extension(x509, NID_basic_constraints, "critical,CA:TRUE");
  if(names)
    add_extension(x509, NID_subject_alt_name, names);
  assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
  return x509;
}

static void copy_pem(BIO *bio, char *pem)
{
  int length = BIO_read(bio, pem, CERTIFICATE_PEM_MAX - 1);

  assert_true(length > 0);
  pem[length] = '\0';
  BIO_free(bio);
}

void certificate_make(struct certificate *certificate, long from, long until,
                      const char *names)
{
  EVP_PKEY *key = new_key();
  X509 *x509 = new_x509(key, from, until, names);
  BIO *key_bio = BIO_new(BIO_s_mem());
  BIO *chain_bio = BIO_new(BIO_s_mem());

  assert_non_null(key_bio);
  assert_non_null(chain_bio);
  assert_int_equal(
      PEM_write_bio_PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL), 1);
  assert_int_equal(PEM_write_bio_X509(chain_bio, x509), 1);
  copy_pem(key_bio, certificate->key);
  copy_pem(chain_bio, certificate->chain);
  X509_free(x509);
  EVP_PKEY_free(key);
}
