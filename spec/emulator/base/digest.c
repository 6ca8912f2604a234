/* SHA-1 and SHA-512 digests, and the Digest header. */
/* SPDX-License-Identifier: MIT */
#include "base/digest.h"

#include <errno.h>
#include <strings.h>
#include <unistd.h>

#define EM_READ_SIZE (256 * 1024)

int em_digest_start(struct em_digest *digest, const EVP_MD *kind)
{
  digest->context = EVP_MD_CTX_new();
  if(!digest->context)
    return -1;
  return EVP_DigestInit_ex(digest->context, kind, NULL) == 1 ? 0 : -1;
}

int em_digest_add(struct em_digest *digest, const void *bytes, size_t size)
{
  return EVP_DigestUpdate(digest->context, bytes, size) == 1 ? 0 : -1;
}

int em_digest_end(struct em_digest *digest, unsigned char *out)
{
  return EVP_DigestFinal_ex(digest->context, out, NULL) == 1 ? 0 : -1;
}

void em_digest_free(struct em_digest *digest)
{
  EVP_MD_CTX_free(digest->context);
  digest->context = NULL;
}

static int digest_range(struct em_digest *digest, int fd, int64_t offset,
                        int64_t size, char *buffer)
{
  while(size > 0) {
    size_t want = size < EM_READ_SIZE ? (size_t)size : EM_READ_SIZE;
    ssize_t got = pread(fd, buffer, want, (off_t)offset);
    if(got < 0 && errno == EINTR)
      continue;
    if(got <= 0 || em_digest_add(digest, buffer, (size_t)got))
      return -1;
    offset += got;
    size -= got;
  }
  return 0;
}

int em_digest_file(int fd, int64_t offset, int64_t size, const EVP_MD *kind,
                   unsigned char *out)
{
  struct em_digest digest = {NULL};
  char *buffer = malloc(EM_READ_SIZE);
  int result = -1;
  if(buffer && !em_digest_start(&digest, kind) &&
     !digest_range(&digest, fd, offset, size, buffer))
    result = em_digest_end(&digest, out);
  em_digest_free(&digest);
  free(buffer);
  return result;
}

void em_sha1_base64(char out[EM_SHA1_BASE64], const unsigned char *sha1)
{
  EVP_EncodeBlock((unsigned char *)out, sha1, EM_SHA1_SIZE);
}

const char *em_digest_header_parse(const char *header)
{
  static const char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if(strncasecmp(header, "sha=", 4))
    return NULL;
  header += 4;
  if(strlen(header) != EM_SHA1_BASE64 - 1 ||
     strspn(header, alphabet) != EM_SHA1_BASE64 - 2 ||
     header[EM_SHA1_BASE64 - 2] != '=')
    return NULL;
  return header;
}
