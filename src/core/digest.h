/* digest: SHA-1 and SHA-512 as Box takes them, in hex and in base64.
 * SPDX-License-Identifier: MIT */
#ifndef BU_DIGEST_H
#define BU_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum bu_algorithm { BU_SHA1, BU_SHA512 };

#define BU_SHA1_SIZE 20
#define BU_SHA512_SIZE 64
#define BU_DIGEST_MAX BU_SHA512_SIZE
#define BU_HEX_MAX (2 * BU_DIGEST_MAX + 1)
#define BU_BASE64_MAX (4 * ((BU_DIGEST_MAX + 2) / 3) + 1)

/* A running digest. Not locked: one thread at a time. Reference-counted,
 * because a hash worker may use it after its owner has released it. */
struct bu_digest;

struct bu_digest *bu_digest_new(enum bu_algorithm algorithm); /* or NULL */
struct bu_digest *bu_digest_acquire(struct bu_digest *digest);
void bu_digest_release(struct bu_digest *digest); /* NULL is fine */

/* Starts again without bytes. 0 or BU_EMEMORY. */
int bu_digest_reset(struct bu_digest *digest);
int bu_digest_update(struct bu_digest *digest, const void *data,
                     size_t length);
/* Bytes that it has taken so far. */
int64_t bu_digest_count(const struct bu_digest *digest);
/* The digest of the bytes so far; more may follow. Writes at most
 * BU_DIGEST_MAX bytes and returns how many, or 0 when out of memory. */
size_t bu_digest_value(const struct bu_digest *digest, unsigned char *value);

/* NUL-terminated lower-case hex and base64; out has room for BU_HEX_MAX and
 * BU_BASE64_MAX. length is at most BU_DIGEST_MAX. */
void bu_hex(char *out, const unsigned char *data, size_t length);
void bu_base64(char *out, const unsigned char *data, size_t length);
/* The bytes of exactly 2*length hex digits in either case; 0 or
 * BU_EINVALID. */
int bu_unhex(unsigned char *out, const char *hex, size_t length);

#endif
