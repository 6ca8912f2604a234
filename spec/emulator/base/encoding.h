/* Bytes as text: hexadecimal and base64url. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_ENCODING_H
#define EM_ENCODING_H

#include "base/base.h"

/* Writes 2 * size digits and a NUL. */
void em_hex_encode(char *out, const unsigned char *bytes, size_t size);

/* Decodes base64url without padding (RFC 4648 5). The caller frees the result,
   which has a NUL after its `size` bytes. NULL: not base64url. */
unsigned char *em_base64url_decode(const char *text, size_t length,
                                   size_t *size);

#endif
