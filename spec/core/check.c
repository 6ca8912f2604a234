/* check: what the unit tests share.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE 120 /* seconds for one file of tests */

void check_watchdog(void)
{
  (void)alarm(PATIENCE);
}

static void set_template(char *path)
{
  static const char template[] = "/tmp/boxupload-XXXXXX";

  memcpy(path, template, sizeof(template));
}

static void write_all(int descriptor, const char *data, size_t length)
{
  while(length > 0) {
    ssize_t count = write(descriptor, data, length);

    assert_true(count > 0);
    data += count;
    length -= (size_t)count;
  }
}

void check_file(char *path, const void *data, size_t length)
{
  int descriptor;

  set_template(path);
  descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  write_all(descriptor, data, length);
  assert_int_equal(close(descriptor), 0);
}

int check_folder(char *path)
{
  set_template(path);
  return mkdtemp(path) ? 0 : -1;
}

void check_write(const char *path, const void *data, size_t length)
{
  int descriptor = open(path, O_WRONLY | O_TRUNC);

  assert_true(descriptor >= 0);
  write_all(descriptor, data, length);
  assert_int_equal(close(descriptor), 0);
}

void check_fill(unsigned char *data, size_t length, unsigned seed)
{
  uint32_t state = seed * 2654435761u + 1u;
  size_t i;

  for(i = 0; i < length; i++) {
    state = state * 1664525u + 1013904223u;
    data[i] = (unsigned char)(state >> 24);
  }
}

void check_sha1(char hex[41], const void *data, size_t length)
{
  unsigned char value[EVP_MAX_MD_SIZE];
  unsigned i;

  assert_int_equal(EVP_Digest(data, length, value, NULL, EVP_sha1(), NULL),
                   1);
  for(i = 0; i < 20; i++)
    (void)snprintf(hex + (size_t)2 * i, 3, "%02x", value[i]);
}

int check_readable(int descriptor)
{
  struct pollfd wait = {-1, POLLIN, 0};

  wait.fd = descriptor;
  return poll(&wait, 1, 0) == 1 && (wait.revents & POLLIN) != 0;
}
