/* Writes complete buffers to files. */
/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <unistd.h>

int em_file_write(int fd, const char *bytes, size_t size)
{
  while(size > 0) {
    ssize_t wrote = write(fd, bytes, size);
    if(wrote < 0 && errno == EINTR)
      continue;
    if(wrote <= 0)
      return -1;
    bytes += wrote;
    size -= (size_t)wrote;
  }
  return 0;
}

int em_file_write_at(int fd, const char *bytes, size_t size, int64_t offset)
{
  while(size > 0) {
    ssize_t wrote = pwrite(fd, bytes, size, (off_t)offset);
    if(wrote < 0 && errno == EINTR)
      continue;
    if(wrote <= 0)
      return -1;
    bytes += wrote;
    size -= (size_t)wrote;
    offset += wrote;
  }
  return 0;
}
