/* limit_test: how much all clients of a process may send together.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "limit.h"

static void test_no_limits(void **state)
{
  struct bu_limits limits = {0, 0, 0};
  struct bu_usage usage = {1000000, 0, 0};
  double wake = 99;

  (void)state;
  assert_true(bu_limits_admit(&limits, &usage, 5, &wake));
  bu_usage_begin(&usage, 5);
  assert_true(bu_limits_admit(&limits, &usage, 5, &wake));
  assert_int_equal(bu_limits_share(&limits, 3), 0);
  assert_true(wake == 99);
}

static void test_connections(void **state)
{
  struct bu_limits limits = {2, 0, 0};
  struct bu_usage usage = {0, 0, 0};
  double wake = 99;

  (void)state;
  bu_usage_begin(&usage, 5);
  assert_true(bu_limits_admit(&limits, &usage, 5, &wake));
  bu_usage_begin(&usage, 5);
  assert_false(bu_limits_admit(&limits, &usage, 5, &wake));
  /* No time to ask again: one must end first. */
  assert_true(wake == 99);
  usage.active--;
  assert_true(bu_limits_admit(&limits, &usage, 5, &wake));
}

static void test_requests_a_minute(void **state)
{
  struct bu_limits limits = {0, 0, 120};
  struct bu_usage usage = {0, 0, 0};
  double wake = 99;

  (void)state;
  assert_true(bu_limits_admit(&limits, &usage, 10, &wake));
  bu_usage_begin(&usage, 10);
  assert_false(bu_limits_admit(&limits, &usage, 10.25, &wake));
  assert_true(wake == 10.5);
  /* An earlier time stays. */
  wake = 10.375;
  assert_false(bu_limits_admit(&limits, &usage, 10.25, &wake));
  assert_true(wake == 10.375);
  assert_true(bu_limits_admit(&limits, &usage, 10.5, &wake));
}

/* After an idle minute there is no burst. */
static void test_requests_do_not_pile_up(void **state)
{
  struct bu_limits limits = {0, 0, 60};
  struct bu_usage usage = {0, 0, 0};
  double wake = 999;

  (void)state;
  bu_usage_begin(&usage, 10);
  bu_usage_begin(&usage, 100);
  assert_false(bu_limits_admit(&limits, &usage, 100, &wake));
  assert_true(wake == 101);
}

static void test_a_raised_limit_counts_at_once(void **state)
{
  struct bu_limits limits = {0, 0, 2};
  struct bu_usage usage = {0, 0, 0};
  double wake = 1000;

  (void)state;
  bu_usage_begin(&usage, 10);
  assert_false(bu_limits_admit(&limits, &usage, 11, &wake));
  limits.requests_per_minute = 600;
  assert_true(bu_limits_admit(&limits, &usage, 11, &wake));
}

static void test_lifting_a_limit_counts_at_once(void **state)
{
  struct bu_limits limits = {0, 0, 1};
  struct bu_usage usage = {0, 0, 0};
  double wake = 999;

  (void)state;
  bu_usage_begin(&usage, 10);
  assert_false(bu_limits_admit(&limits, &usage, 11, &wake));
  limits.requests_per_minute = 0;
  assert_true(bu_limits_admit(&limits, &usage, 11, &wake));
}

static void test_shares(void **state)
{
  struct bu_limits limits = {0, 1000, 0};

  (void)state;
  assert_int_equal(bu_limits_share(&limits, 0), 0);
  assert_int_equal(bu_limits_share(&limits, 1), 1000);
  assert_int_equal(bu_limits_share(&limits, 3), 333);
  /* 0 would mean no limit. */
  assert_int_equal(bu_limits_share(&limits, 5000), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_no_limits),
      cmocka_unit_test(test_connections),
      cmocka_unit_test(test_requests_a_minute),
      cmocka_unit_test(test_requests_do_not_pile_up),
      cmocka_unit_test(test_a_raised_limit_counts_at_once),
      cmocka_unit_test(test_lifting_a_limit_counts_at_once),
      cmocka_unit_test(test_shares)};

  return RUN(tests);
}
