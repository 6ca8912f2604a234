/* folder_test: makes folders, and lists what is in one.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM 128

/* A new folder, and the path of a name in it. */
static char top[CHECK_PATH_MAX];
static char path[ROOM];

static const char *in_top(const char *name)
{
  (void)snprintf(path, sizeof(path), "%s/%s", top, name);
  return path;
}

static int begin(void **state)
{
  (void)state;
  return check_folder(top);
}

/* Removes what the tests make. */
static int finish(void **state)
{
  static const char *const names[] = {"a/b/c", "a/b", "a", "1",
                                      "2",     "3",   "l"};
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    (void)remove(in_top(names[i]));
  return rmdir(top);
}

static void assert_private_folder(const char *name)
{
  struct stat status;

  assert_int_equal(stat(in_top(name), &status), 0);
  assert_true(S_ISDIR(status.st_mode));
  assert_int_equal(status.st_mode & 0777, 0700);
}

static void test_makes_all_that_is_missing(void **state)
{
  struct bu_error error;

  (void)state;
  assert_int_equal(bu_folder_make(in_top("a/b/c"), &error), BU_OK);
  assert_private_folder("a");
  assert_private_folder("a/b");
  assert_private_folder("a/b/c");
  assert_int_equal(bu_folder_make(in_top("a/b/c"), &error), BU_OK);
  assert_int_equal(bu_folder_make(in_top("a//b/"), &error), BU_OK);
  assert_int_equal(bu_folder_make("/", &error), BU_OK);
}

static void test_a_file_in_the_way(void **state)
{
  struct bu_error error;
  FILE *file = fopen(in_top("1"), "w");

  (void)state;
  assert_non_null(file);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(bu_folder_make(in_top("1"), &error), BU_ESYSTEM);
  assert_int_equal(error.sys, ENOTDIR);
  assert_int_equal(bu_folder_make(in_top("1/x"), &error), BU_ESYSTEM);
  assert_int_equal(error.sys, ENOTDIR);
}

static int seen[3];

static int note(void *argument, const char *name)
{
  int *left = argument;

  assert_int_equal(strlen(name), 1);
  seen[name[0] - '1']++;
  return --*left == 0;
}

static void test_lists_every_name_once(void **state)
{
  static const char *const names[] = {"1", "2", "3"};
  struct bu_error error;
  int left = 100;
  int i;

  (void)state;
  memset(seen, 0, sizeof(seen));
  for(i = 0; i < 3; i++)
    assert_int_equal(mkdir(in_top(names[i]), 0700), 0);
  assert_int_equal(bu_folder_list(top, note, &left, &error), BU_OK);
  for(i = 0; i < 3; i++)
    assert_int_equal(seen[i], 1);
  assert_int_equal(left, 97);
}

static void test_stops_when_told(void **state)
{
  struct bu_error error;
  int left = 1;

  (void)state;
  assert_int_equal(mkdir(in_top("1"), 0700), 0);
  assert_int_equal(mkdir(in_top("2"), 0700), 0);
  assert_int_equal(bu_folder_list(top, note, &left, &error), BU_OK);
  assert_int_equal(left, 0);
}

static void test_a_folder_that_is_not_there(void **state)
{
  struct bu_error error;
  int left = 1;

  (void)state;
  assert_int_equal(bu_folder_list(in_top("a"), note, &left, &error),
                   BU_ESYSTEM);
  assert_int_equal(error.sys, ENOENT);
}

static void test_reads_entry_by_entry(void **state)
{
  struct bu_error error;
  struct bu_folder *folder;
  const char *name;

  (void)state;
  assert_null(bu_folder_open(in_top("a"), &error));
  assert_int_equal(error.sys, ENOENT);
  assert_int_equal(mkdir(in_top("1"), 0700), 0);
  folder = bu_folder_open(top, &error);
  assert_non_null(folder);
  assert_int_equal(bu_folder_next(folder, &name, &error), BU_OK);
  assert_string_equal(name, "1");
  assert_int_equal(bu_folder_next(folder, &name, &error), BU_OK);
  assert_null(name);
  bu_folder_close(folder);
  bu_folder_close(NULL);
}

static void test_looks_at_what_is_there(void **state)
{
  struct bu_error error;
  enum bu_entry entry;
  int64_t size;
  FILE *file = fopen(in_top("1"), "w");

  (void)state;
  assert_non_null(file);
  assert_int_equal(fputs("abc", file) >= 0, 1);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(symlink("1", in_top("2")), 0);
  assert_int_equal(bu_folder_look(in_top("1"), 0, &entry, &size, &error), 0);
  assert_int_equal(entry, BU_ENTRY_FILE);
  assert_int_equal(size, 3);
  assert_int_equal(bu_folder_look(in_top("2"), 0, &entry, &size, &error), 0);
  assert_int_equal(entry, BU_ENTRY_LINK);
  assert_int_equal(bu_folder_look(in_top("2"), 1, &entry, &size, &error), 0);
  assert_int_equal(entry, BU_ENTRY_FILE);
  assert_int_equal(bu_folder_look(top, 0, &entry, &size, &error), 0);
  assert_int_equal(entry, BU_ENTRY_FOLDER);
  assert_int_equal(bu_folder_look("/dev/null", 0, &entry, &size, &error), 0);
  assert_int_equal(entry, BU_ENTRY_DEVICE);
  assert_int_equal(mkfifo(in_top("3"), 0600), 0);
  assert_int_equal(bu_folder_look(in_top("3"), 0, &entry, &size, &error), 0);
  assert_int_equal(entry, BU_ENTRY_PIPE);
  assert_int_equal(remove(in_top("3")), 0);
  assert_int_equal(bu_folder_look(in_top("3"), 0, &entry, &size, &error),
                   BU_ESYSTEM);
  assert_int_equal(error.sys, ENOENT);
}

/* With "a/b" in the new folder, a file "1" and a link "l" to "a". */
static struct bu_folder *opened_with_a_link(void)
{
  struct bu_error error;
  struct bu_folder *folder;
  FILE *file = fopen(in_top("1"), "w");

  assert_non_null(file);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(bu_folder_make(in_top("a/b"), &error), BU_OK);
  assert_int_equal(symlink("a", in_top("l")), 0);
  folder = bu_folder_open(top, &error);
  assert_non_null(folder);
  return folder;
}

static void test_opens_what_is_in_a_folder(void **state)
{
  struct bu_folder *folder = opened_with_a_link();
  struct bu_folder *inner;
  struct bu_error error;
  const char *name;

  (void)state;
  inner = bu_folder_open_in(folder, "a", &error);
  assert_non_null(inner);
  assert_string_equal(bu_folder_path(inner), in_top("a"));
  assert_int_equal(bu_folder_next(inner, &name, &error), BU_OK);
  assert_string_equal(name, "b");
  assert_int_equal(bu_folder_next(inner, &name, &error), BU_OK);
  assert_null(name);
  bu_folder_rewind(inner);
  assert_int_equal(bu_folder_next(inner, &name, &error), BU_OK);
  assert_string_equal(name, "b");
  bu_folder_close(inner);
  assert_null(bu_folder_open_in(folder, "l", &error));
  assert_int_equal(error.code, BU_ELINK);
  assert_non_null(strstr(error.text, in_top("l")));
  assert_null(bu_folder_open_in(folder, "1", &error));
  assert_int_equal(error.sys, ENOTDIR);
  assert_null(bu_folder_open_in(folder, "2", &error));
  assert_int_equal(error.sys, ENOENT);
  bu_folder_close(folder);
}

/* Only the last component of a name would be kept from being a link. */
static void test_takes_nothing_but_names(void **state)
{
  static const char *const bad[] = {"",    ".",   "..",  "/",
                                    "a/b", "l/b", "/a/", "../x"};
  struct bu_folder *folder = opened_with_a_link();
  struct bu_error error;
  enum bu_entry entry;
  int64_t size;
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    assert_null(bu_folder_open_in(folder, bad[i], &error));
    assert_int_equal(error.code, BU_EINVALID);
    assert_int_equal(bu_folder_look_in(folder, bad[i], &entry, &size, &error),
                     BU_EINVALID);
  }
  bu_folder_close(folder);
}

static void test_looks_without_following(void **state)
{
  struct bu_folder *folder = opened_with_a_link();
  struct bu_error error;
  enum bu_entry entry;
  int64_t size;

  (void)state;
  assert_int_equal(bu_folder_look_in(folder, "l", &entry, &size, &error), 0);
  assert_int_equal(entry, BU_ENTRY_LINK);
  assert_int_equal(bu_folder_look_in(folder, "a", &entry, &size, &error), 0);
  assert_int_equal(entry, BU_ENTRY_FOLDER);
  assert_int_equal(bu_folder_look_in(folder, "2", &entry, &size, &error),
                   BU_ESYSTEM);
  assert_int_equal(error.sys, ENOENT);
  bu_folder_close(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(test_makes_all_that_is_missing),
                                     TEST(test_a_file_in_the_way),
                                     TEST(test_lists_every_name_once),
                                     TEST(test_stops_when_told),
                                     TEST(test_a_folder_that_is_not_there),
                                     TEST(test_reads_entry_by_entry),
                                     TEST(test_looks_at_what_is_there),
                                     TEST(test_opens_what_is_in_a_folder),
                                     TEST(test_takes_nothing_but_names),
                                     TEST(test_looks_without_following)};

  return RUN(tests);
}
