/* listener: takes requests of a browser on this machine. Box's login page
 * sends the person back by such a request. Whoever else can reach the port,
 * such as any web page, can't end the wait or keep others waiting.
 * SPDX-License-Identifier: MIT */
#ifndef BU_LISTENER_H
#define BU_LISTENER_H

#include "error.h"

#include <stddef.h>

/* Room for the longest target, in bytes. */
#define BU_TARGET_MAX 4096

/* Of these, the oldest makes room for another. */
#define BU_BROWSERS 16
#define BU_HEAD_MAX 16384

/* A connection whose request is being read, or hasn't got its answer. */
struct bu_browser {
  int socket; /* or -1 */
  double deadline;
  size_t length; /* of what has come of its request */
  char head[BU_HEAD_MAX];
};

struct bu_listener {
  int socket;
  int port;
  struct bu_browser *asking; /* whose request was taken; or NULL */
  struct bu_browser browsers[BU_BROWSERS];
};

/* Listens on 127.0.0.1; port 0 takes a free one. */
int bu_listener_open(struct bu_listener *listener, int port,
                     struct bu_error *error);
void bu_listener_close(struct bu_listener *listener);

/* Waits for a GET that names this listener as its host: 1 and its target (path
 * and query), 0 when there was none within these seconds or a signal came, -1
 * with *error filled. Answers any other request itself. */
int bu_listener_take(struct bu_listener *listener, double seconds,
                     char target[BU_TARGET_MAX], struct bu_error *error);

/* Answers the request that was taken with a page of HTML, and closes the
 * connection. Does nothing when the browser has closed it. */
void bu_listener_answer(struct bu_listener *listener, int status,
                        const char *html, size_t length);

#endif
