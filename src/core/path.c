/* path: what is at a path, whom it belongs to, and whole files there.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "path.h"

#include "compat.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes of the longest name that a file system has to take: eCryptfs takes no
 * more than 143. */
#define NAME_MAX_ANYWHERE 143
#define READ_CHUNK 65536
#define OTHERS_WRITE (S_IWGRP | S_IWOTH)
/* Bytes of a user's entry, or a group's. */
#define ACCOUNT_MAX 4096

int bu_path_write(const char *path, int descriptor, const void *data,
                  size_t length, struct bu_error *error)
{
  const char *from = data;

  while(length > 0) {
    ssize_t count = write(descriptor, from, length);

    if(count < 0 && errno == EINTR)
      continue;
    if(count <= 0) /* 0: nothing was written, and nothing will be */
      return bu_error_system(error, count < 0 ? errno : ENOSPC, path);
    from += count;
    length -= (size_t)count;
  }
  return BU_OK;
}

/* What fsync answers where the file system has no such thing. */
static int path_has_no_sync(int sys)
{
  return sys == EINVAL || sys == ENOSYS || sys == ENOTSUP;
}

int bu_path_sync(const char *path, int descriptor, struct bu_error *error)
{
  if(bu_fsync(descriptor) == 0 || path_has_no_sync(errno))
    return BU_OK;
  return bu_error_system(error, errno, path);
}

/* Bytes of the path up to its last slash, which is counted. */
static size_t path_folder_length(const char *path)
{
  const char *slash = strrchr(path, '/');

  return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The folder that a path is in, to be freed; or NULL. */
static char *path_folder(const char *path)
{
  size_t length = path_folder_length(path);
  char *folder = strdup(length > 0 ? path : ".");

  if(folder && length > 0)
    folder[length] = '\0';
  return folder;
}

void bu_path_sync_folder(const char *path)
{
  char *folder = path_folder(path);
  int descriptor;

  if(!folder)
    return;
  descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if(descriptor >= 0) {
    (void)bu_fsync(descriptor);
    bu_close(descriptor);
  }
  free(folder);
}

static int path_is_ours(const struct stat *status)
{
  return status->st_uid == geteuid() || status->st_uid == 0;
}

static int path_set_unsafe(const char *path, const char *why,
                           struct bu_error *error)
{
  return bu_error_set(error, BU_EUNSAFE, "%.300s %s", path, why);
}

/* Whether nobody but the user is in the group: many systems give each user
 * one of the same name, and let it write to all that the user makes. */
static int path_is_own_group(gid_t group)
{
  char user_text[ACCOUNT_MAX], group_text[ACCOUNT_MAX];
  struct passwd user, *user_found = NULL;
  struct group entry, *group_found = NULL;
  char **member;

  if(geteuid() == 0 ||
     getpwuid_r(geteuid(), &user, user_text, sizeof(user_text),
                &user_found) != 0 ||
     getgrgid_r(group, &entry, group_text, sizeof(group_text),
                &group_found) != 0 ||
     !user_found || !group_found || user.pw_gid != group ||
     strcmp(user.pw_name, entry.gr_name) != 0)
    return 0;
  for(member = entry.gr_mem; *member; member++)
    if(strcmp(*member, user.pw_name) != 0)
      return 0;
  return 1;
}

static int path_is_open_to_others(const struct stat *status)
{
  if((status->st_mode & S_ISVTX) != 0)
    return 0;
  return (status->st_mode & S_IWOTH) != 0 ||
         ((status->st_mode & S_IWGRP) != 0 &&
          !path_is_own_group(status->st_gid));
}

/* A folder, or a link to one. A sticky folder leaves an entry to the entry's
 * owner. */
static int path_check_folder(const char *folder, struct bu_error *error)
{
  struct stat status;

  if(lstat(folder, &status) != 0)
    return bu_error_system(error, errno, folder);
  if(!path_is_ours(&status))
    return path_set_unsafe(folder,
                           "belongs to another user, who can change what is "
                           "in it: use a folder of your own",
                           error);
  if(S_ISDIR(status.st_mode) && path_is_open_to_others(&status))
    return path_set_unsafe(folder,
                           "is a folder that others can write to: run chmod "
                           "go-w on it, or use another",
                           error);
  return BU_OK;
}

/* Checks the folders that the way leads through, from its `from` first bytes
 * on. */
static int path_check_way(char *way, size_t from, struct bu_error *error)
{
  size_t end = from;
  int code = BU_OK;

  if(end == 0 && way[0] == '/')
    end = 1;
  for(;;) {
    char after = way[end];

    way[end] = '\0';
    code = end > 0 ? path_check_folder(way, error) : BU_OK;
    way[end] = after;
    end += strspn(way + end, "/");
    if(code != BU_OK || way[end] == '\0')
      return code;
    end += strcspn(way + end, "/");
  }
}

/* How many bytes of the way are the user's home, above which nothing is
 * checked: there are systems where it lies in folders of others (Android). */
static size_t path_home_length(const char *way, const char *home)
{
  size_t length = home && home[0] == '/' ? strlen(home) : 0;

  while(length > 0 && home[length - 1] == '/')
    length--;
  if(strncmp(way, home ? home : "", length) != 0 ||
     (way[length] != '/' && way[length] != '\0'))
    return 0;
  return length;
}

static int path_check_real_way(const char *way, const char *home,
                               struct bu_error *error)
{
  char *real_way = realpath(way, NULL);
  char *real_home;
  int code;

  if(!real_way)
    return bu_error_system(error, errno, way);
  real_home = home ? realpath(home, NULL) : NULL;
  code =
      path_check_way(real_way, path_home_length(real_way, real_home), error);
  free(real_home);
  free(real_way);
  return code;
}

/* Links on the way are checked where they are, and where they lead. In this
 * order folders that are missing hide no fault of those above. */
int bu_path_check_folders(const char *path, struct bu_error *error)
{
  const char *home = getenv("HOME");
  char *way = path_folder(path);
  int code;

  if(!way)
    return bu_error_memory(error);
  code = path_check_way(way, path_home_length(way, home), error);
  if(code == BU_OK)
    code = path_check_real_way(way, home, error);
  free(way);
  return code;
}

static int path_check_file(const char *path, const struct stat *status,
                           enum bu_trust trust, struct bu_error *error)
{
  if(S_ISLNK(status->st_mode))
    return path_set_unsafe(path,
                           "is a symbolic link, which isn't followed: put "
                           "the file itself there",
                           error);
  if(!S_ISREG(status->st_mode))
    return path_set_unsafe(path,
                           "isn't a regular file: give the path of one, or "
                           "remove it",
                           error);
  if(!path_is_ours(status))
    return path_set_unsafe(path,
                           "belongs to another user: remove it, or make it "
                           "your own with chown",
                           error);
  if(trust != BU_TRUST_LOG && (status->st_mode & OTHERS_WRITE) != 0)
    return path_set_unsafe(path,
                           "can be written to by others: look whether what "
                           "is in it is yours, then run chmod go-w on it",
                           error);
  return BU_OK;
}

/* Says why a file can't be opened: for what isn't one, errno differs from
 * system to system. */
static void path_explain(const char *path, int sys, enum bu_trust trust,
                         struct bu_error *error)
{
  struct stat status;
  int result =
      trust == BU_TRUST_SECRET ? stat(path, &status) : lstat(path, &status);

  if(result == 0 && !S_ISREG(status.st_mode))
    (void)path_check_file(path, &status, trust, error);
  else
    bu_error_system(error, sys, path);
}

int bu_path_open(const char *path, int flags, enum bu_trust trust,
                 struct bu_error *error)
{
  struct stat status;
  int descriptor;

  /* First: who may replace the file could do so between any two looks. */
  if(trust == BU_TRUST_STATE && bu_path_check_folders(path, error) != BU_OK)
    return -1;
  flags |= O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  if(trust != BU_TRUST_SECRET)
    flags |= O_NOFOLLOW;
  descriptor = bu_above_standard(open(path, flags, S_IRUSR | S_IWUSR));
  if(descriptor < 0) {
    path_explain(path, errno, trust, error);
    return -1;
  }
  if(fstat(descriptor, &status) != 0)
    bu_error_system(error, errno, path);
  else if(path_check_file(path, &status, trust, error) == BU_OK)
    return descriptor;
  bu_close(descriptor);
  return -1;
}

static int path_set_too_large(const char *path, size_t limit,
                              struct bu_error *error)
{
  return bu_error_set(error, BU_ELIMIT, "%.200s is larger than %lu bytes",
                      path, (unsigned long)limit);
}

int bu_path_read(const char *path, int descriptor, struct bu_buffer *text,
                 struct bu_error *error)
{
  char chunk[READ_CHUNK];
  struct stat status;
  ssize_t count;
  int code;

  /* Known beforehand, it takes no memory. */
  if(fstat(descriptor, &status) == 0 && status.st_size > 0 &&
     (uintmax_t)status.st_size > text->limit)
    return path_set_too_large(path, text->limit, error);
  for(;;) {
    count = read(descriptor, chunk, sizeof(chunk));
    if(count < 0 && errno == EINTR)
      continue;
    if(count < 0)
      return bu_error_system(error, errno, path);
    if(count == 0)
      return BU_OK;
    code = bu_buffer_append(text, chunk, (size_t)count);
    if(code == BU_ELIMIT)
      return path_set_too_large(path, text->limit, error);
    if(code != BU_OK)
      return bu_error_memory(error);
  }
}

int bu_path_load(const char *path, enum bu_trust trust,
                 struct bu_buffer *text, struct bu_error *error)
{
  int descriptor = bu_path_open(path, O_RDONLY, trust, error);
  int code;

  if(descriptor < 0)
    return (int)error->code;
  code = bu_path_read(path, descriptor, text, error);
  bu_close(descriptor);
  return code;
}

int bu_path_append(const char *path, const void *data, size_t length,
                   struct bu_error *error)
{
  int descriptor =
      bu_path_open(path, O_WRONLY | O_APPEND | O_CREAT, BU_TRUST_LOG, error);
  int code;

  if(descriptor < 0)
    return (int)error->code;
  code = bu_path_write(path, descriptor, data, length, error);
  if(close(descriptor) != 0 && errno != EINTR && code == BU_OK)
    code = bu_error_system(error, errno, path);
  return code;
}

char *bu_path_temporary(const char *path, struct bu_error *error)
{
  static const char suffix[] = ".XXXXXX";
  static const char short_name[] = ".boxupload.XXXXXX";
  size_t folder = path_folder_length(path);
  size_t size = strlen(path) + sizeof(short_name);
  char *temporary = malloc(size);

  if(!temporary)
    bu_error_memory(error);
  else if(strlen(path + folder) + sizeof(suffix) <= NAME_MAX_ANYWHERE)
    (void)snprintf(temporary, size, "%s%s", path, suffix);
  else
    (void)snprintf(temporary, size, "%.*s%s", (int)folder, path, short_name);
  return temporary;
}

static int path_fill(int descriptor, const char *path, const void *data,
                     size_t length, struct bu_error *error)
{
  int code = bu_path_write(path, descriptor, data, length, error);

  return code == BU_OK ? bu_path_sync(path, descriptor, error) : code;
}

int bu_path_replace(const char *path, const void *data, size_t length,
                    struct bu_error *error)
{
  char *temporary;
  int descriptor;
  int code = bu_path_check_folders(path, error);

  if(code != BU_OK)
    return code;
  temporary = bu_path_temporary(path, error);
  if(!temporary)
    return BU_EMEMORY;
  descriptor = bu_temporary(temporary, 0);
  if(descriptor < 0) {
    code = bu_error_system(error, errno, temporary);
    goto done;
  }
  code = path_fill(descriptor, temporary, data, length, error);
  if(close(descriptor) != 0 && errno != EINTR && code == BU_OK)
    code = bu_error_system(error, errno, temporary);
  if(code == BU_OK && rename(temporary, path) != 0)
    code = bu_error_system(error, errno, path);
  if(code == BU_OK)
    bu_path_sync_folder(path);
  else
    bu_discard(temporary);
done:
  free(temporary);
  return code;
}

int bu_path_is_private(const char *path, int *is_private,
                       struct bu_error *error)
{
  struct stat status;

  if(stat(path, &status) != 0)
    return bu_error_system(error, errno, path);
  *is_private = (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  return BU_OK;
}

char *bu_path_real(const char *path, struct bu_error *error)
{
  char *real = realpath(path, NULL);

  if(!real)
    bu_error_system(error, errno, path);
  return real;
}
