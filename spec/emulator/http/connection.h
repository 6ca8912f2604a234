/* One TCP connection, and how it ends. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_CONNECTION_H
#define EM_CONNECTION_H

#include "base/base.h"

struct em_connection {
  uint64_t serial;
  int fd;
  bool needs_drain; /* before it is closed, after an early reply */
};

/* Ends a connection with a TCP reset, now. */
void em_connection_reset(struct em_connection *connection);

/* Reads what the client still sends, for a short time. */
void em_connection_drain(struct em_connection *connection,
                         struct em_emulator *emulator);

#endif
