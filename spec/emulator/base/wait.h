/* Waits that end early when the emulator stops or the client disconnects. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_WAIT_H
#define EM_WAIT_H

#include "base/base.h"

enum em_wait_result { EM_WAIT_TIMEOUT, EM_WAIT_HANGUP, EM_WAIT_STOPPED };

/* A pipe. Nobody reads what em_stop_send writes, so every thread that polls it
   wakes up. */
struct em_stop {
  int fd[2];
};

int em_stop_init(struct em_stop *stop);
void em_stop_free(struct em_stop *stop);

/* Async-signal-safe. */
void em_stop_send(const struct em_stop *stop);

/* Waits for `seconds`; negative: forever. `client` is a socket to watch for a
   disconnect, or -1. */
enum em_wait_result em_wait(const struct em_stop *stop, int client,
                            double seconds);

double em_clock(void);

#endif
