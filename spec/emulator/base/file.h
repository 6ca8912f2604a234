/* Writes complete buffers to files. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_FILE_H
#define EM_FILE_H

#include "base/base.h"

/* Return 0, or -1 if not everything was written. */
int em_file_write(int fd, const char *bytes, size_t size);
int em_file_write_at(int fd, const char *bytes, size_t size, int64_t offset);

#endif
