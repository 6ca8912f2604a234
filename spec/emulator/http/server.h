/* The three listeners and their connections. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_SERVER_H
#define EM_SERVER_H

#include "base/base.h"
#include "base/operation.h"
#include "config/option.h"

#include <microhttpd.h>

#define EM_URL_SIZE 128

struct em_listener { /* one listener */
  struct em_emulator *emulator;
  struct MHD_Daemon *daemon;
  enum em_listener_id id;
  char origin[EM_URL_SIZE]; /* https://127.0.0.1:4711 */
};

struct em_server {
  struct em_listener listeners[EM_LISTENER_COUNT];
};

/* Whether the options name an address that may be bound; each of these is
   0, or -1 after a message on stderr. */
int em_server_check(const struct em_options *options);
int em_server_start(struct em_server *server, struct em_emulator *emulator);
void em_server_stop(struct em_server *server);

#endif
