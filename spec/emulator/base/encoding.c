/* Hexadecimal and base64url. */
/* SPDX-License-Identifier: MIT */
#include "base/encoding.h"

#include <openssl/evp.h>

void em_hex_encode(char *out, const unsigned char *bytes, size_t size)
{
  static const char alphabet[] = "0123456789abcdef";
  size_t i;
  for(i = 0; i < size; i++) {
    out[2 * i] = alphabet[bytes[i] >> 4];
    out[2 * i + 1] = alphabet[bytes[i] & 15];
  }
  out[2 * size] = '\0';
}

unsigned char *em_base64url_decode(const char *text, size_t length,
                                   size_t *size)
{
  size_t padded = (length + 3) / 4 * 4;
  char *base64 = malloc(padded + 1);
  unsigned char *out = malloc(padded + 1);
  int count = -1;
  size_t i;
  for(i = 0; base64 && i < padded; i++) {
    base64[i] = '=';
    if(i < length)
      base64[i] = text[i];
    if(base64[i] == '-')
      base64[i] = '+';
    else if(base64[i] == '_')
      base64[i] = '/';
  }
  if(base64 && out && length && padded - length < 3)
    count = EVP_DecodeBlock(out, (unsigned char *)base64, (int)padded);
  free(base64);
  if(count < 0) {
    free(out);
    return NULL;
  }
  *size = (size_t)count - (padded - length);
  out[*size] = '\0';
  return out;
}
