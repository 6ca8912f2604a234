/* The three listeners. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_LISTENER_H
#define EM_LISTENER_H

#include "base/base.h"
#include "base/operation.h"

#include <microhttpd.h>

#define EM_URL_SIZE 128

struct em_listener {
  struct em_emulator *emulator;
  struct MHD_Daemon *daemon;
  enum em_listener_id id;
  char origin[EM_URL_SIZE]; /* https://127.0.0.1:4711 */
};

struct em_server {
  struct em_listener listeners[EM_LISTENER_COUNT];
};

#endif
