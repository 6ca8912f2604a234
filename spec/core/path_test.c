/* path_test: what is at a path, and whole files written there.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM 128

/* A new folder, and a path in it. */
static char top[CHECK_PATH_MAX];
static char path[ROOM];

static int begin(void **state)
{
  (void)state;
  if(check_folder(top) != 0)
    return -1;
  (void)snprintf(path, sizeof(path), "%s/file", top);
  return 0;
}

/* Nothing else may be left in the folder. */
static int finish(void **state)
{
  (void)state;
  (void)unlink(path);
  return rmdir(top);
}

static void assert_text(const char *expected)
{
  char text[ROOM];
  FILE *file = fopen(path, "r");
  size_t length;

  assert_non_null(file);
  length = fread(text, 1, sizeof(text) - 1, file);
  text[length] = '\0';
  assert_int_equal(fclose(file), 0);
  assert_string_equal(text, expected);
}

static void test_replaces_whole_files(void **state)
{
  struct bu_error error;
  struct stat status;

  (void)state;
  assert_int_equal(bu_path_replace(path, "first\n", 6, &error), BU_OK);
  assert_text("first\n");
  assert_int_equal(chmod(path, 0644), 0);
  assert_int_equal(bu_path_replace(path, "2", 1, &error), BU_OK);
  assert_text("2");
  assert_int_equal(stat(path, &status), 0);
  assert_int_equal(status.st_mode & 0777, 0600);
}

static void test_replaces_nothing_where_it_cant(void **state)
{
  struct bu_error error;
  char other[ROOM + 8];

  (void)state;
  (void)snprintf(other, sizeof(other), "%s/none/x", top);
  assert_int_equal(bu_path_replace(other, "x", 1, &error), BU_ESYSTEM);
  assert_int_equal(mkdir(path, 0700), 0);
  assert_int_equal(bu_path_replace(path, "x", 1, &error), BU_ESYSTEM);
  assert_int_equal(rmdir(path), 0);
}

static void test_tells_who_may_read(void **state)
{
  struct bu_error error;
  int is_private;

  (void)state;
  assert_int_equal(bu_path_is_private(path, &is_private, &error), BU_ESYSTEM);
  assert_int_equal(error.sys, ENOENT);
  assert_int_equal(bu_path_replace(path, "x", 1, &error), BU_OK);
  assert_int_equal(bu_path_is_private(path, &is_private, &error), BU_OK);
  assert_true(is_private);
  assert_int_equal(chmod(path, 0640), 0);
  assert_int_equal(bu_path_is_private(path, &is_private, &error), BU_OK);
  assert_false(is_private);
}

static void test_resolves_links(void **state)
{
  struct bu_error error;
  char link[ROOM + 8];
  char *expected;
  char *real;

  (void)state;
  (void)snprintf(link, sizeof(link), "%s/link", top);
  assert_int_equal(symlink(path, link), 0);
  assert_null(bu_path_real(link, &error));
  assert_int_equal(error.sys, ENOENT);
  assert_int_equal(bu_path_replace(path, "x", 1, &error), BU_OK);
  real = bu_path_real(link, &error);
  expected = bu_path_real(path, &error);
  assert_non_null(real);
  assert_string_equal(real, expected);
  free(real);
  free(expected);
  assert_int_equal(unlink(link), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_replaces_whole_files, begin,
                                      finish),
      cmocka_unit_test_setup_teardown(test_replaces_nothing_where_it_cant,
                                      begin, finish),
      cmocka_unit_test_setup_teardown(test_tells_who_may_read, begin, finish),
      cmocka_unit_test_setup_teardown(test_resolves_links, begin, finish)};

  return RUN(tests);
}
