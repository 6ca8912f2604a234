/* lane_test: how many may be on the network at once.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "lane.h"

static void test_lets_in_as_many_as_it_is_wide(void **state)
{
  struct bu_lane *lane = bu_lane_new(2);

  (void)state;
  assert_non_null(lane);
  assert_true(bu_lane_enter(lane));
  assert_true(bu_lane_enter(lane));
  assert_false(bu_lane_enter(lane));
  bu_lane_leave(lane);
  assert_true(bu_lane_enter(lane));
  assert_false(bu_lane_enter(lane));
  bu_lane_release(lane);
}

static void test_may_change_its_width(void **state)
{
  struct bu_lane *lane = bu_lane_new(3);

  (void)state;
  assert_true(bu_lane_enter(lane));
  assert_true(bu_lane_enter(lane));
  bu_lane_set_width(lane, 1);
  assert_false(bu_lane_enter(lane));
  bu_lane_leave(lane);
  assert_false(bu_lane_enter(lane));
  bu_lane_leave(lane);
  assert_true(bu_lane_enter(lane));
  bu_lane_set_width(lane, 2);
  assert_true(bu_lane_enter(lane));
  bu_lane_release(lane);
}

static void test_closed_at_width_zero(void **state)
{
  struct bu_lane *lane = bu_lane_new(0);

  (void)state;
  assert_false(bu_lane_enter(lane));
  bu_lane_release(lane);
}

static void test_none_is_never_full(void **state)
{
  int i;

  (void)state;
  for(i = 0; i < 1000; i++)
    assert_true(bu_lane_enter(NULL));
  bu_lane_leave(NULL);
  bu_lane_release(NULL);
}

static void test_lives_until_the_last_release(void **state)
{
  struct bu_lane *lane = bu_lane_new(1);

  (void)state;
  assert_ptr_equal(bu_lane_acquire(lane), lane);
  bu_lane_release(lane);
  assert_true(bu_lane_enter(lane));
  bu_lane_release(lane);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lets_in_as_many_as_it_is_wide),
      cmocka_unit_test(test_may_change_its_width),
      cmocka_unit_test(test_closed_at_width_zero),
      cmocka_unit_test(test_none_is_never_full),
      cmocka_unit_test(test_lives_until_the_last_release)};

  return RUN(tests);
}
