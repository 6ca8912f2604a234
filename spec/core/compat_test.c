/* compat_test: what C99 and POSIX lack or spell differently.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "compat.h"

static void test_string_assign_replaces(void **state)
{
  char *string = NULL;
  char value[] = "abc";

  (void)state;
  assert_int_equal(bu_string_assign(&string, value), 0);
  value[0] = 'x';
  assert_string_equal(string, "abc");
  assert_int_equal(bu_string_assign(&string, value), 0);
  assert_string_equal(string, "xbc");
  assert_int_equal(bu_string_assign(&string, NULL), 0);
  assert_null(string);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_string_assign_replaces)};

  return RUN(tests);
}
