/* settings_test: how one client reaches the service.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "settings.h"
#include "version.h"

#include <stdlib.h>

static void assert_token(struct bu_settings *settings, const char *expected)
{
  struct bu_error error;
  char *token = bu_settings_token(settings, &error);

  assert_int_equal(error.code, BU_OK);
  if(expected)
    assert_string_equal(token, expected);
  else
    assert_null(token);
  free(token);
}

static void test_defaults(void **state)
{
  struct bu_settings *settings = bu_settings_new();

  (void)state;
  assert_non_null(settings);
  assert_null(settings->ca_file);
  assert_string_equal(settings->user_agent, "boxupload/" BU_VERSION);
  assert_true(settings->connect_timeout > 0);
  assert_true(settings->low_speed_time > 0);
  assert_true(settings->reply_limit > 0);
  assert_false(settings->http2);
  assert_token(settings, NULL);
  bu_settings_release(settings);
}

static void test_token_comes_and_goes(void **state)
{
  struct bu_settings *settings = bu_settings_new();
  struct bu_error error;

  (void)state;
  assert_int_equal(bu_settings_set_token(settings, "one", &error), BU_OK);
  assert_token(settings, "one");
  assert_int_equal(bu_settings_set_token(settings, "two", &error), BU_OK);
  assert_token(settings, "two");
  assert_int_equal(bu_settings_set_token(settings, NULL, &error), BU_OK);
  assert_token(settings, NULL);
  bu_settings_release(settings);
}

static void test_refuses_a_token_that_no_header_may_have(void **state)
{
  static const char *const bad[] = {"", "a\r\nX: y", "a\n", "\x01"};
  struct bu_settings *settings = bu_settings_new();
  struct bu_error error;
  size_t i;

  (void)state;
  assert_int_equal(bu_settings_set_token(settings, "good", &error), BU_OK);
  for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    assert_int_equal(bu_settings_set_token(settings, bad[i], &error),
                     BU_EINVALID);
  assert_token(settings, "good");
  bu_settings_release(settings);
}

static void test_lives_until_the_last_release(void **state)
{
  struct bu_settings *settings = bu_settings_new();

  (void)state;
  assert_ptr_equal(bu_settings_acquire(settings), settings);
  bu_settings_release(settings);
  assert_token(settings, NULL);
  bu_settings_release(settings);
  bu_settings_release(NULL);
}

/* Pauses that a limit makes are no stall. */
static void test_stall_speed_is_below_a_limit(void **state)
{
  struct bu_settings *settings = bu_settings_new();

  (void)state;
  assert_non_null(settings);
  settings->low_speed_limit = 100;
  assert_int_equal(bu_settings_stall_speed(settings, 0), 100);
  assert_int_equal(bu_settings_stall_speed(settings, INT64_MAX), 100);
  assert_int_equal(bu_settings_stall_speed(settings, 200), 100);
  assert_int_equal(bu_settings_stall_speed(settings, 100), 50);
  assert_int_equal(bu_settings_stall_speed(settings, 1), 0);
  settings->low_speed_limit = 0;
  assert_int_equal(bu_settings_stall_speed(settings, 1), 0);
  bu_settings_release(settings);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_token_comes_and_goes),
      cmocka_unit_test(test_refuses_a_token_that_no_header_may_have),
      cmocka_unit_test(test_lives_until_the_last_release),
      cmocka_unit_test(test_stall_speed_is_below_a_limit)};

  return RUN(tests);
}
