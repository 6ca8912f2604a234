/* Writing to files, to the last byte. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_FILE_H
#define EM_FILE_H

#include "base/base.h"

/* 0, or -1 when not all of it could be written. */
int em_file_write(int fd, const char *bytes, size_t size);
int em_file_write_at(int fd, const char *bytes, size_t size, int64_t offset);

#endif
