/* multi: a curl_multi as the engine needs it.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "multi.h"

#include "compat.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/select.h>

/* Idle connections kept for reuse. */
#define CONNECTIONS_KEPT 64L

/* Bytes that are on their way through the descriptor, from it or to it. */
static int multi_pending(int descriptor)
{
  int to_read = 0;
  int unread = 0;

  if(ioctl(descriptor, FIONREAD, &to_read) != 0)
    to_read = 0;
#ifdef TIOCOUTQ
  if(ioctl(descriptor, TIOCOUTQ, &unread) != 0)
    unread = 0;
#endif
  return to_read + unread;
}

static int multi_is_inherited(int descriptor)
{
  int flags = fcntl(descriptor, F_GETFD);

  return flags >= 0 && (flags & FD_CLOEXEC) == 0;
}

static void multi_find_quiet(fd_set *quiet)
{
  int descriptor;

  FD_ZERO(quiet);
  for(descriptor = 0; descriptor < FD_SETSIZE; descriptor++) {
    if(multi_is_inherited(descriptor) && multi_pending(descriptor) == 0)
      FD_SET(descriptor, quiet);
  }
}

/* Older libcurls wake their threads through a pair of sockets that children
 * inherit, and don't tell which they are: they are those that have something
 * under way since the wake-up. */
static void multi_close_woken_on_exec(const fd_set *quiet)
{
  int descriptor;

  for(descriptor = 0; descriptor < FD_SETSIZE; descriptor++) {
    if(FD_ISSET(descriptor, quiet) && multi_pending(descriptor) > 0)
      (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  }
}

CURLM *bu_multi_new(struct bu_error *error)
{
  CURLM *multi = curl_multi_init();
  fd_set quiet;

  if(!multi && bu_has_descriptor()) {
    bu_error_memory(error);
    return NULL;
  }
  multi_find_quiet(&quiet);
  /* Without the descriptors for it, only this tells. */
  if(!multi || curl_multi_wakeup(multi) != CURLM_OK) {
    bu_error_set(error, BU_EDESCRIPTORS,
                 "libcurl can't open the sockets that wake its thread");
    curl_multi_cleanup(multi);
    return NULL;
  }
  multi_close_woken_on_exec(&quiet);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT);
  return multi;
}
