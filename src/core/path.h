/* path: what is at a path, and whole files written there.
 * SPDX-License-Identifier: MIT */
#ifndef BU_PATH_H
#define BU_PATH_H

#include "error.h"

#include <stddef.h>

/* Each fills *error when it fails, which is BU_ESYSTEM or BU_EMEMORY. */

/* Replaces a whole file, or makes it: whoever reads sees the old bytes or the
 * new ones, and after the return a crash of the machine leaves the new. Mode
 * 0600. Locks nothing. */
int bu_path_replace(const char *path, const void *data, size_t length,
                    struct bu_error *error);

/* Whether only the owner can read or write what is at the path. */
int bu_path_is_private(const char *path, int *is_private,
                       struct bu_error *error);

/* The path from the root, without symbolic links, to be freed; or NULL. */
char *bu_path_real(const char *path, struct bu_error *error);

/* For others that write files. */

/* "path.XXXXXX", for mkstemp: where the bytes are until they are complete. In
 * the same folder a shorter name where that would be too long. To be freed; or
 * NULL. */
char *bu_path_temporary(const char *path, struct bu_error *error);
/* Writes all bytes; the path is for the error's text. */
int bu_path_write(const char *path, int descriptor, const void *data,
                  size_t length, struct bu_error *error);
/* Writes the file's bytes to the disk, where the file system can. */
int bu_path_sync(const char *path, int descriptor, struct bu_error *error);
/* Makes a rename or link to the path survive a crash of the machine. Best
 * effort: many file systems can't sync folders, and what the path names is
 * right either way. */
void bu_path_sync_folder(const char *path);

#endif
