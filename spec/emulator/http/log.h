/* The log of requests, and its totals. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_LOG_H
#define EM_LOG_H

#include "base/base.h"
#include "http/record.h"

#define EM_LOG_SIZE 20000

struct em_log {
  pthread_mutex_t lock;
  struct em_record *ring[EM_LOG_SIZE];
  uint64_t serial; /* of the next record */
  uint64_t first;  /* serial after the last clear */
  uint64_t connections;
  uint64_t open_connections;
  int64_t part_bytes;
  struct {
    uint64_t requests;
    int64_t body_bytes;
  } totals[EM_OPERATIONS_MAX + 1]; /* the last one: unknown paths */
};

int em_log_init(struct em_log *log);
void em_log_free(struct em_log *log);

/* Adds a record. The log keeps its own reference. */
void em_log_add(struct em_log *log, struct em_record *record);
void em_log_release(struct em_log *log, struct em_record *record);

void em_log_set_fault(struct em_log *log, struct em_record *record,
                      const char *action);
void em_log_set_status(struct em_log *log, struct em_record *record,
                       unsigned int status);
void em_log_count_body(struct em_log *log, struct em_record *record,
                       size_t size);
void em_log_count_part(struct em_log *log, int64_t bytes);

/* Returns the connection's serial number. */
uint64_t em_log_connect(struct em_log *log);
void em_log_disconnect(struct em_log *log);

void em_log_clear(struct em_log *log);
json_t *em_log_json(struct em_log *log);
json_t *em_log_stats(struct em_log *log);

#endif
