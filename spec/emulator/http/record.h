/* What has been asked so far: the log and its totals. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_RECORD_H
#define EM_RECORD_H

#include "base/base.h"
#include "base/operation.h"

#define EM_RECORDS 20000

/* Shared by the log and the request, under the lock of the log. */
struct em_record {
  int users;
  bool listed; /* not reset away */
  uint64_t serial;
  const struct em_operation *operation; /* NULL: no such path */
  char *method;
  char *path;
  json_t *query;
  json_t *headers;
  enum em_listener listener;
  uint64_t connection;
  unsigned int status; /* 0: none sent */
  int64_t body_bytes;
  int64_t part;      /* -1: none */
  const char *fault; /* the action that fired, or NULL */
};

struct em_records {
  pthread_mutex_t lock;
  struct em_record *ring[EM_RECORDS];
  uint64_t serial; /* of the next record */
  uint64_t first;  /* serial after the last reset */
  uint64_t connections;
  uint64_t open_connections;
  int64_t part_bytes;
  struct {
    uint64_t requests;
    int64_t body_bytes;
  } totals[EM_OPERATIONS_MAX + 1]; /* the last: no operation */
};

int em_records_init(struct em_records *records);
void em_records_free(struct em_records *records);

struct em_record *em_record_new(struct em_records *records,
                                const struct em_record *like,
                                const char *method, const char *path);
void em_record_leave(struct em_records *records, struct em_record *record);
void em_record_part(struct em_records *records, struct em_record *record,
                    int64_t part);
void em_record_fault(struct em_records *records, struct em_record *record,
                     const char *action);
void em_record_bytes(struct em_records *records, struct em_record *record,
                     size_t size);
void em_record_status(struct em_records *records, struct em_record *record,
                      unsigned int status);
void em_record_part_stored(struct em_records *records, int64_t bytes);

/* Returns the serial number of the connection. */
uint64_t em_record_connection(struct em_records *records);
void em_record_disconnection(struct em_records *records);

void em_records_reset(struct em_records *records);
json_t *em_records_json(struct em_records *records);
json_t *em_records_stats(struct em_records *records);

#endif
