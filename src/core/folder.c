/* folder: makes and lists the folders that journals are in.
 * SPDX-License-Identifier: MIT */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int make_one(const char *path, struct bu_error *error)
{
  struct stat status;

  if(mkdir(path, S_IRWXU) == 0)
    return BU_OK;
  if(errno != EEXIST)
    return bu_error_system(error, errno, path);
  if(stat(path, &status) != 0)
    return bu_error_system(error, errno, path);
  return S_ISDIR(status.st_mode) ? BU_OK
                                 : bu_error_system(error, ENOTDIR, path);
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
    code = make_one(copy, error);
    *slash = '/';
  }
  if(code == BU_OK)
    code = make_one(copy, error);
  free(copy);
  return code;
}

int bu_folder_list(const char *path, int (*each)(void *, const char *),
                   void *argument, struct bu_error *error)
{
  DIR *folder = opendir(path);
  struct dirent *entry;
  int stop = 0;
  int sys;

  if(!folder)
    return bu_error_system(error, errno, path);
  do {
    errno = 0;
    entry = readdir(folder);
    sys = errno;
    if(entry && strcmp(entry->d_name, ".") != 0 &&
       strcmp(entry->d_name, "..") != 0)
      stop = each(argument, entry->d_name);
  } while(entry && !stop);
  (void)closedir(folder);
  return sys != 0 && !stop ? bu_error_system(error, sys, path) : BU_OK;
}
