/* digest: SHA-1 and SHA-512 as Box takes them, in hex and in base64.
 * SPDX-License-Identifier: MIT */
#ifndef BU_DIGEST_H
#define BU_DIGEST_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

enum bu_algorithm { BU_SHA1, BU_SHA512 };

#define BU_SHA1_SIZE 20
#define BU_SHA512_SIZE 64
#define BU_DIGEST_MAX BU_SHA512_SIZE
#define BU_HEX_MAX (2 * BU_DIGEST_MAX + 1)
#define BU_BASE64_MAX (4 * ((BU_DIGEST_MAX + 2) / 3) + 1)

/* A running digest, for any thread. Reference-counted, because a hash worker
 * may use it after its owner has released it. */
struct bu_digest;

/* The functions below fail with BU_EMEMORY, or with BU_ECRYPTO when OpenSSL
 * refuses, as it does where its configuration leaves the algorithm out. */

struct bu_digest *bu_digest_new(enum bu_algorithm algorithm,
                                struct bu_error *error); /* or NULL */
struct bu_digest *bu_digest_acquire(struct bu_digest *digest);
void bu_digest_release(struct bu_digest *digest); /* NULL is fine */

/* For the engine: from hold to let_go its workers feed the digest. */
void bu_digest_hold(struct bu_digest *digest);
void bu_digest_let_go(struct bu_digest *digest);
/* BU_EFORKED in a child of the process that feeds it: its workers may hold the
 * lock, so nothing else but release may be called then. */
int bu_digest_check(const struct bu_digest *digest, struct bu_error *error);
/* BU_EINVALID while workers feed it: nobody else may change it then. */
int bu_digest_check_idle(const struct bu_digest *digest,
                         struct bu_error *error);

/* Starts again without bytes. */
int bu_digest_reset(struct bu_digest *digest, struct bu_error *error);
int bu_digest_update(struct bu_digest *digest, const void *data,
                     size_t length, struct bu_error *error);
/* Bytes that it has taken so far. */
int64_t bu_digest_count(struct bu_digest *digest);
/* The digest of the bytes so far; more may follow. Writes at most
 * BU_DIGEST_MAX bytes and returns how many, or 0 with *error filled. */
size_t bu_digest_value(struct bu_digest *digest, unsigned char *value,
                       struct bu_error *error);

/* NUL-terminated lower-case hex and base64; out has room for BU_HEX_MAX and
 * BU_BASE64_MAX. length is at most BU_DIGEST_MAX. */
void bu_hex(char *out, const unsigned char *data, size_t length);
void bu_base64(char *out, const unsigned char *data, size_t length);
/* The bytes of exactly 2*length hex digits in either case; 0 or
 * BU_EINVALID. */
int bu_unhex(unsigned char *out, const char *hex, size_t length);

#endif
