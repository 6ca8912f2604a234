/* journal_test: a private file of lines that survives its writer.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOM 128

/* A file system that lacks something: these come before the system's own. The
 * errno of a call that it doesn't have, or 0. */
static int no_link;
static int no_lock;
static int no_sync;
/* How many syncs a signal interrupts, after how many. */
static int interrupts;
static int before_interrupts;

int link(const char *from, const char *to)
{
  errno = no_link;
  return no_link ? -1 : linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* One lock after another is enough for the tests that use it. */
static int lock_fails(void)
{
  errno = no_lock;
  return no_lock != 0;
}

int fsync(int descriptor)
{
  if(before_interrupts > 0) {
    before_interrupts--;
  } else if(interrupts > 0) {
    interrupts--;
    errno = EINTR;
    return -1;
  }
  errno = no_sync;
  return no_sync ? -1 : fdatasync(descriptor);
}

#ifdef __linux__
#include <sys/syscall.h>
long syscall(long number, ...);

int flock(int descriptor, int operation)
{
  return lock_fails() ? -1 : (int)syscall(SYS_flock, descriptor, operation);
}
#define HAS_FLOCK_SEAM 1
#else
#define HAS_FLOCK_SEAM 0
#endif

/* A new folder, and the journal's path in it. */
static char top[CHECK_PATH_MAX];
static char path[ROOM];

static int begin(void **state)
{
  (void)state;
  if(check_folder(top) != 0)
    return -1;
  (void)snprintf(path, sizeof(path), "%s/journal", top);
  return 0;
}

/* Nothing else may be left in the folder. */
static int finish(void **state)
{
  (void)state;
  (void)unlink(path);
  return rmdir(top);
}

static struct bu_journal *created(const char *text)
{
  struct bu_error error;
  struct bu_journal *journal =
      bu_journal_create(path, text, strlen(text), &error);

  assert_non_null(journal);
  return journal;
}

/* Opens, compares, and closes. */
static void assert_text(const char *expected)
{
  struct bu_error error;
  struct bu_buffer text;
  struct bu_journal *journal;

  bu_buffer_init(&text, 1000000);
  journal = bu_journal_open(path, &text, &error);
  if(!journal)
    fail_msg("%s", error.text);
  assert_int_equal(text.length, strlen(expected));
  if(text.length > 0)
    assert_string_equal(text.data, expected);
  bu_buffer_free(&text);
  bu_journal_close(journal);
}

static void assert_no_open(enum bu_code code, int sys, size_t limit)
{
  struct bu_error error;
  struct bu_buffer text;

  bu_buffer_init(&text, limit);
  assert_null(bu_journal_open(path, &text, &error));
  assert_int_equal(error.code, code);
  assert_int_equal(error.sys, sys);
  bu_buffer_free(&text);
}

static void test_lines_outlive_the_writer(void **state)
{
  struct bu_journal *journal = created("one\n");
  struct bu_error error;
  struct stat status;

  (void)state;
  assert_int_equal(stat(path, &status), 0);
  assert_int_equal(status.st_mode & 0777, 0600);
  assert_int_equal(bu_journal_append(journal, "two\n", 4, &error), BU_OK);
  assert_int_equal(bu_journal_append(journal, "three\n", 6, &error), BU_OK);
  assert_int_equal(bu_journal_sync(journal, &error), BU_OK);
  bu_journal_close(journal);
  assert_text("one\ntwo\nthree\n");
  bu_journal_close(NULL);
}

static void test_goes_on_at_the_end(void **state)
{
  struct bu_journal *journal = created("one\n");
  struct bu_error error;
  struct bu_buffer text;

  (void)state;
  bu_journal_close(journal);
  bu_buffer_init(&text, 100);
  journal = bu_journal_open(path, &text, &error);
  assert_non_null(journal);
  assert_string_equal(text.data, "one\n");
  assert_int_equal(bu_journal_append(journal, "two\n", 4, &error), BU_OK);
  bu_journal_close(journal);
  bu_buffer_free(&text);
  assert_text("one\ntwo\n");
}

static void test_nobody_else_gets_it(void **state)
{
  struct bu_journal *journal = created("one\n");
  struct bu_error error;

  (void)state;
  assert_no_open(BU_ELOCKED, 0, 100);
  assert_null(bu_journal_create(path, "x", 1, &error));
  assert_int_equal(error.code, BU_ELOCKED);
  bu_journal_close(journal);
  assert_text("one\n");
}

/* Also one that nobody has open: its text must not be lost. */
static void test_create_never_replaces(void **state)
{
  struct bu_error error;

  (void)state;
  bu_journal_close(created("one\n"));
  assert_null(bu_journal_create(path, "x", 1, &error));
  assert_int_equal(error.code, BU_ELOCKED);
  assert_text("one\n");
}

static void test_none_is_there(void **state)
{
  (void)state;
  assert_no_open(BU_ESYSTEM, ENOENT, 100);
}

static void test_no_folder_for_it(void **state)
{
  struct bu_error error;

  (void)state;
  assert_null(bu_journal_create("/nowhere/at/all", "x", 1, &error));
  assert_int_equal(error.code, BU_ESYSTEM);
  assert_int_equal(error.sys, ENOENT);
}

static void test_larger_than_allowed(void **state)
{
  (void)state;
  bu_journal_close(created("12345"));
  assert_no_open(BU_ELIMIT, 0, 4);
  assert_text("12345");
}

static void test_no_link_is_followed(void **state)
{
  char target[CHECK_PATH_MAX];

  (void)state;
  check_file(target, "secret", 6);
  assert_int_equal(symlink(target, path), 0);
  assert_no_open(BU_EUNSAFE, 0, 100);
  assert_int_equal(unlink(target), 0);
}

static void test_only_ours_is_opened(void **state)
{
  struct bu_journal *journal = created("one\n");
  struct bu_error error;

  (void)state;
  assert_int_equal(chmod(path, 0620), 0);
  assert_no_open(BU_EUNSAFE, 0, 100);
  assert_int_equal(chmod(path, 0600), 0);
  assert_int_equal(chmod(top, 0707), 0);
  assert_no_open(BU_EUNSAFE, 0, 100);
  assert_int_equal(bu_journal_replace(journal, "two\n", 4, &error),
                   BU_EUNSAFE);
  bu_journal_close(journal);
  assert_int_equal(unlink(path), 0);
  assert_null(bu_journal_create(path, "x", 1, &error));
  assert_int_equal(error.code, BU_EUNSAFE);
  assert_no_open(BU_EUNSAFE, 0, 100);
}

static void test_opens_without_reading(void **state)
{
  struct bu_journal *journal;
  struct bu_error error;

  (void)state;
  bu_journal_close(created("12345"));
  journal = bu_journal_open(path, NULL, &error);
  assert_non_null(journal);
  assert_int_equal(bu_journal_remove(journal, &error), BU_OK);
  assert_no_open(BU_ESYSTEM, ENOENT, 100);
}

/* The file's sync, and then the folder's. */
static void test_syncs_again_after_a_signal(void **state)
{
  struct bu_journal *journal;
  struct bu_error error;

  (void)state;
  for(before_interrupts = 0; before_interrupts < 2; before_interrupts++) {
    int before = before_interrupts;

    interrupts = 3;
    bu_journal_close(created("one\n"));
    assert_int_equal(interrupts, 0);
    assert_int_equal(unlink(path), 0);
    before_interrupts = before;
  }
  before_interrupts = 0;
  journal = created("one\n");
  interrupts = 3;
  assert_int_equal(bu_journal_sync(journal, &error), BU_OK);
  assert_int_equal(interrupts, 0);
  bu_journal_close(journal);
}

static void test_remove(void **state)
{
  struct bu_error error;

  (void)state;
  assert_int_equal(bu_journal_remove(created("one\n"), &error), BU_OK);
  assert_no_open(BU_ESYSTEM, ENOENT, 100);
  bu_journal_close(created("again\n"));
  assert_text("again\n");
}

static void test_remove_leaves_a_successor(void **state)
{
  struct bu_journal *journal = created("one\n");
  struct bu_error error;

  (void)state;
  assert_int_equal(unlink(path), 0);
  bu_journal_close(created("successor\n"));
  assert_int_equal(bu_journal_remove(journal, &error), BU_OK);
  assert_text("successor\n");
}

static void test_replace(void **state)
{
  struct bu_journal *journal = created("one\ntwo\n");
  struct bu_error error;
  struct stat status;

  (void)state;
  assert_int_equal(bu_journal_replace(journal, "three\n", 6, &error), BU_OK);
  assert_int_equal(stat(path, &status), 0);
  assert_int_equal(status.st_mode & 0777, 0600);
  assert_int_equal(status.st_nlink, 1);
  /* It is the new file that is locked and appended to now. */
  assert_no_open(BU_ELOCKED, 0, 100);
  assert_int_equal(bu_journal_append(journal, "four\n", 5, &error), BU_OK);
  assert_int_equal(bu_journal_replace(journal, "", 0, &error), BU_OK);
  assert_int_equal(bu_journal_append(journal, "five\n", 5, &error), BU_OK);
  bu_journal_close(journal);
  assert_text("five\n");
}

static void test_replace_then_remove(void **state)
{
  struct bu_journal *journal = created("one\n");
  struct bu_error error;

  (void)state;
  assert_int_equal(bu_journal_replace(journal, "two\n", 4, &error), BU_OK);
  assert_int_equal(bu_journal_remove(journal, &error), BU_OK);
  assert_no_open(BU_ESYSTEM, ENOENT, 100);
}

static void test_replace_leaves_a_successor(void **state)
{
  struct bu_journal *journal = created("one\n");
  struct bu_error error;

  (void)state;
  assert_int_equal(unlink(path), 0);
  assert_int_equal(bu_journal_replace(journal, "two\n", 4, &error),
                   BU_ELOCKED);
  bu_journal_close(created("successor\n"));
  assert_int_equal(bu_journal_replace(journal, "two\n", 4, &error),
                   BU_ELOCKED);
  assert_non_null(strstr(error.text, path));
  bu_journal_close(journal);
  assert_text("successor\n");
}

static void test_a_replacement_without_room(void **state)
{
  struct bu_journal *journal = created("one\n");
  struct rlimit before;
  struct rlimit limit;
  struct bu_error error;

  (void)state;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  limit = before;
  limit.rlim_cur = 6;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  assert_int_equal(bu_journal_replace(journal, "too long\n", 9, &error),
                   BU_ESYSTEM);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(error.sys, EFBIG);
  /* The old one is still there, locked and open. */
  assert_no_open(BU_ELOCKED, 0, 100);
  assert_int_equal(bu_journal_append(journal, "two\n", 4, &error), BU_OK);
  bu_journal_close(journal);
  assert_text("one\ntwo\n");
}

/* A write that the system cuts short, here by a limit on the size of files, is
 * an error. */
static void test_a_full_disk(void **state)
{
  struct bu_journal *journal = created("one\n");
  struct rlimit before;
  struct rlimit limit;
  struct bu_error error;

  (void)state;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  limit = before;
  limit.rlim_cur = 6;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  assert_int_equal(bu_journal_append(journal, "two\n", 4, &error),
                   BU_ESYSTEM);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(error.sys, EFBIG);
  bu_journal_close(journal);
}

static const int refusals[] = {EPERM, ENOSYS, EOPNOTSUPP, EMLINK, EACCES};

static void test_without_links(void **state)
{
  struct bu_error error;
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
    struct bu_journal *journal;

    no_link = refusals[i];
    journal = created("one\n");
    assert_no_open(BU_ELOCKED, 0, 100);
    assert_null(bu_journal_create(path, "x", 1, &error));
    assert_int_equal(error.code, BU_ELOCKED);
    assert_int_equal(bu_journal_append(journal, "two\n", 4, &error), BU_OK);
    bu_journal_close(journal);
    assert_text("one\ntwo\n");
    assert_null(bu_journal_create(path, "x", 1, &error));
    assert_int_equal(error.code, BU_ELOCKED);
    assert_int_equal(unlink(path), 0);
  }
  no_link = 0;
}

/* As a crash leaves it between the claim of the name and the rename. */
static void test_an_empty_one_can_be_replaced(void **state)
{
  struct bu_error error;
  struct bu_buffer text;
  struct bu_journal *journal;

  (void)state;
  assert_int_equal(close(open(path, O_WRONLY | O_CREAT, S_IRUSR | S_IWUSR)),
                   0);
  bu_buffer_init(&text, 100);
  journal = bu_journal_open(path, &text, &error);
  assert_non_null(journal);
  assert_int_equal(text.length, 0);
  assert_int_equal(bu_journal_replace(journal, "one\n", 4, &error), BU_OK);
  bu_journal_close(journal);
  assert_text("one\n");
}

static void test_without_locks(void **state)
{
  struct bu_journal *journal;
  struct bu_error error;

  (void)state;
  if(!HAS_FLOCK_SEAM)
    skip();
  no_lock = ENOLCK;
  no_link = EPERM;
  journal = created("one\n");
  assert_no_open(BU_ELOCKED, 0, 100); /* within this process */
  assert_int_equal(bu_journal_replace(journal, "two\n", 4, &error), BU_OK);
  bu_journal_close(journal);
  assert_text("two\n");
  no_lock = 0;
  no_link = 0;
}

static void test_without_syncs(void **state)
{
  struct bu_error error;
  struct bu_journal *journal;

  (void)state;
  no_sync = EINVAL;
  journal = created("one\n");
  assert_int_equal(bu_journal_sync(journal, &error), BU_OK);
  no_sync = EIO;
  assert_int_equal(bu_journal_sync(journal, &error), BU_ESYSTEM);
  no_sync = 0;
  bu_journal_close(journal);
  assert_text("one\n");
}

static void test_a_pipe_is_no_journal(void **state)
{
  (void)state;
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_no_open(BU_EUNSAFE, 0, 100);
}

static void test_a_long_name(void **state)
{
  char *slash = strrchr(path, '/') + 1;
  char before[ROOM];

  (void)state;
  memcpy(before, path, sizeof(before));
  memset(slash, 'x', (size_t)(path + ROOM - 1 - slash));
  path[ROOM - 1] = '\0';
  bu_journal_close(created("one\n"));
  assert_text("one\n");
  assert_int_equal(unlink(path), 0);
  memcpy(path, before, sizeof(before));
}

/* A child that lives on has no part in its parent's lock, and can't take it
 * away. */
static void test_a_child_keeps_nothing(void **state)
{
  struct bu_journal *journal = created("one\n");
  struct bu_error error;
  int gate[2];
  int status;
  pid_t child;

  (void)state;
  assert_int_equal(pipe(gate), 0);
  child = fork();
  assert_true(child >= 0);
  if(child == 0) {
    char byte;
    int right = bu_journal_append(journal, "x", 1, &error) == BU_EFORKED;

    right = bu_journal_remove(journal, &error) == BU_OK && right;
    (void)alarm(60);
    (void)close(gate[1]);
    (void)!read(gate[0], &byte, 1);
    _exit(right ? 0 : 1);
  }
  assert_no_open(BU_ELOCKED, 0, 100);
  bu_journal_close(journal);
  assert_text("one\n");
  assert_int_equal(close(gate[1]), 0);
  assert_int_equal(close(gate[0]), 0);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(test_lines_outlive_the_writer),
                                     TEST(test_goes_on_at_the_end),
                                     TEST(test_nobody_else_gets_it),
                                     TEST(test_create_never_replaces),
                                     TEST(test_none_is_there),
                                     TEST(test_no_folder_for_it),
                                     TEST(test_larger_than_allowed),
                                     TEST(test_no_link_is_followed),
                                     TEST(test_only_ours_is_opened),
                                     TEST(test_opens_without_reading),
                                     TEST(test_syncs_again_after_a_signal),
                                     TEST(test_remove),
                                     TEST(test_remove_leaves_a_successor),
                                     TEST(test_replace),
                                     TEST(test_replace_then_remove),
                                     TEST(test_replace_leaves_a_successor),
                                     TEST(test_a_replacement_without_room),
                                     TEST(test_a_full_disk),
                                     TEST(test_without_links),
                                     TEST(test_an_empty_one_can_be_replaced),
                                     TEST(test_without_locks),
                                     TEST(test_without_syncs),
                                     TEST(test_a_pipe_is_no_journal),
                                     TEST(test_a_long_name),
                                     TEST(test_a_child_keeps_nothing)};

  /* A write beyond the limit shall fail, not kill the process. */
  (void)sigaction(SIGXFSZ, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
  return RUN(tests);
}
