/* SHA-1 and SHA-512 digests, and the Digest header. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_DIGEST_H
#define EM_DIGEST_H

#include "base/base.h"

#include <openssl/evp.h>

#define EM_SHA1_SIZE 20
#define EM_SHA512_SIZE 64
#define EM_SHA1_HEX 41    /* with the NUL */
#define EM_SHA1_BASE64 29 /* with the NUL */

struct em_digest {
  EVP_MD_CTX *context;
};

int em_digest_start(struct em_digest *digest, const EVP_MD *kind);
int em_digest_add(struct em_digest *digest, const void *bytes, size_t size);
int em_digest_end(struct em_digest *digest, unsigned char *out);
void em_digest_free(struct em_digest *digest);

/* Digests a range of an open file. */
int em_digest_file(int fd, int64_t offset, int64_t size, const EVP_MD *kind,
                   unsigned char *out);

void em_sha1_base64(char out[EM_SHA1_BASE64], const unsigned char *sha1);

/* Returns the base64 text of "sha=…" (RFC 3230), or NULL if the header is
   not exactly one SHA-1. */
const char *em_digest_header_parse(const char *header);

#endif
