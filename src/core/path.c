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

int bu_path_write(const char *path, int descriptor, const void *data,
                  size_t length, struct bu_error *error)
{
  const char *from = data;

  while(length > 0) {
    ssize_t count = write(descriptor, from, length);

    if(count < 0 && errno == EINTR)
      continue;
    if(count < 0)
      return bu_error_system(error, errno, path);
    from += count;
    length -= (size_t)count;
  }
  return BU_OK;
}

int bu_path_sync_folder(const char *path, struct bu_error *error)
{
  const char *slash = strrchr(path, '/');
  char *folder = strdup(slash ? path : ".");
  int descriptor;
  int code = BU_OK;

  if(!folder)
    return bu_error_memory(error);
  if(slash)
    folder[slash == path ? 1 : slash - path] = '\0';
  descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  /* EINVAL: a file system that can't sync folders. */
  if(descriptor < 0 || (fsync(descriptor) != 0 && errno != EINVAL))
    code = bu_error_system(error, errno, folder);
  if(descriptor >= 0)
    bu_close(descriptor);
  free(folder);
  return code;
}

char *bu_path_temporary(const char *path, struct bu_error *error)
{
  static const char suffix[] = ".XXXXXX";
  size_t size = strlen(path) + sizeof(suffix);
  char *temporary = malloc(size);

  if(!temporary)
    bu_error_memory(error);
  else
    (void)snprintf(temporary, size, "%s%s", path, suffix);
  return temporary;
}

static int path_fill(int descriptor, const char *path, const void *data,
                     size_t length, struct bu_error *error)
{
  int code;

  if(fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0)
    return bu_error_system(error, errno, path);
  code = bu_path_write(path, descriptor, data, length, error);
  if(code == BU_OK && fsync(descriptor) != 0)
    code = bu_error_system(error, errno, path);
  return code;
}

int bu_path_replace(const char *path, const void *data, size_t length,
                    struct bu_error *error)
{
  char *temporary = bu_path_temporary(path, error);
  int descriptor;
  int code;

  if(!temporary)
    return BU_EMEMORY;
  descriptor = mkstemp(temporary); /* mode 0600 */
  if(descriptor < 0) {
    code = bu_error_system(error, errno, temporary);
    goto done;
  }
  code = path_fill(descriptor, temporary, data, length, error);
  if(close(descriptor) != 0 && code == BU_OK)
    code = bu_error_system(error, errno, temporary);
  if(code == BU_OK && rename(temporary, path) != 0)
    code = bu_error_system(error, errno, path);
  if(code == BU_OK)
    code = bu_path_sync_folder(path, error);
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
