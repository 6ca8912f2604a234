/* One request, from its headers to its reply. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_REQUEST_H
#define EM_REQUEST_H

#include "base/base.h"
#include "base/buffer.h"
#include "base/operation.h"
#include "faults/faults.h"
#include "http/emulator.h"
#include "http/record.h"
#include "http/reply.h"
#include "http/server.h"
#include "store/token.h"

#define EM_REQUEST_ID_SIZE 33
#define EM_ARGUMENT_SIZE 64

struct em_request {
  struct em_emulator *emulator;
  struct MHD_Connection *connection;
  struct em_link *link;
  enum em_listener listener;
  const struct em_operation *operation;
  char argument[EM_ARGUMENT_SIZE]; /* the `*` of the operation's path */
  char id[EM_REQUEST_ID_SIZE];
  struct em_settings settings;
  struct em_record *record;
  struct em_fault *fault; /* NULL: none fires */
  struct em_token token;
  bool has_token;
  char user[EM_USER_SIZE]; /* whom it acts as */
  int64_t content_length;  /* -1: not announced */
  int64_t received;
  int64_t part;     /* index, or -1 */
  double began;     /* when the body began to be read */
  bool interrupted; /* a fault's "during" is past */
  bool control;     /* a request to the emulator itself */
  char method[16];
  char control_path[96]; /* what follows /_emulator */
  struct em_buffer body; /* what an operation has buffered */
  void *state;           /* the operation's own */
  struct em_reply reply;
};

struct em_request *em_request_new(struct em_emulator *emulator,
                                  enum em_listener listener,
                                  struct MHD_Connection *connection,
                                  const char *path, const char *method);
void em_request_free(struct em_request *request);

/* The three steps; MHD_NO closes the connection. */
enum MHD_Result em_request_begin(struct em_request *request);
enum MHD_Result em_request_data(struct em_request *request, const char *bytes,
                                size_t size);
enum MHD_Result em_request_end(struct em_request *request);

/* Lets the operation forget what it holds (a reserved part, say). */
void em_request_abandon(struct em_request *request);

const char *em_header(struct em_request *request, const char *name);
const char *em_query(struct em_request *request, const char *name);

/* Whether the type is this one, whatever parameters it has. */
bool em_has_type(struct em_request *request, const char *type);

/* Answers an error in Box's shape. */
void em_fail(struct em_request *request, unsigned int status,
             const char *code, const char *format, ...) EM_PRINTF(4, 5);

/* The same with a context_info, which is taken over. */
void em_fail_info(struct em_request *request, unsigned int status,
                  const char *code, json_t *info, const char *message);

/* 400 bad_request, naming the parameter. */
void em_fail_parameter(struct em_request *request, const char *code,
                       const char *name, const char *message);

/* Bytes, or the body, as a JSON object; or NULL with the refusal made. */
json_t *em_json_object(struct em_request *request, const char *bytes,
                       size_t size);
json_t *em_body_json(struct em_request *request);

/* Waits as long as the body of this size takes at the rate. */
void em_request_pace(struct em_request *request, int64_t rate);

#endif
