/* buffer_test: bytes that grow up to a limit.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "buffer.h"
#include "error.h"

#include <string.h>

static void test_grows_and_ends_in_nul(void **state)
{
  struct bu_buffer buffer;
  size_t i;

  (void)state;
  bu_buffer_init(&buffer, 100000);
  for(i = 0; i < 10000; i++)
    assert_int_equal(bu_buffer_append(&buffer, "0123456789", 10), BU_OK);
  assert_int_equal(buffer.length, 100000);
  assert_memory_equal(buffer.data + 99990, "0123456789", 11);
  bu_buffer_free(&buffer);
  assert_null(buffer.data);
}

static void test_refuses_more_than_its_limit(void **state)
{
  struct bu_buffer buffer;

  (void)state;
  bu_buffer_init(&buffer, 4);
  assert_int_equal(bu_buffer_append(&buffer, "abc", 3), BU_OK);
  assert_int_equal(bu_buffer_append(&buffer, "de", 2), BU_ELIMIT);
  assert_string_equal(buffer.data, "abc");
  assert_int_equal(bu_buffer_append(&buffer, "d", 1), BU_OK);
  assert_int_equal(bu_buffer_append(&buffer, "e", 1), BU_ELIMIT);
  assert_int_equal(bu_buffer_append(&buffer, "e", (size_t)-1), BU_ELIMIT);
  assert_string_equal(buffer.data, "abcd");
  bu_buffer_free(&buffer);
}

static void test_appends_nothing(void **state)
{
  struct bu_buffer buffer;

  (void)state;
  bu_buffer_init(&buffer, 0);
  assert_int_equal(bu_buffer_append(&buffer, NULL, 0), BU_OK);
  assert_string_equal(buffer.data, "");
  assert_int_equal(bu_buffer_append(&buffer, "a", 1), BU_ELIMIT);
  bu_buffer_free(&buffer);
}

static void test_keeps_bytes_of_value_zero(void **state)
{
  struct bu_buffer buffer;

  (void)state;
  bu_buffer_init(&buffer, 16);
  assert_int_equal(bu_buffer_append(&buffer, "a\0b", 3), BU_OK);
  assert_int_equal(buffer.length, 3);
  assert_memory_equal(buffer.data, "a\0b", 4);
  bu_buffer_free(&buffer);
}

static void test_reset_makes_room(void **state)
{
  struct bu_buffer buffer;

  (void)state;
  bu_buffer_init(&buffer, 4);
  bu_buffer_reset(&buffer);
  assert_int_equal(bu_buffer_append(&buffer, "abcd", 4), BU_OK);
  bu_buffer_reset(&buffer);
  assert_string_equal(buffer.data, "");
  assert_int_equal(bu_buffer_append(&buffer, "efgh", 4), BU_OK);
  assert_string_equal(buffer.data, "efgh");
  bu_buffer_free(&buffer);
  bu_buffer_free(&buffer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_grows_and_ends_in_nul),
      cmocka_unit_test(test_refuses_more_than_its_limit),
      cmocka_unit_test(test_appends_nothing),
      cmocka_unit_test(test_keeps_bytes_of_value_zero),
      cmocka_unit_test(test_reset_makes_room)};

  return RUN(tests);
}
