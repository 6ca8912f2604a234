/* file: an open file, and what it was when it was opened.
 * SPDX-License-Identifier: MIT */
#ifdef __linux__
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sync_file_range */
#endif
#endif
#include "platform.h"

#include "file.h"

#include "compat.h"
#include "folder.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct bu_file {
  unsigned references;
  int descriptor;
  int folder; /* that has the path's last component, or -1 */
  int is_spool;
  struct bu_identity identity;
  char path[];
};

static struct bu_identity file_identity_of(const struct stat *status)
{
  struct bu_identity identity;

  memset(&identity, 0, sizeof(identity));
  identity.size = (int64_t)status->st_size;
  identity.device = (uint64_t)status->st_dev;
  identity.inode = (uint64_t)status->st_ino;
  identity.mtime = bu_stat_mtime(status);
  identity.ctime = bu_stat_ctime(status);
  return identity;
}

static int file_fail(struct bu_error *error, int sys, const char *path)
{
  bu_error_system(error, sys, path);
  return -1;
}

/* A file that the kernel or a program makes up while it is read may say that
 * it has no bytes, or more than it has (/proc, /sys): it would be stored as
 * something else. Real files without blocks are empty, sparse or tiny. */
static int file_check_size(int descriptor, const struct stat *status,
                           const char *path, struct bu_error *error)
{
  off_t last = status->st_size > 0 ? status->st_size - 1 : 0;
  char byte;
  ssize_t count;

  if(status->st_size > 0 && status->st_blocks > 0)
    return 0;
  do {
    count = pread(descriptor, &byte, 1, last);
  } while(count < 0 && errno == EINTR);
  if(count < 0)
    return file_fail(error, errno, path);
  if((count > 0) == (status->st_size > 0))
    return 0;
  bu_error_set(error, BU_EINVALID,
               "%.150s: it has another size than the system says; read it "
               "through a pipe",
               path);
  return -1;
}

static const char *file_name_of(const char *path)
{
  const char *slash = strrchr(path, '/');

  return slash ? slash + 1 : path;
}

/* In a folder with a descriptor, links aren't followed. O_NONBLOCK, so that
 * opening a pipe doesn't wait for its writer; a regular file ignores it. */
static int file_open_descriptor(int folder, const char *path,
                                struct bu_error *error)
{
  int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  int descriptor;

  if(folder < 0) {
    descriptor = open(path, flags);
    return descriptor < 0 ? file_fail(error, errno, path) : descriptor;
  }
  descriptor = openat(folder, file_name_of(path), flags | O_NOFOLLOW);
  if(descriptor < 0)
    bu_folder_fail(folder, file_name_of(path), path, error);
  return descriptor;
}

static int file_open_regular(int folder, const char *path,
                             struct stat *status, struct bu_error *error)
{
  int descriptor = file_open_descriptor(folder, path, error);

  if(descriptor < 0)
    return -1;
  if(fstat(descriptor, status) != 0)
    file_fail(error, errno, path);
  else if(S_ISDIR(status->st_mode))
    file_fail(error, EISDIR, path);
  else if(!S_ISREG(status->st_mode))
    bu_error_set(error, BU_EINVALID,
                 "%.200s: not a regular file (a device or a pipe)", path);
  else if(file_check_size(descriptor, status, path, error) == 0)
    return descriptor;
  bu_close(descriptor);
  return -1;
}

/* Owns the descriptor from now on, also when it fails. */
static struct bu_file *file_new(const char *path, int descriptor,
                                struct bu_error *error)
{
  size_t size = strlen(path) + 1;
  struct bu_file *file = calloc(1, sizeof(*file) + size);

  if(!file) {
    bu_close(descriptor);
    bu_error_memory(error);
    return NULL;
  }
  file->references = 1;
  file->descriptor = descriptor;
  file->folder = -1;
  memcpy(file->path, path, size);
  return file;
}

/* Owns the folder's descriptor, or -1, from now on, also when it fails. */
static struct bu_file *file_open(int folder, const char *path,
                                 struct bu_error *error)
{
  struct stat status;
  int descriptor = file_open_regular(folder, path, &status, error);
  struct bu_file *file =
      descriptor < 0 ? NULL : file_new(path, descriptor, error);

  if(file) {
    file->folder = folder;
    file->identity = file_identity_of(&status);
  } else if(folder >= 0) {
    bu_close(folder);
  }
  return file;
}

struct bu_file *bu_file_open(const char *path, struct bu_error *error)
{
  return file_open(-1, path, error);
}

/* Owns the folder's descriptor from now on. */
static struct bu_file *file_open_from(int folder, const char *folder_path,
                                      const char *below,
                                      struct bu_error *error)
{
  char *path = bu_folder_join(folder_path, below, error);
  struct bu_file *file = NULL;

  if(path)
    folder = bu_folder_descend(folder, path, below, error);
  else
    bu_close(folder);
  if(path && folder >= 0)
    file = file_open(folder, path, error);
  free(path);
  return file;
}

struct bu_file *bu_file_open_below(const char *folder, const char *path,
                                   struct bu_error *error)
{
  int descriptor = bu_folder_enter(folder, error);

  return descriptor < 0 ? NULL
                        : file_open_from(descriptor, folder, path, error);
}

static int file_copy_descriptor(int descriptor, const char *path,
                                struct bu_error *error)
{
  int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);

  return copy < 0 ? file_fail(error, errno, path) : copy;
}

struct bu_file *bu_file_open_in(const struct bu_folder *folder,
                                const char *path, struct bu_error *error)
{
  int descriptor =
      file_copy_descriptor(bu_folder_descriptor(folder), path, error);

  return descriptor < 0 ? NULL
                        : file_open_from(descriptor, bu_folder_path(folder),
                                         path, error);
}

struct bu_file *bu_file_reopen(const struct bu_file *file,
                               struct bu_error *error)
{
  int folder = file->folder;

  if(folder >= 0)
    folder = file_copy_descriptor(folder, file->path, error);
  return folder < 0 && file->folder >= 0
             ? NULL
             : file_open(folder, file->path, error);
}

struct bu_file *bu_file_spool(const char *folder, struct bu_error *error)
{
  static const char name[] = "/boxupload-XXXXXX";
  size_t size = strlen(folder) + sizeof(name);
  char *path = malloc(size);
  struct bu_file *file = NULL;
  int descriptor;

  if(!path) {
    bu_error_memory(error);
    return NULL;
  }
  (void)snprintf(path, size, "%s%s", folder, name);
  descriptor = bu_temporary(path, 0);
  if(descriptor < 0) {
    bu_error_system(error, errno, path);
  } else {
    bu_discard(path);
    file = file_new("(spool)", descriptor, error);
  }
  free(path);
  if(file)
    file->is_spool = 1;
  return file;
}

int bu_file_append(struct bu_file *file, const void *data, size_t length,
                   struct bu_error *error)
{
  const char *from = data;

  if(!file->is_spool)
    return bu_error_set(error, BU_EINVALID, "not a spool: %.150s",
                        file->path);
  while(length > 0) {
    ssize_t count =
        pwrite(file->descriptor, from, length, (off_t)file->identity.size);

    if(count < 0 && errno == EINTR)
      continue;
    if(count <= 0)
      return bu_error_system(error, count < 0 ? errno : ENOSPC, "spooling");
    file->identity.size += (int64_t)count;
    from += count;
    length -= (size_t)count;
  }
  return BU_OK;
}

struct bu_file *bu_file_acquire(struct bu_file *file)
{
  bu_ref(&file->references);
  return file;
}

void bu_file_release(struct bu_file *file)
{
  if(!file || !bu_unref(&file->references))
    return;
  bu_close(file->descriptor);
  if(file->folder >= 0)
    bu_close(file->folder);
  free(file);
}

const char *bu_file_path(const struct bu_file *file)
{
  return file->path;
}

const struct bu_identity *bu_file_identity(const struct bu_file *file)
{
  return &file->identity;
}

int bu_file_identify(const struct bu_file *file, struct bu_identity *identity,
                     struct bu_error *error)
{
  struct stat status;

  memset(identity, 0, sizeof(*identity));
  if(fstat(file->descriptor, &status) != 0)
    return bu_error_system(error, errno, file->path);
  *identity = file_identity_of(&status);
  return BU_OK;
}

void bu_file_clean(const struct bu_file *file, int64_t offset, int64_t length)
{
  if(file->is_spool)
    return;
#ifdef __linux__
  /* Unlike fdatasync it doesn't wait for the disk, except for pages that are
   * being written already: those might have been stored to since. */
  (void)sync_file_range(file->descriptor, (off_t)offset, (off_t)length,
                        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE);
#else
  (void)length;
  if(offset == 0)
    (void)bu_fsync(file->descriptor);
#endif
}

int64_t bu_file_read(const struct bu_file *file, int64_t offset, void *data,
                     size_t length, struct bu_error *error)
{
  size_t done = 0;

  while(done < length) {
    ssize_t count = pread(file->descriptor, (char *)data + done,
                          length - done, (off_t)(offset + (int64_t)done));

    if(count < 0 && errno == EINTR)
      continue;
    if(count < 0)
      return file_fail(error, errno, file->path);
    if(count == 0)
      break;
    done += (size_t)count;
  }
  return (int64_t)done;
}

static int file_is_same_time(struct timespec a, struct timespec b)
{
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static int file_set_changed(const struct bu_file *file, const char *what,
                            struct bu_error *error)
{
  return bu_error_set(error, BU_ECHANGED, "%.150s changed: %s", file->path,
                      what);
}

static int file_look(const struct bu_file *file, struct stat *status)
{
  if(file->folder < 0)
    return stat(file->path, status);
  return fstatat(file->folder, file_name_of(file->path), status,
                 AT_SYMLINK_NOFOLLOW);
}

/* A path that is gone, or can't be looked at, says nothing about the bytes of
 * the open file. */
static int file_check_path(const struct bu_file *file, struct bu_error *error)
{
  const struct bu_identity *was = &file->identity;
  struct bu_identity is;
  struct stat status;

  if(file_look(file, &status) != 0)
    return BU_OK;
  is = file_identity_of(&status);
  if((is.device != was->device || is.inode != was->inode) &&
     (is.size != was->size || !file_is_same_time(is.mtime, was->mtime)))
    return file_set_changed(file, "it was replaced by another file", error);
  return BU_OK;
}

static int file_is_folder_at(const struct bu_file *file, const char *path)
{
  struct stat here;
  struct stat there;

  return fstat(file->folder, &here) == 0 && stat(path, &there) == 0 &&
         here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

/* The last component may be a link by now, so only the folder's path is
 * asked for. */
static char *file_real_path_below(const struct bu_file *file,
                                  struct bu_error *error)
{
  const char *name = file_name_of(file->path);
  char *folder = strdup(file->path);
  char *real = NULL;
  char *path = NULL;

  if(!folder) {
    bu_error_memory(error);
    return NULL;
  }
  folder[name - file->path] = '\0';
  real = bu_path_real(folder, error);
  if(real && file_is_folder_at(file, real))
    path = bu_folder_join(real, name, error);
  else if(real)
    file_set_changed(file, "another folder is in the place of its own",
                     error);
  free(real);
  free(folder);
  return path;
}

char *bu_file_real_path(const struct bu_file *file, struct bu_error *error)
{
  return file->folder < 0 ? bu_path_real(file->path, error)
                          : file_real_path_below(file, error);
}

int bu_file_check(const struct bu_file *file, struct bu_error *error)
{
  const struct bu_identity *was = &file->identity;
  struct bu_identity is;
  int code;

  if(file->is_spool)
    return BU_OK;
  code = bu_file_identify(file, &is, error);
  if(code != BU_OK)
    return code;
  if(is.size != was->size)
    return file_set_changed(file, "its size is another", error);
  code = file_check_path(file, error);
  if(code != BU_OK)
    return code;
  if(file_is_same_time(is.mtime, was->mtime) &&
     file_is_same_time(is.ctime, was->ctime))
    return BU_OK;
  return bu_error_set(error, BU_ETOUCHED,
                      "%.150s has other times: it was written to, or only "
                      "its attributes were changed",
                      file->path);
}
