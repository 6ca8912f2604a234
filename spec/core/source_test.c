/* source_test: slices of files and of memory.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "source.h"

#include <string.h>
#include <unistd.h>

/* Reads all that is left, `room` bytes at a time, into out (64 bytes). */
static int64_t drain(struct bu_source *source, size_t room, char *out)
{
  struct bu_error error;
  int64_t total = 0;
  int64_t count;

  memset(out, 0, 64);
  do {
    count = bu_source_read(source, out + total, room, &error);
    assert_true(count >= 0);
    total += count;
  } while(count > 0);
  return total;
}

static void test_memory(void **state)
{
  struct bu_source source;
  char out[64];

  (void)state;
  bu_source_memory(&source, "0123456789", 10);
  assert_int_equal(drain(&source, 3, out), 10);
  assert_string_equal(out, "0123456789");
  assert_int_equal(drain(&source, 3, out), 0);
  assert_int_equal(bu_source_seek(&source, 8), BU_OK);
  assert_int_equal(drain(&source, 64, out), 2);
  assert_string_equal(out, "89");
  bu_source_free(&source);
}

static void test_nothing(void **state)
{
  struct bu_source source;
  char out[64];

  (void)state;
  bu_source_memory(&source, "", 0);
  assert_int_equal(drain(&source, 64, out), 0);
  assert_int_equal(bu_source_seek(&source, 0), BU_OK);
  bu_source_free(&source);
}

static void test_seek_stays_inside(void **state)
{
  struct bu_source source;

  (void)state;
  bu_source_memory(&source, "0123456789", 10);
  assert_int_equal(bu_source_seek(&source, 10), BU_OK);
  assert_int_equal(bu_source_seek(&source, 11), BU_EINVALID);
  assert_int_equal(bu_source_seek(&source, -1), BU_EINVALID);
  assert_int_equal(source.position, 10);
  bu_source_free(&source);
}

static void test_slices_of_one_file_do_not_meet(void **state)
{
  char path[CHECK_PATH_MAX];
  struct bu_error error;
  struct bu_source a;
  struct bu_source b;
  struct bu_file *file;
  char out[64];

  (void)state;
  check_file(path, "0123456789", 10);
  file = bu_file_open(path, &error);
  assert_non_null(file);
  bu_source_file(&a, file, 0, 4);
  bu_source_file(&b, file, 4, 6);
  bu_file_release(file);
  assert_int_equal(bu_source_read(&a, out, 2, &error), 2);
  assert_int_equal(drain(&b, 5, out), 6);
  assert_string_equal(out, "456789");
  assert_int_equal(drain(&a, 64, out), 2);
  assert_string_equal(out, "23");
  assert_int_equal(bu_source_seek(&a, 0), BU_OK);
  assert_int_equal(drain(&a, 64, out), 4);
  bu_source_free(&a);
  bu_source_free(&b);
  assert_int_equal(unlink(path), 0);
}

static void test_a_file_that_shrank_is_no_end(void **state)
{
  char path[CHECK_PATH_MAX];
  struct bu_error error;
  struct bu_source source;
  struct bu_file *file;
  char out[64];

  (void)state;
  check_file(path, "0123456789", 10);
  file = bu_file_open(path, &error);
  assert_non_null(file);
  bu_source_file(&source, file, 5, 5);
  bu_file_release(file);
  assert_int_equal(truncate(path, 7), 0);
  assert_int_equal(bu_source_read(&source, out, 5, &error), -1);
  assert_int_equal(error.code, BU_ECHANGED);
  bu_source_free(&source);
  assert_int_equal(unlink(path), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_memory), cmocka_unit_test(test_nothing),
      cmocka_unit_test(test_seek_stays_inside),
      cmocka_unit_test(test_slices_of_one_file_do_not_meet),
      cmocka_unit_test(test_a_file_that_shrank_is_no_end)};

  return RUN(tests);
}
