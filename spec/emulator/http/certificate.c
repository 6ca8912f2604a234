/* Creates a CA and a server certificate. */
/* SPDX-License-Identifier: MIT */
#include "http/certificate.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define EM_DAYS 3650
#define EM_SERIAL_BITS 127

static int add_extension(X509 *subject, X509 *issuer, int kind,
                         const char *value)
{
  X509V3_CTX context;
  X509_EXTENSION *extension;
  int added;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, subject, NULL, NULL, 0);
  extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
  if(!extension)
    return -1;
  added = X509_add_ext(subject, extension, -1);
  X509_EXTENSION_free(extension);
  return added == 1 ? 0 : -1;
}

/* All emulators use the same CA name, so the serial numbers must differ. */
static int set_serial(X509 *x509)
{
  BIGNUM *number = BN_new();
  int result = -1;
  if(number &&
     BN_rand(number, EM_SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) &&
     BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)))
    result = 0;
  BN_free(number);
  return result;
}

static int set_name(X509_NAME *name, const char *common)
{
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                    (const unsigned char *)common, -1, -1,
                                    0) == 1
             ? 0
             : -1;
}

static X509 *new_certificate(EVP_PKEY *key, const char *common)
{
  X509 *x509 = X509_new();
  if(!x509)
    return NULL;
  if(!X509_set_version(x509, 2) || set_serial(x509) ||
     !X509_gmtime_adj(X509_getm_notBefore(x509), -3600) ||
     !X509_gmtime_adj(X509_getm_notAfter(x509), 86400L * EM_DAYS) ||
     !X509_set_pubkey(x509, key) ||
     set_name(X509_get_subject_name(x509), common)) {
    X509_free(x509);
    return NULL;
  }
  return x509;
}

static X509 *make_ca_certificate(EVP_PKEY *key)
{
  X509 *x509 = new_certificate(key, "Box emulator CA");
  if(!x509)
    return NULL;
  if(X509_set_issuer_name(x509, X509_get_subject_name(x509)) &&
     !add_extension(x509, x509, NID_basic_constraints, "critical,CA:TRUE") &&
     !add_extension(x509, x509, NID_key_usage,
                    "critical,keyCertSign,cRLSign") &&
     !add_extension(x509, x509, NID_subject_key_identifier, "hash") &&
     X509_sign(x509, key, EVP_sha256()))
    return x509;
  X509_free(x509);
  return NULL;
}

static int add_names(X509 *x509, X509 *ca, const char *host)
{
  char names[512];
  const char *kind =
      strspn(host, "0123456789.") == strlen(host) || strchr(host, ':')
          ? "IP"
          : "DNS";
  int length =
      snprintf(names, sizeof(names),
               "IP:127.0.0.1,IP:::1,DNS:localhost,%s:%s", kind, host);
  if(length < 0 || (size_t)length >= sizeof(names))
    return -1;
  return add_extension(x509, ca, NID_subject_alt_name, names);
}

static X509 *make_server_certificate(EVP_PKEY *key, X509 *ca,
                                     EVP_PKEY *ca_key, const char *host)
{
  X509 *x509 = new_certificate(key, "Box emulator");
  if(!x509)
    return NULL;
  if(X509_set_issuer_name(x509, X509_get_subject_name(ca)) &&
     !add_extension(x509, ca, NID_basic_constraints, "critical,CA:FALSE") &&
     !add_extension(x509, ca, NID_key_usage, "critical,digitalSignature") &&
     !add_extension(x509, ca, NID_ext_key_usage, "serverAuth") &&
     !add_extension(x509, ca, NID_subject_key_identifier, "hash") &&
     !add_extension(x509, ca, NID_authority_key_identifier, "keyid") &&
     !add_names(x509, ca, host) && X509_sign(x509, ca_key, EVP_sha256()))
    return x509;
  X509_free(x509);
  return NULL;
}

static char *copy_bio(BIO *bio)
{
  char *bytes;
  long size = BIO_get_mem_data(bio, &bytes);
  return size > 0 ? strndup(bytes, (size_t)size) : NULL;
}

static char *certificate_pem(X509 *first, X509 *second)
{
  BIO *bio = BIO_new(BIO_s_mem());
  char *pem = NULL;
  if(bio && PEM_write_bio_X509(bio, first) &&
     (!second || PEM_write_bio_X509(bio, second)))
    pem = copy_bio(bio);
  BIO_free(bio);
  return pem;
}

static char *key_pem(EVP_PKEY *key)
{
  BIO *bio = BIO_new(BIO_s_mem());
  char *pem = NULL;
  if(bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
    pem = copy_bio(bio);
  BIO_free(bio);
  return pem;
}

/* EVP_EC_gen, which OpenSSL 1.1.1 lacks. */
static EVP_PKEY *generate_key(void)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
  EVP_PKEY *key = NULL;
  if(context && EVP_PKEY_keygen_init(context) == 1 &&
     EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) ==
         1)
    (void)EVP_PKEY_keygen(context, &key);
  EVP_PKEY_CTX_free(context);
  return key;
}

int em_certificate_create(struct em_certificate *certificate,
                          const char *host)
{
  EVP_PKEY *ca_key = generate_key();
  EVP_PKEY *key = generate_key();
  X509 *ca = ca_key ? make_ca_certificate(ca_key) : NULL;
  X509 *server =
      ca && key ? make_server_certificate(key, ca, ca_key, host) : NULL;
  memset(certificate, 0, sizeof(*certificate));
  if(server) {
    certificate->ca = certificate_pem(ca, NULL);
    certificate->chain = certificate_pem(server, ca);
    certificate->key = key_pem(key);
  }
  X509_free(server);
  X509_free(ca);
  EVP_PKEY_free(key);
  EVP_PKEY_free(ca_key);
  return certificate->ca && certificate->chain && certificate->key ? 0 : -1;
}

void em_certificate_free(struct em_certificate *certificate)
{
  free(certificate->ca);
  free(certificate->chain);
  free(certificate->key);
  memset(certificate, 0, sizeof(*certificate));
}
