/* A request in the log. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_RECORD_H
#define EM_RECORD_H

#include "base/base.h"
#include "base/operation.h"

#include <microhttpd.h>

/* Shared by the log and the request, and protected by the lock of the log. */
struct em_record {
  int references;
  bool listed; /* still in the log */
  uint64_t serial;
  const struct em_operation *operation; /* NULL: unknown path */
  char *method;
  char *path;
  json_t *query;
  json_t *headers;
  enum em_listener_id listener;
  uint64_t connection;
  unsigned int status; /* 0: none sent yet */
  int64_t body_bytes;
  int64_t part;      /* -1: none */
  const char *fault; /* the action that fired, or NULL */
};

/* Copies `like` and reads the headers and the query of the connection. The
   caller gets one reference. */
struct em_record *em_record_new(const struct em_record *like,
                                struct MHD_Connection *connection,
                                const char *method, const char *path);

/* The caller holds the lock of the log. */
void em_record_release(struct em_record *record);
json_t *em_record_json(const struct em_record *record);

#endif
