/* file: an open file, and what it was when it was opened.
 * SPDX-License-Identifier: MIT */
#ifndef BU_FILE_H
#define BU_FILE_H

#include "error.h"

#include <stdint.h>
#include <time.h>

struct bu_identity {
  int64_t size;
  uint64_t device;
  uint64_t inode;
  struct timespec mtime;
  struct timespec ctime;
};

/* Any thread may read it; only the owner may append to a spool.
 * Reference-counted. */
struct bu_file;
struct bu_folder;

/* Opens a regular file for reading. NULL with *error filled; also for a
 * folder, a device or a pipe, and for a file that says another size than it
 * has. */
struct bu_file *bu_file_open(const char *path, struct bu_error *error);
/* The same for a path below a folder, which has no link, "." or ".." in it:
 * BU_ELINK, BU_EINVALID. Where the folder's own path is a link, that is
 * followed. */
struct bu_file *bu_file_open_below(const char *folder, const char *path,
                                   struct bu_error *error);
/* The same for an open folder, which may be closed afterwards. */
struct bu_file *bu_file_open_in(const struct bu_folder *folder,
                                const char *path, struct bu_error *error);
/* What the file's path names now, opened as this one was; where that was below
 * a folder, from there. */
struct bu_file *bu_file_reopen(const struct bu_file *file,
                               struct bu_error *error);
struct bu_file *bu_file_acquire(struct bu_file *file);
void bu_file_release(struct bu_file *file); /* NULL is fine */

/* A spool: an empty file in the folder, without a name, for bytes that don't
 * come from a file. The last release deletes it. NULL with *error filled. */
struct bu_file *bu_file_spool(const char *folder, struct bu_error *error);
/* Appends to a spool. Nobody else can change one, so bu_file_check always
 * passes. BU_EINVALID for any other file, BU_ESYSTEM. */
int bu_file_append(struct bu_file *file, const void *data, size_t length,
                   struct bu_error *error);

const char *bu_file_path(const struct bu_file *file);
/* The path from the root, without links, to be freed; or NULL. BU_ECHANGED
 * when another folder has taken the place of that which the file was found
 * in. */
char *bu_file_real_path(const struct bu_file *file, struct bu_error *error);
const struct bu_identity *bu_file_identity(const struct bu_file *file);

/* What the open file is now. BU_ESYSTEM with *error filled. */
int bu_file_identify(const struct bu_file *file, struct bu_identity *identity,
                     struct bu_error *error);

/* Makes the system write these bytes to the disk, because a store through a
 * mapping changes the file's times only when its page is clean. Best effort:
 * there are file systems that never do. May wait for the disk. */
void bu_file_clean(const struct bu_file *file, int64_t offset,
                   int64_t length);

/* Up to length bytes from offset, fewer only at the end of the file. Returns
 * how many, or -1 with *error filled. Threads may read at the same time: there
 * is no shared position. */
int64_t bu_file_read(const struct bu_file *file, int64_t offset, void *data,
                     size_t length, struct bu_error *error);

/* BU_OK while the open file has the size, mtime and ctime that it had.
 * BU_ETOUCHED when only its times differ: its bytes tell whether it changed.
 * BU_ECHANGED when its size differs, or its path names another file, of
 * another size or mtime; BU_ESYSTEM. A path that names nothing any more is no
 * change. */
int bu_file_check(const struct bu_file *file, struct bu_error *error);

#endif
