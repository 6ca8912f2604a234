/* error_test: codes, their names and texts.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "error.h"

#include <errno.h>
#include <string.h>

static void test_every_code_has_its_own_name(void **state)
{
  int a;
  int b;

  (void)state;
  for(a = BU_OK; a <= BU_EUNSAFE; a++) {
    assert_string_not_equal(bu_code_name((enum bu_code)a), "unknown");
    for(b = BU_OK; b < a; b++)
      assert_string_not_equal(bu_code_name((enum bu_code)a),
                              bu_code_name((enum bu_code)b));
  }
  assert_string_equal(bu_code_name((enum bu_code)99), "unknown");
}

static void test_set_formats_and_returns_the_code(void **state)
{
  struct bu_error error;

  (void)state;
  memset(&error, 0xff, sizeof(error));
  assert_int_equal(bu_error_set(&error, BU_EINVALID, "%d of %s", 3, "x"),
                   BU_EINVALID);
  assert_int_equal(error.code, BU_EINVALID);
  assert_int_equal(error.sys, 0);
  assert_int_equal(error.curl, 0);
  assert_string_equal(error.text, "3 of x");
}

static void test_long_text_is_cut(void **state)
{
  struct bu_error error;
  char text[1000];

  (void)state;
  memset(text, 'x', sizeof(text));
  text[sizeof(text) - 1] = '\0';
  (void)bu_error_set(&error, BU_ENETWORK, "%s", text);
  assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
}

static void test_system_says_what_and_why(void **state)
{
  struct bu_error error;

  (void)state;
  assert_int_equal(bu_error_system(&error, ENOENT, "a.bin"), BU_ESYSTEM);
  assert_int_equal(error.sys, ENOENT);
  assert_string_equal(error.text, "a.bin: No such file or directory");
  assert_int_equal(bu_error_memory(&error), BU_EMEMORY);
  bu_error_clear(&error);
  assert_int_equal(error.code, BU_OK);
  assert_string_equal(error.text, "");
}

static void test_a_long_path_leaves_the_reason(void **state)
{
  static const char end[] = "x/the-end.bin: No such file or directory";
  struct bu_error error;
  char path[4096];

  (void)state;
  memset(path, 'x', sizeof(path));
  memcpy(path + sizeof(path) - 14, "x/the-end.bin", 14);
  (void)bu_error_system(&error, ENOENT, path);
  assert_string_equal(error.text + strlen(error.text) - strlen(end), end);
  assert_memory_equal(error.text, "...x", 4);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_code_has_its_own_name),
      cmocka_unit_test(test_set_formats_and_returns_the_code),
      cmocka_unit_test(test_long_text_is_cut),
      cmocka_unit_test(test_a_long_path_leaves_the_reason),
      cmocka_unit_test(test_system_says_what_and_why)};

  return RUN(tests);
}
