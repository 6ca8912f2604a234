/* Limits the rate at which a request body is read. */
/* SPDX-License-Identifier: MIT */
#include "http/throttle.h"

#include <sys/socket.h>

void em_throttle_begin(struct em_request *request, int64_t rate)
{
  int64_t quarter = rate / 4;
  int size = quarter < 4096      ? 4096
             : quarter > 1048576 ? 1048576
                                 : (int)quarter;
  (void)setsockopt(request->client->fd, SOL_SOCKET, SO_RCVBUF, &size,
                   sizeof(size));
}

void em_throttle(struct em_request *request, int64_t rate)
{
  double due = (double)request->received / (double)rate;
  double late = em_clock() - request->body_started;
  if(due > late)
    em_wait(&request->emulator->stop, -1, due - late);
}
