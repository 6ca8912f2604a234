/* path: what is at a path, and whole files written there.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "path.h"

#include "compat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes of the longest name that a file system has to take: eCryptfs takes no
 * more than 143. */
#define NAME_MAX_ANYWHERE 143

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
  int result;

  do {
    result = fsync(descriptor);
  } while(result != 0 && errno == EINTR);
  if(result == 0 || path_has_no_sync(errno))
    return BU_OK;
  return bu_error_system(error, errno, path);
}

/* Bytes of the path up to its last slash, which is counted. */
static size_t path_folder_length(const char *path)
{
  const char *slash = strrchr(path, '/');

  return slash ? (size_t)(slash - path) + 1 : 0;
}

void bu_path_sync_folder(const char *path)
{
  size_t length = path_folder_length(path);
  char *folder = strdup(length > 0 ? path : ".");
  int descriptor;

  if(!folder)
    return;
  if(length > 0)
    folder[length] = '\0';
  descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if(descriptor >= 0) {
    (void)fsync(descriptor);
    bu_close(descriptor);
  }
  free(folder);
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
  char *temporary = bu_path_temporary(path, error);
  int descriptor;
  int code;

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
