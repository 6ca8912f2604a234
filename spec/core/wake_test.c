/* wake_test: a descriptor that can be made readable.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "wake.h"

#include <fcntl.h>
#include <unistd.h>

static void test_is_readable_while_raised(void **state)
{
  struct bu_wake wake;
  struct bu_error error;
  int i;

  (void)state;
  assert_int_equal(bu_wake_open(&wake, &error), BU_OK);
  assert_false(check_readable(wake.read_fd));
  for(i = 0; i < 3; i++)
    bu_wake_raise(&wake);
  assert_true(check_readable(wake.read_fd));
  assert_true(check_readable(wake.read_fd));
  bu_wake_lower(&wake);
  assert_false(check_readable(wake.read_fd));
  bu_wake_lower(&wake);
  bu_wake_raise(&wake);
  assert_true(check_readable(wake.read_fd));
  bu_wake_close(&wake);
}

static void test_is_not_inherited_and_never_blocks(void **state)
{
  struct bu_wake wake;
  struct bu_error error;

  (void)state;
  assert_int_equal(bu_wake_open(&wake, &error), BU_OK);
  assert_int_equal(fcntl(wake.read_fd, F_GETFD), FD_CLOEXEC);
  assert_int_equal(fcntl(wake.write_fd, F_GETFD), FD_CLOEXEC);
  assert_true(fcntl(wake.read_fd, F_GETFL) & O_NONBLOCK);
  assert_true(fcntl(wake.write_fd, F_GETFL) & O_NONBLOCK);
  bu_wake_close(&wake);
}

static void test_close_twice(void **state)
{
  struct bu_wake wake;
  struct bu_error error;
  int descriptor;

  (void)state;
  assert_int_equal(bu_wake_open(&wake, &error), BU_OK);
  descriptor = wake.read_fd;
  bu_wake_close(&wake);
  assert_int_equal(fcntl(descriptor, F_GETFD), -1);
  bu_wake_close(&wake);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_is_readable_while_raised),
      cmocka_unit_test(test_is_not_inherited_and_never_blocks),
      cmocka_unit_test(test_close_twice)};

  return RUN(tests);
}
