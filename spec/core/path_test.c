/* path_test: what is at a path, and whole files written there.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

/* What can be at a path, and who believes it. */
struct scene {
  const char *name;
  mode_t mode; /* of the file */
  mode_t folder;
  mode_t above;
  int kind; /* of what is there: S_IFREG, ... */
  int state, secret, log;
};

static const struct scene scenes[] = {
    {"a private file", 0600, 0700, 0700, S_IFREG, 1, 1, 1},
    {"one that others may read", 0644, 0755, 0755, S_IFREG, 1, 1, 1},
    {"a group's file", 0620, 0700, 0700, S_IFREG, 0, 0, 1},
    {"everybody's file", 0602, 0700, 0700, S_IFREG, 0, 0, 1},
    {"everybody's folder", 0600, 0702, 0700, S_IFREG, 0, 1, 1},
    {"everybody's folder above", 0600, 0700, 0702, S_IFREG, 0, 1, 1},
    {"a folder like /tmp", 0600, 01777, 0700, S_IFREG, 1, 1, 1},
    {"a folder above like /tmp", 0600, 0700, 01777, S_IFREG, 1, 1, 1},
    {"a link", 0600, 0700, 0700, S_IFLNK, 0, 1, 0},
    {"a pipe", 0600, 0700, 0700, S_IFIFO, 0, 0, 0},
    {"a folder", 0700, 0700, 0700, S_IFDIR, 0, 0, 0}};

static char inner[ROOM];
static char target[ROOM];

static void set_scene(const struct scene *scene)
{
  (void)snprintf(inner, sizeof(inner), "%s/inner", top);
  (void)snprintf(path, sizeof(path), "%s/inner/file", top);
  (void)snprintf(target, sizeof(target), "%s/target", top);
  assert_int_equal(mkdir(inner, 0700), 0);
  assert_int_equal(bu_path_append(target, "text", 4, &(struct bu_error){0}),
                   BU_OK);
  if(scene->kind == S_IFLNK)
    assert_int_equal(symlink(target, path), 0);
  else if(scene->kind == S_IFIFO)
    assert_int_equal(mkfifo(path, 0600), 0);
  else if(scene->kind == S_IFDIR)
    assert_int_equal(mkdir(path, 0700), 0);
  else
    assert_int_equal(rename(target, path), 0);
  if(scene->kind != S_IFLNK)
    assert_int_equal(chmod(path, scene->mode), 0);
  assert_int_equal(chmod(inner, scene->folder), 0);
  assert_int_equal(chmod(top, scene->above), 0);
}

static void end_scene(void)
{
  if(unlink(path) != 0)
    assert_int_equal(rmdir(path), 0);
  (void)unlink(target);
  assert_int_equal(rmdir(inner), 0);
  assert_int_equal(chmod(top, 0700), 0);
}

static void check_load(const struct scene *scene, enum bu_trust trust,
                       int is_believed)
{
  struct bu_buffer text;
  struct bu_error error;
  int code;

  bu_buffer_init(&text, 100);
  code = bu_path_load(path, trust, &text, &error);
  if(code != (is_believed ? BU_OK : BU_EUNSAFE))
    fail_msg("%s, trust %d: %d", scene->name, (int)trust, code);
  if(is_believed)
    assert_string_equal(text.data, "text");
  else
    assert_non_null(strstr(error.text, top));
  bu_buffer_free(&text);
}

static void test_believes_only_the_users_own(void **state)
{
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
    struct bu_error error;
    const struct scene *each = &scenes[i];

    set_scene(each);
    check_load(each, BU_TRUST_STATE, each->state);
    check_load(each, BU_TRUST_SECRET, each->secret);
    if(bu_path_append(path, "", 0, &error) !=
       (each->log ? BU_OK : BU_EUNSAFE))
      fail_msg("%s: log", each->name);
    end_scene();
  }
}

static void check_owner(const char *owned, int state, int secret)
{
  static const struct scene scene = {"another's", 0600, 0700, 0700,
                                     S_IFREG,     1,    1,    1};
  const uid_t other = 12345;

  set_scene(&scene);
  assert_int_equal(lchown(owned, other, 0), 0);
  check_load(&scene, BU_TRUST_STATE, state);
  check_load(&scene, BU_TRUST_SECRET, secret);
  assert_int_equal(lchown(owned, 0, 0), 0);
  end_scene();
}

static void test_believes_nothing_of_other_users(void **state)
{
  (void)state;
  if(geteuid() != 0)
    skip();
  check_owner(path, 0, 0);
  check_owner(inner, 0, 1);
  check_owner(top, 0, 1);
}

/* Root may do anything anyway. */
static void test_believes_root(void **state)
{
  pid_t child;
  int status;

  (void)state;
  if(geteuid() != 0)
    skip();
  assert_int_equal(bu_path_append(path, "x", 1, &(struct bu_error){0}),
                   BU_OK);
  assert_int_equal(chmod(path, 0644), 0);
  assert_int_equal(chmod(top, 0755), 0);
  child = fork();
  assert_true(child >= 0);
  if(child == 0) {
    struct bu_buffer text;
    struct bu_error error;

    bu_buffer_init(&text, 100);
    _exit(setuid(12345) != 0 ||
          bu_path_load(path, BU_TRUST_STATE, &text, &error) != BU_OK);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

/* A user's own group has the user's name and nobody else in it. */
static int is_own_group(void)
{
  const struct passwd *user = getpwuid(geteuid());
  const struct group *group = user ? getgrgid(user->pw_gid) : NULL;
  int i;

  if(geteuid() == 0 || !group || user->pw_gid != getegid() ||
     strcmp(group->gr_name, user->pw_name) != 0)
    return 0;
  for(i = 0; group->gr_mem[i]; i++)
    if(strcmp(group->gr_mem[i], user->pw_name) != 0)
      return 0;
  return 1;
}

static void test_only_a_group_of_ones_own_may_write(void **state)
{
  static const struct scene folder = {
      "a group's folder", 0600, 0720, 0700, S_IFREG, 0, 1, 1};
  static const struct scene above = {
      "a group's folder above", 0600, 0700, 0720, S_IFREG, 0, 1, 1};

  (void)state;
  set_scene(&folder);
  check_load(&folder, BU_TRUST_STATE, is_own_group());
  end_scene();
  set_scene(&above);
  check_load(&above, BU_TRUST_STATE, is_own_group());
  if(geteuid() == 0) {
    assert_int_equal(chown(top, (uid_t)-1, 12345), 0);
    check_load(&above, BU_TRUST_STATE, 0);
  }
  end_scene();
}

static void test_a_path_without_a_folder(void **state)
{
  static const struct scene scene = {"here",  0600, 0700, 0700,
                                     S_IFREG, 1,    1,    1};
  int here = open(".", O_RDONLY);

  (void)state;
  assert_true(here >= 0);
  set_scene(&scene);
  assert_int_equal(chdir(inner), 0);
  (void)snprintf(path, sizeof(path), "file");
  (void)snprintf(top, sizeof(top), ".");
  check_load(&scene, BU_TRUST_STATE, 1);
  assert_int_equal(chmod(inner, 0702), 0);
  check_load(&scene, BU_TRUST_STATE, 0);
  assert_int_equal(fchdir(here), 0);
  assert_int_equal(close(here), 0);
  (void)snprintf(path, sizeof(path), "%.100s/file", inner);
  (void)snprintf(top, sizeof(top), "%.*s", (int)(strrchr(inner, '/') - inner),
                 inner);
  end_scene();
}

static void test_a_missing_folder_hides_nothing(void **state)
{
  struct bu_buffer text;
  struct bu_error error;
  char missing[ROOM];

  (void)state;
  (void)snprintf(missing, sizeof(missing), "%s/none/at/all", top);
  bu_buffer_init(&text, 100);
  assert_int_equal(bu_path_load(missing, BU_TRUST_STATE, &text, &error),
                   BU_ESYSTEM);
  assert_int_equal(error.sys, ENOENT);
  assert_int_equal(chmod(top, 0707), 0);
  assert_int_equal(bu_path_load(missing, BU_TRUST_STATE, &text, &error),
                   BU_EUNSAFE);
  assert_int_equal(chmod(top, 0700), 0);
}

/* Whatever is above a home, the user can do nothing about it. */
static void test_looks_no_further_than_home(void **state)
{
  static const struct scene scene = {"above home", 0600, 0700, 0702,
                                     S_IFREG,      0,    1,    1};
  const char *home = getenv("HOME");
  char *before = home ? strdup(home) : NULL;

  (void)state;
  set_scene(&scene);
  assert_int_equal(setenv("HOME", inner, 1), 0);
  check_load(&scene, BU_TRUST_STATE, 1);
  assert_int_equal(setenv("HOME", "inner", 1), 0);
  check_load(&scene, BU_TRUST_STATE, 0);
  assert_int_equal(setenv("HOME", top, 1), 0);
  check_load(&scene, BU_TRUST_STATE, 0);
  inner[strlen(inner) - 1] = '\0'; /* it only begins like it */
  assert_int_equal(setenv("HOME", inner, 1), 0);
  check_load(&scene, BU_TRUST_STATE, 0);
  assert_int_equal(before ? setenv("HOME", before, 1) : unsetenv("HOME"), 0);
  free(before);
  (void)snprintf(inner, sizeof(inner), "%s/inner", top);
  end_scene();
}

/* The link isn't the last on the way. */
static void test_checks_where_links_lead(void **state)
{
  static const struct scene scene = {"behind a link", 0600, 0702, 0700,
                                     S_IFREG,         0,    1,    1};
  char link[ROOM];
  char behind[ROOM + 8];
  struct bu_buffer text;
  struct bu_error error;

  (void)state;
  set_scene(&scene);
  (void)snprintf(link, sizeof(link), "%s/link", top);
  (void)snprintf(behind, sizeof(behind), "%s/file", link);
  assert_int_equal(symlink(inner, link), 0);
  bu_buffer_init(&text, 100);
  assert_int_equal(bu_path_load(behind, BU_TRUST_STATE, &text, &error),
                   BU_EUNSAFE);
  assert_int_equal(chmod(inner, 0700), 0);
  assert_int_equal(bu_path_load(behind, BU_TRUST_STATE, &text, &error),
                   BU_OK);
  if(geteuid() == 0) {
    assert_int_equal(lchown(link, 12345, 0), 0);
    assert_int_equal(bu_path_load(behind, BU_TRUST_STATE, &text, &error),
                     BU_EUNSAFE);
  }
  bu_buffer_free(&text);
  assert_int_equal(unlink(link), 0);
  end_scene();
}

static void test_writes_nothing_where_others_can(void **state)
{
  struct bu_error error;

  (void)state;
  assert_int_equal(chmod(top, 0707), 0);
  assert_int_equal(bu_path_replace(path, "x", 1, &error), BU_EUNSAFE);
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(chmod(top, 0700), 0);
}

static void test_reads_up_to_a_limit(void **state)
{
  struct bu_buffer text;
  struct bu_error error;

  (void)state;
  assert_int_equal(bu_path_append(path, "12", 2, &error), BU_OK);
  assert_int_equal(bu_path_append(path, "345", 3, &error), BU_OK);
  assert_text("12345");
  bu_buffer_init(&text, 4);
  assert_int_equal(bu_path_load(path, BU_TRUST_STATE, &text, &error),
                   BU_ELIMIT);
  bu_buffer_free(&text);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(bu_path_load(path, BU_TRUST_STATE, &text, &error),
                   BU_ESYSTEM);
  assert_int_equal(error.sys, ENOENT);
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
      cmocka_unit_test_setup_teardown(test_believes_only_the_users_own, begin,
                                      finish),
      cmocka_unit_test_setup_teardown(test_believes_nothing_of_other_users,
                                      begin, finish),
      cmocka_unit_test_setup_teardown(test_believes_root, begin, finish),
      cmocka_unit_test_setup_teardown(test_only_a_group_of_ones_own_may_write,
                                      begin, finish),
      cmocka_unit_test_setup_teardown(test_a_path_without_a_folder, begin,
                                      finish),
      cmocka_unit_test_setup_teardown(test_a_missing_folder_hides_nothing,
                                      begin, finish),
      cmocka_unit_test_setup_teardown(test_looks_no_further_than_home, begin,
                                      finish),
      cmocka_unit_test_setup_teardown(test_checks_where_links_lead, begin,
                                      finish),
      cmocka_unit_test_setup_teardown(test_writes_nothing_where_others_can,
                                      begin, finish),
      cmocka_unit_test_setup_teardown(test_reads_up_to_a_limit, begin,
                                      finish),
      cmocka_unit_test_setup_teardown(test_resolves_links, begin, finish)};

  return RUN(tests);
}
