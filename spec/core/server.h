/* server: an HTTP server on the loopback for the engine's tests.
 * SPDX-License-Identifier: MIT */
#ifndef SPEC_SERVER_H
#define SPEC_SERVER_H

#include "certificate.h"

#include <stddef.h>

/* A gate holds requests back until a test opens it.
 * Its paths: /ok answers 200 "fine"; /status/N answers N; /big/N a body of N
 * bytes; /hold waits for the gate and answers 200; /reset breaks the
 * connection after the body. All accept any method, but CONNECT gets 407,
 * and to a host such as 502.box.com the status in its name. */
struct server;

struct server_record {
  char method[16];
  char path[64];
  char headers[4096]; /* "name: value\n" for each, names in lower case */
  char body[4096];    /* its first bytes */
  size_t length;      /* of the whole body */
  char sha1[41];      /* of the whole body */
};

struct server *server_start(void);
/* The same over TLS; the certificate must outlive it. */
struct server *server_start_tls(const struct certificate *certificate);
void server_stop(struct server *server); /* opens the gate first */

#define SERVER_URL_MAX 96
/* The URL of a path; returns url. */
const char *server_url(const struct server *server, const char *path,
                       char *url);

/* Answers the requests to /hold, and all later ones at once. */
void server_open_gate(struct server *server);
/* Waits until so many are at the gate. */
void server_wait_held(struct server *server, int count);

int server_most_held(struct server *server);
int server_requests(struct server *server);
int server_connections(struct server *server);
/* The request that was answered last. */
void server_last(struct server *server, struct server_record *record);

#endif
