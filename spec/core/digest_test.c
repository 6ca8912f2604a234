/* digest_test: SHA-1, SHA-512, hex and base64.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "digest.h"
#include "error.h"

#include <stdlib.h>
#include <string.h>

#define ABC_SHA1 "a9993e364706816aba3e25717850c26c9cd0d89d"
#define EMPTY_SHA1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"

static void assert_hex(struct bu_digest *digest, const char *expected)
{
  struct bu_error error;
  unsigned char value[BU_DIGEST_MAX];
  char hex[BU_HEX_MAX];
  size_t length = bu_digest_value(digest, value, &error);

  assert_int_equal(2 * length, strlen(expected));
  bu_hex(hex, value, length);
  assert_string_equal(hex, expected);
}

/* FIPS 180's own examples. */
static void test_known_values(void **state)
{
  struct bu_error error;
  struct bu_digest *sha1 = bu_digest_new(BU_SHA1, &error);
  struct bu_digest *sha512 = bu_digest_new(BU_SHA512, &error);

  (void)state;
  assert_non_null(sha1);
  assert_non_null(sha512);
  assert_hex(sha1, EMPTY_SHA1);
  assert_int_equal(bu_digest_update(sha1, "abc", 3, &error), BU_OK);
  assert_int_equal(bu_digest_update(sha512, "abc", 3, &error), BU_OK);
  assert_hex(sha1, ABC_SHA1);
  assert_hex(sha512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea2"
                     "0a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
                     "454d4423643ce80e2a9ac94fa54ca49f");
  bu_digest_release(sha1);
  bu_digest_release(sha512);
}

static void test_goes_on_after_its_value_was_read(void **state)
{
  struct bu_error error;
  struct bu_digest *digest = bu_digest_new(BU_SHA1, &error);

  (void)state;
  assert_int_equal(bu_digest_update(digest, "a", 1, &error), BU_OK);
  assert_hex(digest, "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8");
  assert_int_equal(bu_digest_update(digest, "", 0, &error), BU_OK);
  assert_int_equal(bu_digest_update(digest, "bc", 2, &error), BU_OK);
  assert_int_equal(bu_digest_count(digest), 3);
  assert_hex(digest, ABC_SHA1);
  assert_int_equal(bu_digest_reset(digest, &error), BU_OK);
  assert_int_equal(bu_digest_count(digest), 0);
  assert_hex(digest, EMPTY_SHA1);
  bu_digest_release(digest);
}

static void test_lives_until_the_last_release(void **state)
{
  struct bu_error error;
  struct bu_digest *digest = bu_digest_new(BU_SHA1, &error);

  (void)state;
  assert_ptr_equal(bu_digest_acquire(digest), digest);
  bu_digest_release(digest);
  assert_int_equal(bu_digest_update(digest, "abc", 3, &error), BU_OK);
  assert_hex(digest, ABC_SHA1);
  bu_digest_release(digest);
  bu_digest_release(NULL);
}

static void test_pieces_of_any_size(void **state)
{
  struct bu_error error;
  size_t size = 100000;
  unsigned char *data = malloc(size);
  struct bu_digest *digest = bu_digest_new(BU_SHA1, &error);
  size_t at = 0;
  size_t step = 1;
  char expected[41];

  (void)state;
  assert_non_null(data);
  check_fill(data, size, 1);
  while(at < size) {
    size_t count = step < size - at ? step : size - at;

    assert_int_equal(bu_digest_update(digest, data + at, count, &error),
                     BU_OK);
    at += count;
    step = step * 3 % 1021 + 1;
  }
  check_sha1(expected, data, size);
  assert_hex(digest, expected);
  bu_digest_release(digest);
  free(data);
}

/* RFC 4648, section 10. */
static void test_base64(void **state)
{
  static const char *const pairs[][2] = {{"", ""},
                                         {"f", "Zg=="},
                                         {"fo", "Zm8="},
                                         {"foo", "Zm9v"},
                                         {"foob", "Zm9vYg=="},
                                         {"fooba", "Zm9vYmE="},
                                         {"foobar", "Zm9vYmFy"}};
  char out[BU_BASE64_MAX];
  unsigned char longest[BU_DIGEST_MAX];
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
    bu_base64(out, (const unsigned char *)pairs[i][0], strlen(pairs[i][0]));
    assert_string_equal(out, pairs[i][1]);
  }
  memset(longest, 0, sizeof(longest));
  bu_base64(out, longest, sizeof(longest));
  assert_int_equal(strlen(out), BU_BASE64_MAX - 1);
}

static void test_hex_and_back(void **state)
{
  unsigned char bytes[4] = {0};
  char hex[BU_HEX_MAX];

  (void)state;
  bu_hex(hex, (const unsigned char *)"\x00\x9f\xff\x10", 4);
  assert_string_equal(hex, "009fff10");
  assert_int_equal(bu_unhex(bytes, "009FfF10", 4), BU_OK);
  assert_memory_equal(bytes, "\x00\x9f\xff\x10", 4);
  assert_int_equal(bu_unhex(bytes, "", 0), BU_OK);
}

static void test_unhex_refuses(void **state)
{
  static const char *const bad[] = {"",         "0",         "009fff1",
                                    "009fff1g", "009fff101", "009fff10 ",
                                    " 09fff10", "0x9fff10"};
  unsigned char bytes[4];
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    assert_int_equal(bu_unhex(bytes, bad[i], 4), BU_EINVALID);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known_values),
      cmocka_unit_test(test_goes_on_after_its_value_was_read),
      cmocka_unit_test(test_lives_until_the_last_release),
      cmocka_unit_test(test_pieces_of_any_size),
      cmocka_unit_test(test_base64),
      cmocka_unit_test(test_hex_and_back),
      cmocka_unit_test(test_unhex_refuses)};

  return RUN(tests);
}
