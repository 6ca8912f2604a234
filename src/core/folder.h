/* folder: makes folders, and lists what is in one.
 * SPDX-License-Identifier: MIT */
#ifndef BU_FOLDER_H
#define BU_FOLDER_H

#include "error.h"

#include <stdint.h>

/* Makes the folder and those above it that are missing, with mode 0700. */
int bu_folder_make(const char *path, struct bu_error *error);

/* Calls `each` with every name but "." and "..", until it returns other than
 * 0. */
int bu_folder_list(const char *path, int (*each)(void *, const char *),
                   void *argument, struct bu_error *error);

/* Reads a folder entry by entry, however many there are. */
struct bu_folder;

struct bu_folder *bu_folder_open(const char *path, struct bu_error *error);
/* A folder in an open one. BU_ELINK for a symbolic link. */
struct bu_folder *bu_folder_open_in(const struct bu_folder *parent,
                                    const char *name, struct bu_error *error);
/* The next name but "." and "..", valid until the next call; NULL at the
 * end. */
int bu_folder_next(struct bu_folder *folder, const char **name,
                   struct bu_error *error);
/* Begins anew. */
void bu_folder_rewind(struct bu_folder *folder);
void bu_folder_close(struct bu_folder *folder); /* NULL is fine */

enum bu_entry {
  BU_ENTRY_FILE,
  BU_ENTRY_FOLDER,
  BU_ENTRY_LINK, /* a symbolic one; never when links are followed */
  BU_ENTRY_PIPE, /* with a name or without */
  BU_ENTRY_SOCKET,
  BU_ENTRY_DEVICE /* and whatever else there may be */
};

/* What is at the path, and its size in bytes. */
int bu_folder_look(const char *path, int follow, enum bu_entry *entry,
                   int64_t *size, struct bu_error *error);
/* The same for a name in an open folder. Links aren't followed. */
int bu_folder_look_in(const struct bu_folder *folder, const char *name,
                      enum bu_entry *entry, int64_t *size,
                      struct bu_error *error);

/* For others that open what is in a folder. */

const char *bu_folder_path(const struct bu_folder *folder);
int bu_folder_descriptor(const struct bu_folder *folder);
/* A descriptor to open what is in the folder by; or -1. */
int bu_folder_enter(const char *path, struct bu_error *error);
/* The path of a name in a folder, or of a path below it, to be freed; or
 * NULL. BU_EINVALID unless it stays in there: for an empty component, "." and
 * "..". */
char *bu_folder_join(const char *folder, const char *below,
                     struct bu_error *error);
/* Goes down from the folder with the descriptor to that of the path's last
 * component, without following a link. The path has `below` at its end. Takes
 * the descriptor and returns another, or -1. */
int bu_folder_descend(int folder, char *path, const char *below,
                      struct bu_error *error);
/* Fills *error, by errno, when the name couldn't be opened in the folder
 * without following a link. The path is for the text. */
int bu_folder_fail(int folder, const char *name, const char *path,
                   struct bu_error *error);

#endif
