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
/* The next name but "." and "..", valid until the next call; NULL at the
 * end. */
int bu_folder_next(struct bu_folder *folder, const char **name,
                   struct bu_error *error);
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

#endif
