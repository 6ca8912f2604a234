/* semaphore_test: how many may be on the network at once.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "semaphore.h"

static void test_gives_as_many_places_as_its_limit(void **state)
{
  struct bu_semaphore *semaphore = bu_semaphore_new(2);

  (void)state;
  assert_non_null(semaphore);
  assert_true(bu_semaphore_trywait(semaphore, 0));
  assert_true(bu_semaphore_trywait(semaphore, 0));
  assert_false(bu_semaphore_trywait(semaphore, 0));
  bu_semaphore_post(semaphore);
  assert_true(bu_semaphore_trywait(semaphore, 0));
  assert_false(bu_semaphore_trywait(semaphore, 0));
  bu_semaphore_release(semaphore);
}

static void test_the_limit_may_change(void **state)
{
  struct bu_semaphore *semaphore = bu_semaphore_new(3);

  (void)state;
  assert_true(bu_semaphore_trywait(semaphore, 0));
  assert_true(bu_semaphore_trywait(semaphore, 0));
  bu_semaphore_set_limit(semaphore, 1);
  assert_false(bu_semaphore_trywait(semaphore, 0));
  bu_semaphore_post(semaphore);
  assert_false(bu_semaphore_trywait(semaphore, 0));
  bu_semaphore_post(semaphore);
  assert_true(bu_semaphore_trywait(semaphore, 0));
  bu_semaphore_set_limit(semaphore, 2);
  assert_true(bu_semaphore_trywait(semaphore, 0));
  bu_semaphore_release(semaphore);
}

static void test_gives_no_place_at_limit_zero(void **state)
{
  struct bu_semaphore *semaphore = bu_semaphore_new(0);

  (void)state;
  assert_false(bu_semaphore_trywait(semaphore, 0));
  bu_semaphore_release(semaphore);
}

static void test_a_lower_limit_counts_as_the_least(void **state)
{
  struct bu_semaphore *semaphore = bu_semaphore_new(0);

  (void)state;
  assert_true(bu_semaphore_trywait(semaphore, 1));
  assert_false(bu_semaphore_trywait(semaphore, 1));
  bu_semaphore_set_limit(semaphore, 2);
  assert_true(bu_semaphore_trywait(semaphore, 1));
  assert_false(bu_semaphore_trywait(semaphore, 1));
  bu_semaphore_release(semaphore);
}

static void test_none_has_no_limit(void **state)
{
  int i;

  (void)state;
  for(i = 0; i < 1000; i++)
    assert_true(bu_semaphore_trywait(NULL, 0));
  bu_semaphore_post(NULL);
  bu_semaphore_release(NULL);
}

static void test_lives_until_the_last_release(void **state)
{
  struct bu_semaphore *semaphore = bu_semaphore_new(1);

  (void)state;
  assert_ptr_equal(bu_semaphore_acquire(semaphore), semaphore);
  bu_semaphore_release(semaphore);
  assert_true(bu_semaphore_trywait(semaphore, 0));
  bu_semaphore_release(semaphore);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gives_as_many_places_as_its_limit),
      cmocka_unit_test(test_the_limit_may_change),
      cmocka_unit_test(test_gives_no_place_at_limit_zero),
      cmocka_unit_test(test_a_lower_limit_counts_as_the_least),
      cmocka_unit_test(test_none_has_no_limit),
      cmocka_unit_test(test_lives_until_the_last_release)};

  return RUN(tests);
}
