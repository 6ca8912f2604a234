/* pace_test: when those that send may send more, under a common limit.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "pace.h"

static void test_no_limit(void **state)
{
  struct bu_pace pace = {0, 0, NULL, NULL};
  struct bu_turn turn = {NULL, NULL, 0, 0, 0};
  double wake = 99;

  (void)state;
  assert_int_equal(bu_pace_take(&pace, &turn, INT64_MAX, 5), INT64_MAX);
  assert_null(bu_pace_pop(&pace, 5));
  bu_pace_wake(&pace, &wake);
  assert_true(wake == 99);
}

/* Sends bytes for so many seconds from 100 on, in steps of a millisecond;
 * returns how many it sent in all. */
static int64_t send_alone(struct bu_pace *pace, int64_t wanted,
                          double seconds)
{
  struct bu_turn turn = {NULL, NULL, 0, 0, 0};
  int64_t sum = 0;
  int at;

  for(at = 0; at < (int)(seconds * 1000); at++) {
    double now = 100 + at / 1000.0;

    if(!turn.waits || bu_pace_pop(pace, now))
      sum += bu_pace_take(pace, &turn, wanted, now);
  }
  bu_pace_leave(pace, &turn);
  return sum;
}

static void check_within(int64_t value, int64_t least, int64_t most)
{
  assert_true(value >= least && value <= most);
}

static void check_about(int64_t expected, int64_t value)
{
  check_within(value, expected - expected / 20, expected + expected / 20);
}

static void test_keeps_to_the_limit(void **state)
{
  struct bu_pace fast = {1000000000, 0, NULL, NULL};
  struct bu_pace slow = {1000, 0, NULL, NULL};
  struct bu_pace slowest = {1, 0, NULL, NULL};

  (void)state;
  check_about(2 * 1000000000LL, send_alone(&fast, 1 << 20, 2));
  check_about(10 * 1000, send_alone(&slow, 1 << 20, 10));
  check_within(send_alone(&slowest, 1 << 20, 10), 9, 11);
}

/* A body that is shorter than a turn uses up its own bytes only, so many
 * short ones keep to the limit as one long does. */
static void test_short_bodies_keep_to_it(void **state)
{
  struct bu_pace pace = {100000, 0, NULL, NULL};
  int64_t sum = 0;
  int at;

  (void)state;
  for(at = 0; at < 2000; at++) {
    struct bu_turn turn = {NULL, NULL, 0, 0, 0};
    double now = 100 + at / 1000.0;

    sum += bu_pace_take(&pace, &turn, 700, now);
    bu_pace_leave(&pace, &turn);
  }
  /* And what the time before it stands for. */
  check_within(sum, 2 * 100000, 2 * 100000 + 15000);
}

static void test_turns_are_even(void **state)
{
  struct bu_pace pace = {50000, 100, NULL, NULL};
  struct bu_turn turns[3] = {
      {NULL, NULL, 0, 0, 0}, {NULL, NULL, 0, 0, 0}, {NULL, NULL, 0, 0, 0}};
  int64_t sums[3] = {0, 0, 0};
  int at;
  int i;

  (void)state;
  for(at = 0; at < 3000; at++) {
    double now = 100 + at / 1000.0;
    struct bu_turn *popped;

    while((popped = bu_pace_pop(&pace, now)) != NULL)
      (void)popped;
    /* The first asks most often. */
    for(i = 0; i < 3; i++)
      sums[i] += bu_pace_take(&pace, &turns[i], 1 << 20, now);
    sums[0] += bu_pace_take(&pace, &turns[0], 1 << 20, now);
  }
  for(i = 0; i < 3; i++)
    check_about(50000, sums[i]);
}

/* One that doesn't use its turn, for its connection stalls, keeps nobody. */
static void test_a_turn_that_is_not_used(void **state)
{
  struct bu_pace pace = {1000, 200, NULL, NULL};
  struct bu_turn stalled = {NULL, NULL, 0, 0, 0};
  struct bu_turn other = {NULL, NULL, 0, 0, 0};
  double wake = 999;

  (void)state;
  assert_int_equal(bu_pace_take(&pace, &stalled, 500, 100), 0);
  assert_int_equal(bu_pace_take(&pace, &other, 500, 100), 0);
  bu_pace_wake(&pace, &wake);
  assert_true(wake == 200);
  assert_null(bu_pace_pop(&pace, 199.99));
  assert_ptr_equal(bu_pace_pop(&pace, 200), &stalled);
  assert_null(bu_pace_pop(&pace, 200));
  assert_ptr_equal(bu_pace_pop(&pace, 200.03), &other);
  assert_int_equal(bu_pace_take(&pace, &other, 500, 200.03), 20);
  assert_int_equal(bu_pace_take(&pace, &stalled, 5, 300), 5);
  assert_int_equal(bu_pace_take(&pace, &stalled, 500, 300), 15);
}

static void test_a_lifted_limit_counts_at_once(void **state)
{
  struct bu_pace pace = {1, 200, NULL, NULL};
  struct bu_turn first = {NULL, NULL, 0, 0, 0};
  struct bu_turn second = {NULL, NULL, 0, 0, 0};
  double wake = 999;

  (void)state;
  assert_int_equal(bu_pace_take(&pace, &first, 500, 100), 0);
  assert_int_equal(bu_pace_take(&pace, &second, 500, 100), 0);
  pace.bytes_per_second = 0;
  bu_pace_wake(&pace, &wake);
  assert_true(wake < 100);
  assert_ptr_equal(bu_pace_pop(&pace, 100), &first);
  assert_ptr_equal(bu_pace_pop(&pace, 100), &second);
  assert_null(bu_pace_pop(&pace, 100));
  assert_int_equal(bu_pace_take(&pace, &first, 500, 100), 500);
}

static void test_leaving_the_line(void **state)
{
  struct bu_pace pace = {1000, 200, NULL, NULL};
  struct bu_turn turns[3] = {
      {NULL, NULL, 0, 0, 0}, {NULL, NULL, 0, 0, 0}, {NULL, NULL, 0, 0, 0}};
  double wake = 999;
  int i;

  (void)state;
  for(i = 0; i < 3; i++)
    assert_int_equal(bu_pace_take(&pace, &turns[i], 500, 100), 0);
  bu_pace_leave(&pace, &turns[1]);
  bu_pace_leave(&pace, &turns[1]);
  bu_pace_leave(&pace, &turns[2]);
  assert_int_equal(bu_pace_take(&pace, &turns[1], 500, 100), 0);
  assert_ptr_equal(bu_pace_pop(&pace, 201), &turns[0]);
  assert_ptr_equal(bu_pace_pop(&pace, 202), &turns[1]);
  assert_null(bu_pace_pop(&pace, 203));
  bu_pace_wake(&pace, &wake);
  assert_true(wake == 999);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_no_limit),
      cmocka_unit_test(test_keeps_to_the_limit),
      cmocka_unit_test(test_short_bodies_keep_to_it),
      cmocka_unit_test(test_turns_are_even),
      cmocka_unit_test(test_a_turn_that_is_not_used),
      cmocka_unit_test(test_a_lifted_limit_counts_at_once),
      cmocka_unit_test(test_leaving_the_line)};

  return RUN(tests);
}
