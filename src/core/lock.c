/* lock: a file whose bytes stand for what one process at a time may do.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "lock.h"

#include "compat.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bu_lock {
  int descriptor;
  char path[];
};

struct bu_lock *bu_lock_open(const char *path, struct bu_error *error)
{
  size_t size = strlen(path) + 1;
  struct bu_lock *lock = malloc(sizeof(*lock) + size);

  if(!lock) {
    bu_error_memory(error);
    return NULL;
  }
  memcpy(lock->path, path, size);
  lock->descriptor =
      bu_path_open(path, O_RDWR | O_CREAT, BU_TRUST_STATE, error);
  if(lock->descriptor >= 0)
    return lock;
  free(lock);
  return NULL;
}

void bu_lock_close(struct bu_lock *lock)
{
  if(!lock)
    return;
  bu_close(lock->descriptor);
  free(lock);
}

static int lock_set(struct bu_lock *lock, short type, int64_t place,
                    struct bu_error *error)
{
  struct flock record;
  int result;

  memset(&record, 0, sizeof(record));
  record.l_type = type;
  record.l_whence = SEEK_SET;
  record.l_start = (off_t)place;
  record.l_len = 1;
  do {
    result = fcntl(lock->descriptor, F_SETLK, &record);
  } while(result != 0 && errno == EINTR);
  if(result == 0)
    return BU_OK;
  if(errno == EACCES || errno == EAGAIN)
    return bu_error_set(error, BU_ELOCKED, "%.200s: another process has it",
                        lock->path);
  return bu_error_system(error, errno, lock->path);
}

int bu_lock_take(struct bu_lock *lock, int64_t place, struct bu_error *error)
{
  return lock_set(lock, F_WRLCK, place, error);
}

int bu_lock_release(struct bu_lock *lock, int64_t place,
                    struct bu_error *error)
{
  return lock_set(lock, F_UNLCK, place, error);
}
