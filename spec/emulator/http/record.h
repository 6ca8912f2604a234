/* One request in the log. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_RECORD_H
#define EM_RECORD_H

#include "base/base.h"
#include "base/operation.h"

#include <microhttpd.h>

/* Shared by the log and the request; the lock of the log protects it. */
struct em_record {
  int references;
  bool listed; /* still in the log */
  uint64_t serial;
  const struct em_operation *operation; /* NULL: no such path */
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

/* A record after `like`, with one reference and what the connection knows of
   headers and query. */
struct em_record *em_record_new(const struct em_record *like,
                                struct MHD_Connection *connection,
                                const char *method, const char *path);

/* These need the lock of the log. */
void em_record_release(struct em_record *record);
json_t *em_record_json(const struct em_record *record);

#endif
