/* A TCP connection, and how to end it. */
/* SPDX-License-Identifier: MIT */
#include "http/connection.h"
#include "http/emulator.h"

#include <sys/socket.h>

#define EM_DRAIN_SECONDS 2.0

/* libmicrohttpd calls shutdown(2) before close(2), so close cannot cause a
   reset. On Linux, connect(2) to AF_UNSPEC resets the connection at once.
   Other systems need SO_LINGER. */
void em_connection_reset(struct em_connection *connection)
{
  struct linger linger;
  struct sockaddr none;
  linger.l_onoff = 1;
  linger.l_linger = 0;
  (void)setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger,
                   sizeof(linger));
  memset(&none, 0, sizeof(none));
  none.sa_family = AF_UNSPEC;
  if(connect(connection->fd, &none, sizeof(none)))
    (void)shutdown(connection->fd, SHUT_RDWR);
}

/* Closing a socket with unread data resets the connection, and the client may
   never see the reply. Discard the data first, for a limited time. */
void em_connection_drain(struct em_connection *connection,
                         struct em_emulator *emulator)
{
  char discarded[16384];
  double end = em_clock() + EM_DRAIN_SECONDS;
  if(!emulator->options.tls)
    (void)shutdown(connection->fd, SHUT_WR);
  while(em_clock() < end) {
    ssize_t got =
        recv(connection->fd, discarded, sizeof(discarded), MSG_DONTWAIT);
    if(got == 0)
      break;
    if(got < 0 && em_wait(&emulator->stop, -1, 0.01) == EM_WAIT_STOPPED)
      break;
  }
}
