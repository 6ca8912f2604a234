/* One TCP connection, and how it ends. */
/* SPDX-License-Identifier: MIT */
#include "http/connection.h"
#include "http/emulator.h"

#include <sys/socket.h>

#define EM_DRAIN_SECONDS 2.0

/* connect(2) to AF_UNSPEC aborts a TCP connection on Linux: the peer gets a
   reset at once, where close(2) would come after libmicrohttpd's
   shutdown(2), thus after an orderly end. SO_LINGER serves elsewhere. */
void em_connection_reset(struct em_connection *connection)
{
  struct linger linger;
  struct sockaddr none;
  linger.l_onoff = 1;
  linger.l_linger = 0;
  setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
  memset(&none, 0, sizeof(none));
  none.sa_family = AF_UNSPEC;
  if(connect(connection->fd, &none, sizeof(none)))
    shutdown(connection->fd, SHUT_RDWR);
}

/* Closing a socket with unread bytes resets the connection, and the reply
   may be lost with it: read them first, but not for ever. */
void em_connection_drain(struct em_connection *connection,
                         struct em_emulator *emulator)
{
  char discarded[16384];
  double end = em_clock() + EM_DRAIN_SECONDS;
  if(!emulator->options.tls)
    shutdown(connection->fd, SHUT_WR);
  while(em_clock() < end) {
    ssize_t got =
        recv(connection->fd, discarded, sizeof(discarded), MSG_DONTWAIT);
    if(got == 0)
      break;
    if(got < 0 && em_wait(&emulator->stop, -1, 0.01) == EM_WAIT_STOPPED)
      break;
  }
}
