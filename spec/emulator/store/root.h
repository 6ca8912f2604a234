/* The emulator's folder on disk. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_ROOT_H
#define EM_ROOT_H

#include "base/base.h"

#include <limits.h>

struct em_root {
  char path[PATH_MAX / 2];
  bool temporary;
  bool keep;
};

/* Creates DIR, and in it files, trash and sessions. Without a path, DIR is
   temporary. */
int em_root_init(struct em_root *root, const char *path, bool keep);

/* Deletes a temporary DIR, or what is no use later: the trash, the sessions
   and the CA. With `keep`, nothing. */
void em_root_free(struct em_root *root);

/* Joins DIR, `folder` and `name`. Returns -1 if the path is too long. */
int em_root_path(const struct em_root *root, char out[PATH_MAX],
                 const char *folder, const char *name);

/* Creates or replaces a file. */
int em_root_write(const struct em_root *root, const char *name,
                  const char *bytes, size_t size);

#endif
