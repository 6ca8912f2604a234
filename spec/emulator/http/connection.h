/* A TCP connection, and how to end it. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_CONNECTION_H
#define EM_CONNECTION_H

#include "base/base.h"

struct em_connection {
  uint64_t serial;
  int fd;
  bool needs_drain; /* set by an early reply */
};

/* Resets the TCP connection immediately. */
void em_connection_reset(struct em_connection *connection);

/* Discards what the client still sends, for up to two seconds. */
void em_connection_drain(struct em_connection *connection,
                         struct em_emulator *emulator);

#endif
