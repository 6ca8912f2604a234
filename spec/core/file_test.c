/* file_test: opening, reading, and noticing change.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "file.h"
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bu_file *opened(char *path, const char *bytes)
{
  struct bu_error error;
  struct bu_file *file;

  check_file(path, bytes, strlen(bytes));
  file = bu_file_open(path, &error);
  assert_non_null(file);
  return file;
}

static void assert_check(const struct bu_file *file, enum bu_code code)
{
  struct bu_error error;

  bu_error_clear(&error);
  assert_int_equal(bu_file_check(file, &error), code);
  assert_int_equal(error.code, code);
}

static void closed(struct bu_file *file, const char *path)
{
  bu_file_release(file);
  (void)unlink(path);
}

static void test_knows_what_it_opened(void **state)
{
  char path[CHECK_PATH_MAX];
  struct bu_file *file = opened(path, "hello");
  const struct bu_identity *identity = bu_file_identity(file);
  struct stat status;

  (void)state;
  assert_int_equal(stat(path, &status), 0);
  assert_int_equal(identity->size, 5);
  assert_int_equal(identity->inode, status.st_ino);
  assert_int_equal(identity->device, status.st_dev);
  assert_int_equal(identity->mtime.tv_sec, status.st_mtim.tv_sec);
  assert_int_equal(identity->mtime.tv_nsec, status.st_mtim.tv_nsec);
  assert_string_equal(bu_file_path(file), path);
  assert_check(file, BU_OK);
  closed(file, path);
}

static void test_reads_at_any_offset(void **state)
{
  char path[CHECK_PATH_MAX];
  struct bu_file *file = opened(path, "0123456789");
  struct bu_error error;
  char data[16] = "";

  (void)state;
  assert_int_equal(bu_file_read(file, 3, data, 4, &error), 4);
  assert_memory_equal(data, "3456", 4);
  assert_int_equal(bu_file_read(file, 8, data, 16, &error), 2);
  assert_memory_equal(data, "89", 2);
  assert_int_equal(bu_file_read(file, 10, data, 16, &error), 0);
  assert_int_equal(bu_file_read(file, (int64_t)1 << 40, data, 1, &error), 0);
  assert_int_equal(bu_file_read(file, -1, data, 1, &error), -1);
  assert_int_equal(error.sys, EINVAL);
  closed(file, path);
}

static void test_refuses_what_is_no_file(void **state)
{
  struct bu_error error;
  char path[CHECK_PATH_MAX];

  (void)state;
  assert_null(bu_file_open("/nowhere/at/all", &error));
  assert_int_equal(error.code, BU_ESYSTEM);
  assert_int_equal(error.sys, ENOENT);
  assert_null(bu_file_open("/tmp", &error));
  assert_int_equal(error.sys, EISDIR);
  assert_null(bu_file_open("/dev/null", &error));
  assert_int_equal(error.code, BU_EINVALID);
  /* Opening must not wait for somebody who writes to the pipe. */
  check_file(path, "", 0);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_null(bu_file_open(path, &error));
  assert_int_equal(error.code, BU_EINVALID);
  assert_int_equal(unlink(path), 0);
}

static void test_opens_an_empty_file(void **state)
{
  char path[CHECK_PATH_MAX];
  struct bu_file *file = opened(path, "");

  (void)state;
  assert_int_equal(bu_file_identity(file)->size, 0);
  assert_check(file, BU_OK);
  closed(file, path);
}

static void test_descriptor_is_not_inherited(void **state)
{
  char path[CHECK_PATH_MAX];
  int lowest = dup(0);
  struct bu_file *file;

  (void)state;
  assert_int_equal(close(lowest), 0);
  file = opened(path, "x");
  assert_int_equal(fcntl(lowest, F_GETFD), FD_CLOEXEC);
  closed(file, path);
}

static void test_notices_another_size(void **state)
{
  char path[CHECK_PATH_MAX];
  struct bu_file *file = opened(path, "hello");

  (void)state;
  check_write(path, "hello!", 6);
  assert_check(file, BU_ECHANGED);
  closed(file, path);
}

/* Some systems give a file that loses a name another ctime. */
static void assert_not_changed(const struct bu_file *file)
{
  struct bu_error error;
  int code = bu_file_check(file, &error);

  assert_true(code == BU_OK || code == BU_ETOUCHED);
}

static const struct timespec past[2] = {{1000, 0}, {1000, 1}};

/* With times that no write gives it again. */
static struct bu_file *opened_old(char *path, const char *bytes)
{
  struct bu_error error;
  struct bu_file *file;

  check_file(path, bytes, strlen(bytes));
  assert_int_equal(utimensat(AT_FDCWD, path, past, 0), 0);
  file = bu_file_open(path, &error);
  assert_non_null(file);
  return file;
}

/* The path names another file now, with these bytes and times. */
static void replace(const char *path, const char *bytes,
                    const struct timespec *times)
{
  char other[CHECK_PATH_MAX];

  check_file(other, bytes, strlen(bytes));
  assert_int_equal(utimensat(AT_FDCWD, other, times, 0), 0);
  assert_int_equal(rename(other, path), 0);
}

static void test_notices_a_write_of_the_same_size(void **state)
{
  char path[CHECK_PATH_MAX];
  struct bu_file *file = opened_old(path, "hello");

  (void)state;
  assert_check(file, BU_OK);
  check_write(path, "HELLO", 5);
  assert_check(file, BU_ETOUCHED);
  closed(file, path);
}

/* A program can set back the mtime, but not the ctime. */
static void test_notices_a_time_set_back(void **state)
{
  char path[CHECK_PATH_MAX];
  struct timespec times[2];
  struct bu_file *file;
  struct bu_identity now;
  struct bu_error error;

  (void)state;
  file = opened(path, "hello");
  times[0] = bu_file_identity(file)->mtime;
  times[1] = times[0];
  /* A clock may give both writes the same time. */
  do {
    check_write(path, "HELLO", 5);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_int_equal(bu_file_identify(file, &now, &error), BU_OK);
  } while(now.ctime.tv_sec == bu_file_identity(file)->ctime.tv_sec &&
          now.ctime.tv_nsec == bu_file_identity(file)->ctime.tv_nsec);
  assert_int_equal(now.mtime.tv_nsec, times[0].tv_nsec);
  assert_check(file, BU_ETOUCHED);
  closed(file, path);
}

static void test_notices_a_replacement(void **state)
{
  static const struct timespec later[2] = {{2000, 0}, {2000, 0}};
  char path[CHECK_PATH_MAX];
  struct bu_file *file = opened_old(path, "hello");

  (void)state;
  replace(path, "hello", later);
  assert_check(file, BU_ECHANGED);
  replace(path, "hello!", past);
  assert_check(file, BU_ECHANGED);
  /* A copy, as of a backup that was restored. */
  replace(path, "hello", past);
  assert_not_changed(file);
  closed(file, path);
}

static void test_a_removal_is_no_change_of_the_bytes(void **state)
{
  char path[CHECK_PATH_MAX];
  struct bu_file *file = opened_old(path, "hello");

  (void)state;
  assert_int_equal(unlink(path), 0);
  assert_not_changed(file);
  bu_file_release(file);
}

/* A new folder with a file "d/f" of these bytes, a link "d/l" to that, and a
 * link "e" to "d". */
struct tree {
  char top[CHECK_PATH_MAX];
  char path[CHECK_PATH_MAX + 32];
};

static const char *in_tree(struct tree *tree, const char *name)
{
  (void)snprintf(tree->path, sizeof(tree->path), "%s/%s", tree->top, name);
  return tree->path;
}

static void plant(struct tree *tree, const char *bytes)
{
  FILE *file;
  char *real;

  assert_int_equal(check_folder(tree->top), 0);
  real = realpath(tree->top, NULL);
  assert_non_null(real);
  (void)snprintf(tree->top, sizeof(tree->top), "%s", real);
  free(real);
  assert_int_equal(mkdir(in_tree(tree, "d"), 0700), 0);
  file = fopen(in_tree(tree, "d/f"), "w");
  assert_non_null(file);
  assert_true(fputs(bytes, file) >= 0);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(symlink("f", in_tree(tree, "d/l")), 0);
  assert_int_equal(symlink("d", in_tree(tree, "e")), 0);
}

static void uproot(struct tree *tree)
{
  static const char *const names[] = {"d/f", "d/l", "d",  "e",
                                      "x/f", "x/l", "x/", "x"};
  size_t i;

  for(i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    (void)remove(in_tree(tree, names[i]));
  assert_int_equal(rmdir(tree->top), 0);
}

static void assert_below(const struct tree *tree, const char *path,
                         enum bu_code code)
{
  struct bu_error error;
  struct bu_file *file;

  bu_error_clear(&error);
  file = bu_file_open_below(tree->top, path, &error);
  assert_int_equal(error.code, code);
  assert_int_equal(file != NULL, code == BU_OK);
  bu_file_release(file);
}

static void test_stays_below_a_folder(void **state)
{
  static const char *const out[] = {"",         "/",    "/d/f",  "../d/f",
                                    "d/../d/f", "d//f", "./d/f", "d/.",
                                    "d/f/",     "d/.."};
  struct tree tree;
  struct bu_error error;
  struct bu_file *file;
  size_t i;

  (void)state;
  plant(&tree, "hello");
  assert_below(&tree, "d/f", BU_OK);
  assert_below(&tree, "d/l", BU_ELINK);
  assert_below(&tree, "e/f", BU_ELINK);
  assert_below(&tree, "d/g", BU_ESYSTEM);
  assert_below(&tree, "d", BU_ESYSTEM);
  assert_below(&tree, "d/f/g", BU_ESYSTEM);
  for(i = 0; i < sizeof(out) / sizeof(out[0]); i++)
    assert_below(&tree, out[i], BU_EINVALID);
  /* The folder's own path may be a link. */
  file = bu_file_open_below(in_tree(&tree, "e"), "f", &error);
  assert_non_null(file);
  bu_file_release(file);
  assert_null(bu_file_open_below(in_tree(&tree, "e"), "l", &error));
  assert_null(bu_file_open_below(in_tree(&tree, "d/f"), "f", &error));
  assert_int_equal(error.sys, ENOTDIR);
  uproot(&tree);
}

static void assert_real_path(const struct bu_file *file, const char *expected)
{
  struct bu_error error;
  char *real = bu_file_real_path(file, &error);

  assert_non_null(real);
  assert_string_equal(real, expected);
  free(real);
}

/* The path below is put in the place of the file, or of its folder, when that
 * is open. */
static void test_opens_again_without_following(void **state)
{
  struct tree tree;
  char other[CHECK_PATH_MAX + 32];
  struct bu_error error;
  struct bu_file *file;
  struct bu_file *again;

  (void)state;
  plant(&tree, "hello");
  file = bu_file_open_below(tree.top, "d/f", &error);
  assert_non_null(file);
  assert_string_equal(bu_file_path(file), in_tree(&tree, "d/f"));
  assert_real_path(file, in_tree(&tree, "d/f"));
  again = bu_file_reopen(file, &error);
  assert_non_null(again);
  assert_int_equal(bu_file_identity(again)->inode,
                   bu_file_identity(file)->inode);
  bu_file_release(again);
  assert_int_equal(unlink(in_tree(&tree, "d/f")), 0);
  assert_int_equal(symlink("/dev/null", in_tree(&tree, "d/f")), 0);
  assert_null(bu_file_reopen(file, &error));
  assert_int_equal(error.code, BU_ELINK);
  assert_real_path(file, in_tree(&tree, "d/f"));
  (void)snprintf(other, sizeof(other), "%s", in_tree(&tree, "x"));
  assert_int_equal(rename(in_tree(&tree, "d"), other), 0);
  assert_int_equal(symlink("/dev", in_tree(&tree, "d")), 0);
  assert_null(bu_file_reopen(file, &error));
  assert_int_equal(error.code, BU_ELINK);
  assert_null(bu_file_real_path(file, &error));
  assert_int_equal(error.code, BU_ECHANGED);
  bu_file_release(file);
  uproot(&tree);
}

/* The file that a link at its place leads to isn't looked at. */
static void test_a_link_in_its_place_is_a_change(void **state)
{
  struct tree tree;
  struct bu_error error;
  struct bu_folder *folder;
  struct bu_file *file;

  (void)state;
  plant(&tree, "hello");
  folder = bu_folder_open(in_tree(&tree, "d"), &error);
  assert_non_null(folder);
  assert_null(bu_file_open_in(folder, "l", &error));
  assert_int_equal(error.code, BU_ELINK);
  file = bu_file_open_in(folder, "f", &error);
  assert_non_null(file);
  bu_folder_close(folder);
  assert_check(file, BU_OK);
  assert_int_equal(unlink(in_tree(&tree, "d/f")), 0);
  assert_int_equal(symlink("/dev/null", in_tree(&tree, "d/f")), 0);
  assert_check(file, BU_ECHANGED);
  bu_file_release(file);
  uproot(&tree);
}

static void test_a_spool(void **state)
{
  struct bu_error error;
  struct bu_file *spool = bu_file_spool("/tmp", &error);
  char data[16];

  (void)state;
  assert_non_null(spool);
  assert_int_equal(bu_file_identity(spool)->size, 0);
  assert_int_equal(bu_file_append(spool, "hello ", 6, &error), BU_OK);
  assert_int_equal(bu_file_append(spool, "", 0, &error), BU_OK);
  assert_int_equal(bu_file_append(spool, "fixture", 5, &error), BU_OK);
  assert_int_equal(bu_file_identity(spool)->size, 11);
  assert_int_equal(bu_file_read(spool, 0, data, 16, &error), 11);
  assert_memory_equal(data, "hello fixture", 11);
  assert_check(spool, BU_OK);
  bu_file_release(spool);
  assert_null(bu_file_spool("/nowhere/at/all", &error));
  assert_int_equal(error.sys, ENOENT);
}

static void test_only_a_spool_is_written_to(void **state)
{
  char path[CHECK_PATH_MAX];
  struct bu_file *file = opened(path, "hello");
  struct bu_error error;

  (void)state;
  assert_int_equal(bu_file_append(file, "x", 1, &error), BU_EINVALID);
  assert_check(file, BU_OK);
  closed(file, path);
}

static void test_lives_until_the_last_release(void **state)
{
  char path[CHECK_PATH_MAX];
  struct bu_file *file = opened(path, "hello");
  struct bu_error error;
  char byte;

  (void)state;
  assert_ptr_equal(bu_file_acquire(file), file);
  bu_file_release(file);
  assert_int_equal(bu_file_read(file, 1, &byte, 1, &error), 1);
  assert_int_equal(byte, 'e');
  closed(file, path);
  bu_file_release(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_knows_what_it_opened),
      cmocka_unit_test(test_reads_at_any_offset),
      cmocka_unit_test(test_refuses_what_is_no_file),
      cmocka_unit_test(test_opens_an_empty_file),
      cmocka_unit_test(test_descriptor_is_not_inherited),
      cmocka_unit_test(test_notices_another_size),
      cmocka_unit_test(test_notices_a_write_of_the_same_size),
      cmocka_unit_test(test_notices_a_time_set_back),
      cmocka_unit_test(test_notices_a_replacement),
      cmocka_unit_test(test_a_removal_is_no_change_of_the_bytes),
      cmocka_unit_test(test_stays_below_a_folder),
      cmocka_unit_test(test_opens_again_without_following),
      cmocka_unit_test(test_a_link_in_its_place_is_a_change),
      cmocka_unit_test(test_a_spool),
      cmocka_unit_test(test_only_a_spool_is_written_to),
      cmocka_unit_test(test_lives_until_the_last_release)};

  return RUN(tests);
}
