/* wake: a descriptor that can be made readable.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "wake.h"

#include "compat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/eventfd.h>

int bu_wake_open(struct bu_wake *wake, struct bu_error *error)
{
  wake->read_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  wake->write_fd = wake->read_fd;
  if(wake->read_fd < 0)
    return bu_error_system(error, errno, "eventfd");
  return BU_OK;
}
#else
static int wake_prepare(int descriptor)
{
  int flags = fcntl(descriptor, F_GETFL);

  return flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0 ||
         fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0;
}

int bu_wake_open(struct bu_wake *wake, struct bu_error *error)
{
  int pair[2];

  if(pipe(pair) != 0)
    return bu_error_system(error, errno, "pipe");
  wake->read_fd = pair[0];
  wake->write_fd = pair[1];
  if(wake_prepare(pair[0]) || wake_prepare(pair[1])) {
    bu_error_system(error, errno, "fcntl");
    bu_wake_close(wake);
    return error->code;
  }
  return BU_OK;
}
#endif

void bu_wake_close(struct bu_wake *wake)
{
  if(wake->read_fd >= 0)
    bu_close(wake->read_fd);
  if(wake->write_fd >= 0 && wake->write_fd != wake->read_fd)
    bu_close(wake->write_fd);
  wake->read_fd = -1;
  wake->write_fd = -1;
}

void bu_wake_raise(struct bu_wake *wake)
{
  /* An eventfd wants 8 bytes, and a pipe doesn't mind. EAGAIN: it is full, so
   * it is readable already. */
  const uint64_t one = 1;
  ssize_t count;

  do {
    count = write(wake->write_fd, &one, sizeof(one));
  } while(count < 0 && errno == EINTR);
}

void bu_wake_lower(struct bu_wake *wake)
{
  uint64_t value;
  ssize_t count;

  do {
    count = read(wake->read_fd, &value, sizeof(value));
  } while(count > 0 || (count < 0 && errno == EINTR));
}
