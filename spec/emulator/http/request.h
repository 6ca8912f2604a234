/* A request: its state, headers and query. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_REQUEST_H
#define EM_REQUEST_H

#include "base/base.h"
#include "base/buffer.h"
#include "base/operation.h"
#include "faults/faults.h"
#include "http/connection.h"
#include "http/emulator.h"
#include "http/record.h"
#include "http/reply.h"
#include "store/token.h"

#define EM_REQUEST_ID_SIZE 33
#define EM_PATH_ID_SIZE 64

struct em_request {
  struct em_emulator *emulator;
  struct MHD_Connection *connection;
  struct em_connection *client;
  enum em_listener_id listener;
  const struct em_operation *operation;
  char path_id[EM_PATH_ID_SIZE]; /* the `*` in the operation's path */
  char id[EM_REQUEST_ID_SIZE];
  struct em_settings settings;
  struct em_record *record;
  struct em_fault *fault; /* NULL: none */
  struct em_token token;
  bool has_token;
  char user[EM_USER_SIZE]; /* the As-User, or the token's user */
  int64_t content_length;  /* -1: no Content-Length */
  int64_t received;
  int64_t part;        /* index, or -1 */
  double body_started; /* em_clock at the first byte */
  bool interrupted;    /* the fault's "during" has happened */
  bool control;        /* sent to a control path */
  char method[16];
  char control_path[96]; /* the part after /_emulator */
  struct em_buffer body; /* of operations without `data` */
  void *state;           /* private to the operation */
  struct em_reply reply;
};

/* Releases what the operation holds, such as a reserved part. */
void em_request_cleanup(struct em_request *request);

const char *em_request_header(struct em_request *request, const char *name);
const char *em_request_query(struct em_request *request, const char *name);

#endif
