/* signer: RSA signatures for JWT (RFC 7515), and the base64url they are in.
 * SPDX-License-Identifier: MIT */
#ifndef BU_SIGNER_H
#define BU_SIGNER_H

#include "buffer.h"
#include "error.h"

#include <stddef.h>

/* RSASSA-PKCS1-v1_5 with these digests (RFC 7518, section 3.3). */
enum bu_signature { BU_RS256, BU_RS384, BU_RS512 };

/* An RSA key of 2048 bits or more in PEM; encrypted ones (PKCS#8) need their
 * passphrase. */
struct bu_key {
  const char *pem;
  size_t length;
  const char *passphrase; /* NULL: none */
};

/* Appends the signature of the bytes in base64url. BU_EINVALID when the key
 * can't be used; the text says why. Never asks at the terminal for a
 * passphrase. */
int bu_sign(struct bu_buffer *signature, enum bu_signature kind,
            const struct bu_key *key, const void *data, size_t length,
            struct bu_error *error);

/* Appends base64url without padding (RFC 4648, section 5): 0, BU_ELIMIT or
 * BU_EMEMORY. */
int bu_base64url(struct bu_buffer *out, const void *data, size_t length);

#endif
