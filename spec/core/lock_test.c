/* lock_test: places that one process at a time may take.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "lock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOM 128

static char top[CHECK_PATH_MAX];
static char path[ROOM];

static int begin(void **state)
{
  (void)state;
  if(check_folder(top) != 0)
    return -1;
  (void)snprintf(path, sizeof(path), "%s/lock", top);
  return 0;
}

static int finish(void **state)
{
  (void)state;
  (void)unlink(path);
  return rmdir(top);
}

static struct bu_lock *opened(void)
{
  struct bu_error error;
  struct bu_lock *lock = bu_lock_open(path, &error);

  assert_non_null(lock);
  return lock;
}

/* What another process gets when it takes the place. */
static int taken_elsewhere(int64_t place)
{
  pid_t child = fork();
  int status;

  if(child == 0) {
    struct bu_error error;
    struct bu_lock *lock = bu_lock_open(path, &error);

    _exit(lock ? bu_lock_take(lock, place, &error) : 100);
  }
  assert_true(child > 0);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static void test_one_process_has_a_place(void **state)
{
  struct bu_lock *lock = opened();
  struct bu_error error;
  struct stat status;

  (void)state;
  assert_int_equal(stat(path, &status), 0);
  assert_int_equal(status.st_mode & 0777, 0600);
  assert_int_equal(taken_elsewhere(7), BU_OK); /* until it ended */
  assert_int_equal(bu_lock_take(lock, 7, &error), BU_OK);
  assert_int_equal(bu_lock_take(lock, INT64_C(1) << 52, &error), BU_OK);
  assert_int_equal(taken_elsewhere(7), BU_ELOCKED);
  assert_int_equal(taken_elsewhere(INT64_C(1) << 52), BU_ELOCKED);
  assert_int_equal(taken_elsewhere(8), BU_OK);
  assert_int_equal(bu_lock_release(lock, 7, &error), BU_OK);
  assert_int_equal(taken_elsewhere(7), BU_OK);
  assert_int_equal(stat(path, &status), 0);
  assert_int_equal(status.st_size, 0);
  bu_lock_close(lock);
  assert_int_equal(taken_elsewhere(INT64_C(1) << 52), BU_OK);
  bu_lock_close(NULL);
}

/* Takes the place, tells so, and waits to be killed. */
static void hold(int64_t place, int tell)
{
  struct bu_error error;
  struct bu_lock *lock = bu_lock_open(path, &error);

  (void)alarm(60); /* should the test fail */
  if(!lock || bu_lock_take(lock, place, &error) != BU_OK ||
     write(tell, "x", 1) != 1)
    _exit(1);
  for(;;)
    (void)pause();
}

static void test_death_gives_it_back(void **state)
{
  struct bu_lock *lock = opened();
  struct bu_error error;
  int pipes[2];
  pid_t child;
  char told;

  (void)state;
  assert_int_equal(pipe(pipes), 0);
  child = fork();
  assert_true(child >= 0);
  if(child == 0)
    hold(3, pipes[1]);
  assert_int_equal(read(pipes[0], &told, 1), 1);
  assert_int_equal(bu_lock_take(lock, 3, &error), BU_ELOCKED);
  assert_int_equal(kill(child, SIGKILL), 0);
  assert_int_equal(waitpid(child, NULL, 0), child);
  assert_int_equal(bu_lock_take(lock, 3, &error), BU_OK);
  assert_int_equal(close(pipes[0]), 0);
  assert_int_equal(close(pipes[1]), 0);
  bu_lock_close(lock);
}

static void test_refuses_what_others_can_write_to(void **state)
{
  struct bu_error error;

  (void)state;
  bu_lock_close(opened());
  assert_int_equal(chmod(path, 0666), 0);
  assert_null(bu_lock_open(path, &error));
  assert_int_equal(error.code, BU_EUNSAFE);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(symlink("/dev/null", path), 0);
  assert_null(bu_lock_open(path, &error));
  assert_int_equal(error.code, BU_EUNSAFE);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_null(bu_lock_open(path, &error));
  assert_int_equal(error.code, BU_EUNSAFE);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(chmod(top, 0707), 0);
  assert_null(bu_lock_open(path, &error));
  assert_int_equal(error.code, BU_EUNSAFE);
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(chmod(top, 0700), 0);
  (void)snprintf(path, sizeof(path), "%s/none/lock", top);
  assert_null(bu_lock_open(path, &error));
  assert_int_equal(error.sys, ENOENT);
  (void)snprintf(path, sizeof(path), "%s/lock", top);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(test_one_process_has_a_place), TEST(test_death_gives_it_back),
      TEST(test_refuses_what_others_can_write_to)};

  return RUN(tests);
}
