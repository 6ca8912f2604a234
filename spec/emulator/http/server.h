/* The three listeners, and the connections they accept. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_SERVER_H
#define EM_SERVER_H

#include "base/base.h"
#include "http/emulator.h"

/* Whether the options name an address that may be bound; each of these is
   0, or -1 after a message on stderr. */
int em_server_check(const struct em_options *options);
int em_server_start(struct em_server *server, struct em_emulator *emulator);
void em_server_stop(struct em_server *server);

#endif
