/* The folder on disk: finished files, sessions, the CA. */
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

/* Makes DIR, DIR/files and DIR/sessions; without a path, a temporary DIR. */
int em_root_init(struct em_root *root, const char *path, bool keep);

/* Removes what only a running emulator needs, and the whole of a temporary
   folder that is not to be kept. */
void em_root_free(struct em_root *root);

/* Writes DIR/relative to `out`; 0, or -1 when it is too long. */
int em_root_path(const struct em_root *root, char out[PATH_MAX],
                 const char *folder, const char *name);

/* Writes a whole small file. */
int em_root_write(const struct em_root *root, const char *name,
                  const char *bytes, size_t size);

#endif
