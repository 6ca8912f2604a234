/* folder: makes folders, and lists what is in one.
 * SPDX-License-Identifier: MIT */
#ifdef __linux__
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_PATH */
#endif
#endif
#include "platform.h"

#include "folder.h"

#include "compat.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What is in a folder can be opened even where the folder can't be read. */
#if defined(O_PATH)
#define ENTER O_PATH
#elif defined(O_SEARCH)
#define ENTER O_SEARCH
#else
#define ENTER O_RDONLY
#endif

/* Some systems answer other than EEXIST for a folder that is there: a mount
 * that is read-only, an automounter. */
static int folder_make_one(const char *path, struct bu_error *error)
{
  struct stat status;
  int sys;

  if(mkdir(path, S_IRWXU) == 0)
    return BU_OK;
  sys = errno;
  if(stat(path, &status) != 0)
    return bu_error_system(error, sys == EEXIST ? errno : sys, path);
  if(S_ISDIR(status.st_mode))
    return BU_OK;
  return bu_error_system(error, sys == EEXIST ? ENOTDIR : sys, path);
}

int bu_folder_make(const char *path, struct bu_error *error)
{
  char *copy = strdup(path);
  char *slash;
  int code = BU_OK;

  if(!copy)
    return bu_error_memory(error);
  for(slash = strchr(copy + 1, '/'); slash && code == BU_OK;
      slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    code = folder_make_one(copy, error);
    *slash = '/';
  }
  if(code == BU_OK)
    code = folder_make_one(copy, error);
  free(copy);
  return code;
}

struct bu_folder {
  DIR *stream;
  char path[];
};

/* Without a stream. */
static struct bu_folder *folder_new(const char *path, struct bu_error *error)
{
  size_t size = strlen(path) + 1;
  struct bu_folder *folder = calloc(1, sizeof(*folder) + size);

  if(folder)
    memcpy(folder->path, path, size);
  else
    bu_error_memory(error);
  return folder;
}

struct bu_folder *bu_folder_open(const char *path, struct bu_error *error)
{
  struct bu_folder *folder = folder_new(path, error);

  if(!folder)
    return NULL;
  folder->stream = opendir(path);
  if(folder->stream)
    return folder;
  bu_error_system(error, errno, path);
  free(folder);
  return NULL;
}

/* Whether the component names something that is in the folder itself. */
static int folder_has(const char *name, size_t length)
{
  return length > 0 && !(length == 1 && name[0] == '.') &&
         !(length == 2 && name[0] == '.' && name[1] == '.');
}

static int folder_check_name(const char *name, struct bu_error *error)
{
  if(folder_has(name, strlen(name)) && !strchr(name, '/'))
    return BU_OK;
  return bu_error_set(error, BU_EINVALID, "%.150s: not a name", name);
}

/* The error of what couldn't be done with a name in a folder. */
static int folder_fail_in(const struct bu_folder *folder, const char *name,
                          struct bu_error *error)
{
  int sys = errno;
  char *path = bu_folder_join(folder->path, name, error);
  int code = error->code;

  if(path) {
    errno = sys;
    code = bu_folder_fail(bu_folder_descriptor(folder), name, path, error);
  }
  free(path);
  return code;
}

static DIR *folder_open_stream(const struct bu_folder *parent,
                               const char *name, struct bu_error *error)
{
  int descriptor = openat(bu_folder_descriptor(parent), name,
                          O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *stream = descriptor < 0 ? NULL : fdopendir(descriptor);

  if(stream)
    return stream;
  folder_fail_in(parent, name, error);
  if(descriptor >= 0)
    bu_close(descriptor);
  return NULL;
}

struct bu_folder *bu_folder_open_in(const struct bu_folder *parent,
                                    const char *name, struct bu_error *error)
{
  struct bu_folder *folder;
  char *path;

  if(folder_check_name(name, error) != BU_OK)
    return NULL;
  path = bu_folder_join(parent->path, name, error);
  folder = path ? folder_new(path, error) : NULL;
  free(path);
  if(!folder)
    return NULL;
  folder->stream = folder_open_stream(parent, name, error);
  if(folder->stream)
    return folder;
  free(folder);
  return NULL;
}

const char *bu_folder_path(const struct bu_folder *folder)
{
  return folder->path;
}

int bu_folder_descriptor(const struct bu_folder *folder)
{
  return dirfd(folder->stream);
}

void bu_folder_rewind(struct bu_folder *folder)
{
  rewinddir(folder->stream);
}

static int folder_is_dot(const char *name)
{
  return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int bu_folder_next(struct bu_folder *folder, const char **name,
                   struct bu_error *error)
{
  struct dirent *entry;

  do {
    errno = 0;
    entry = readdir(folder->stream);
  } while(entry && folder_is_dot(entry->d_name));
  *name = entry ? entry->d_name : NULL;
  return entry || errno == 0 ? BU_OK
                             : bu_error_system(error, errno, folder->path);
}

void bu_folder_close(struct bu_folder *folder)
{
  if(!folder)
    return;
  (void)closedir(folder->stream);
  free(folder);
}

int bu_folder_list(const char *path, int (*each)(void *, const char *),
                   void *argument, struct bu_error *error)
{
  struct bu_folder *folder = bu_folder_open(path, error);
  const char *name;
  int code;

  if(!folder)
    return error->code;
  do
    code = bu_folder_next(folder, &name, error);
  while(code == BU_OK && name && each(argument, name) == 0);
  bu_folder_close(folder);
  return code;
}

static enum bu_entry folder_entry_of(const struct stat *status)
{
  if(S_ISREG(status->st_mode))
    return BU_ENTRY_FILE;
  if(S_ISDIR(status->st_mode))
    return BU_ENTRY_FOLDER;
  if(S_ISLNK(status->st_mode))
    return BU_ENTRY_LINK;
  if(S_ISFIFO(status->st_mode))
    return BU_ENTRY_PIPE;
  return S_ISSOCK(status->st_mode) ? BU_ENTRY_SOCKET : BU_ENTRY_DEVICE;
}

int bu_folder_look(const char *path, int follow, enum bu_entry *entry,
                   int64_t *size, struct bu_error *error)
{
  struct stat status;

  if((follow ? stat(path, &status) : lstat(path, &status)) != 0)
    return bu_error_system(error, errno, path);
  *entry = folder_entry_of(&status);
  *size = (int64_t)status.st_size;
  return BU_OK;
}

int bu_folder_look_in(const struct bu_folder *folder, const char *name,
                      enum bu_entry *entry, int64_t *size,
                      struct bu_error *error)
{
  struct stat status;

  if(folder_check_name(name, error) != BU_OK)
    return error->code;
  if(fstatat(bu_folder_descriptor(folder), name, &status,
             AT_SYMLINK_NOFOLLOW) != 0)
    return folder_fail_in(folder, name, error);
  *entry = folder_entry_of(&status);
  *size = (int64_t)status.st_size;
  return BU_OK;
}

char *bu_folder_join(const char *folder, const char *below,
                     struct bu_error *error)
{
  size_t length = strlen(folder);
  size_t size = length + strlen(below) + 2;
  const char *at = below;
  size_t count = strcspn(at, "/");
  char *path;

  for(; folder_has(at, count) && at[count]; count = strcspn(at, "/"))
    at += count + 1;
  if(!folder_has(at, count)) {
    bu_error_set(error, BU_EINVALID, "%.150s: not a path below a folder",
                 below);
    return NULL;
  }
  path = malloc(size);
  if(!path) {
    bu_error_memory(error);
    return NULL;
  }
  while(length > 0 && folder[length - 1] == '/')
    length--;
  memcpy(path, folder, length);
  (void)snprintf(path + length, size - length, "/%s", below);
  return path;
}

int bu_folder_enter(const char *path, struct bu_error *error)
{
  int descriptor = open(path, ENTER | O_DIRECTORY | O_CLOEXEC);

  if(descriptor < 0)
    bu_error_system(error, errno, path);
  return descriptor;
}

int bu_folder_fail(int folder, const char *name, const char *path,
                   struct bu_error *error)
{
  int sys = errno;
  struct stat status;

  /* For a link, systems answer one of the first two, EFTYPE or ENOTDIR. */
  if(sys == ELOOP || sys == EMLINK ||
     (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
      S_ISLNK(status.st_mode)))
    return bu_error_set(error, BU_ELINK,
                        "%.300s: a symbolic link, which isn't followed",
                        path);
  return bu_error_system(error, sys, path);
}

int bu_folder_descend(int folder, char *path, const char *below,
                      struct bu_error *error)
{
  char *name = path + strlen(path) - strlen(below);
  char *slash;

  while(folder >= 0 && (slash = strchr(name, '/')) != NULL) {
    int next;

    *slash = '\0';
    next = openat(folder, name, ENTER | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if(next < 0)
      bu_folder_fail(folder, name, path, error);
    *slash = '/';
    bu_close(folder);
    folder = next;
    name = slash + 1;
  }
  return folder;
}
