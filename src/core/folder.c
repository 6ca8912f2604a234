/* folder: makes folders, and lists what is in one.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

struct bu_folder *bu_folder_open(const char *path, struct bu_error *error)
{
  size_t size = strlen(path) + 1;
  struct bu_folder *folder = calloc(1, sizeof(*folder) + size);

  if(!folder) {
    bu_error_memory(error);
    return NULL;
  }
  memcpy(folder->path, path, size);
  folder->stream = opendir(path);
  if(folder->stream)
    return folder;
  bu_error_system(error, errno, path);
  free(folder);
  return NULL;
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
