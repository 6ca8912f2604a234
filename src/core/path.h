/* path: what is at a path, whom it belongs to, and whole files there.
 * SPDX-License-Identifier: MIT */
#ifndef BU_PATH_H
#define BU_PATH_H

#include "buffer.h"
#include "error.h"

#include <stddef.h>

/* Each fills *error when it fails: with BU_ESYSTEM, BU_EMEMORY or, where
 * others than the user may have had their hands in it, BU_EUNSAFE. */

/* What a file has to be for its text to be believed. Always a regular one
 * that belongs to the process's user, or to root, who may do anything. */
enum bu_trust {
  /* What this program keeps. No symbolic link, not writable by others, and
   * nobody else may put another in its place: the folder and those above it,
   * up to the user's home or the root, are the user's or root's, and others
   * can't write to them, except where the sticky bit leaves each entry to its
   * owner (/tmp). A group in which there is only the user may write to a
   * folder. So does OpenSSH with its own, mostly. */
  BU_TRUST_STATE,
  /* What the user names. Not writable by others; links are followed, since
   * secrets are mounted as links (Kubernetes), and folders don't matter. */
  BU_TRUST_SECRET,
  /* What is only written to. No symbolic link. */
  BU_TRUST_LOG
};

/* Opens a file with the flags of open, close-on-exec; one that O_CREAT makes
 * has mode 0600. Waits for nothing, whatever is there. -1 with *error
 * filled. */
int bu_path_open(const char *path, int flags, enum bu_trust trust,
                 struct bu_error *error);
/* Whether nobody else may put a file there: what BU_TRUST_STATE says of
 * folders. BU_ESYSTEM when there is no such folder. */
int bu_path_check_folders(const char *path, struct bu_error *error);
/* Appends all of an open file to *text. BU_ELIMIT when it is more than that
 * may hold. The path is for the error's text. */
int bu_path_read(const char *path, int descriptor, struct bu_buffer *text,
                 struct bu_error *error);
/* The same for a file that isn't open. */
int bu_path_load(const char *path, enum bu_trust trust,
                 struct bu_buffer *text, struct bu_error *error);
/* Appends to a log, or makes it. */
int bu_path_append(const char *path, const void *data, size_t length,
                   struct bu_error *error);

/* Replaces a whole file, or makes it: whoever reads sees the old bytes or the
 * new ones, and after the return a crash of the machine leaves the new. Mode
 * 0600. Locks nothing. BU_EUNSAFE for folders as above. */
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
