/* Waiting that ends when the emulator stops or the client goes away. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_WAIT_H
#define EM_WAIT_H

#include "base/base.h"

enum em_wait_result { EM_WAIT_TIMEOUT, EM_WAIT_HANGUP, EM_WAIT_STOPPED };

/* A pipe that is written once and never read, so that everyone who polls
   it sees it. */
struct em_stop {
  int fd[2];
};

int em_stop_init(struct em_stop *stop);
void em_stop_free(struct em_stop *stop);

/* Safe in a signal handler. */
void em_stop_send(const struct em_stop *stop);

/* Waits for some seconds, or without end when negative. `client` is the
   socket to watch for a hang-up. */
enum em_wait_result em_wait(const struct em_stop *stop, int client,
                            double seconds);

double em_clock(void);

#endif
