/* folder: makes and lists the folders that journals are in.
 * SPDX-License-Identifier: MIT */
#ifndef BU_FOLDER_H
#define BU_FOLDER_H

#include "error.h"

/* Makes the folder and those above it that are missing, with mode 0700. */
int bu_folder_make(const char *path, struct bu_error *error);

/* Calls `each` with every name but "." and ".."; it returns 0 to go on. */
int bu_folder_list(const char *path, int (*each)(void *, const char *),
                   void *argument, struct bu_error *error);

#endif
