/* listener: takes requests of a browser on this machine, one at a time: what
 * a page of Box sends a person back with.
 * SPDX-License-Identifier: MIT */
#ifndef BU_LISTENER_H
#define BU_LISTENER_H

#include "error.h"

#include <stddef.h>

/* The longest request line that is taken, in bytes. */
#define BU_TARGET_MAX 4096

struct bu_listener {
  int socket;
  int browser; /* whose request was taken and not answered, or -1 */
  int port;
};

/* Listens on 127.0.0.1; port 0 takes a free one. */
int bu_listener_open(struct bu_listener *listener, int port,
                     struct bu_error *error);
void bu_listener_close(struct bu_listener *listener);

/* Waits for a GET for so many seconds at most; 1 when its target (path and
 * query) is in the buffer, 0 when none came or a signal did, -1 for an
 * error. What isn't such a request is answered here. */
int bu_listener_take(struct bu_listener *listener, double seconds,
                     char target[BU_TARGET_MAX], struct bu_error *error);

/* Answers the request that was taken with a page of HTML, and hangs up. A
 * browser that is gone is no error. */
void bu_listener_answer(struct bu_listener *listener, int status,
                        const char *html, size_t length);

#endif
