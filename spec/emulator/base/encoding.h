/* Hexadecimal and base64url. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_ENCODING_H
#define EM_ENCODING_H

#include "base/base.h"

/* Writes 2 * size digits and a NUL. */
void em_hex_encode(char *out, const unsigned char *bytes, size_t size);

/* Decodes unpadded base64url (RFC 4648 5). Returns a buffer to free, with a
   NUL after its `size` bytes, or NULL. */
unsigned char *em_base64url_decode(const char *text, size_t length,
                                   size_t *size);

#endif
