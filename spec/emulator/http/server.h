/* Runs the three listeners. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_SERVER_H
#define EM_SERVER_H

#include "base/base.h"
#include "http/emulator.h"

/* em_server_check tests whether --host may be bound. Both return 0, or -1
   after an error message on stderr. */
int em_server_check(const struct em_options *options);
int em_server_start(struct em_server *server, struct em_emulator *emulator);
void em_server_stop(struct em_server *server);

#endif
