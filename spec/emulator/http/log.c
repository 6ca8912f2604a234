/* The log of requests, and its totals. */
/* SPDX-License-Identifier: MIT */
#include "http/log.h"
#include "base/lock.h"

int em_log_init(struct em_log *log)
{
  memset(log, 0, sizeof(*log));
  return pthread_mutex_init(&log->lock, NULL) ? -1 : 0;
}

static void clear_records_locked(struct em_log *log)
{
  size_t i;
  for(i = 0; i < EM_LOG_SIZE; i++) {
    if(log->ring[i])
      log->ring[i]->listed = false;
    em_record_release(log->ring[i]);
    log->ring[i] = NULL;
  }
}

void em_log_free(struct em_log *log)
{
  clear_records_locked(log);
  pthread_mutex_destroy(&log->lock);
}

static size_t total_index(const struct em_record *record)
{
  return record->operation ? em_operation_index(record->operation)
                           : EM_OPERATIONS_MAX;
}

static void append_record_locked(struct em_log *log, struct em_record *record)
{
  struct em_record **slot;
  record->serial = log->serial++;
  slot = &log->ring[record->serial % EM_LOG_SIZE];
  em_record_release(*slot);
  *slot = record;
  record->references++;
  record->listed = true;
  log->totals[total_index(record)].requests++;
}

void em_log_add(struct em_log *log, struct em_record *record)
{
  em_lock(&log->lock);
  append_record_locked(log, record);
  em_unlock(&log->lock);
}

void em_log_release(struct em_log *log, struct em_record *record)
{
  em_lock(&log->lock);
  em_record_release(record);
  em_unlock(&log->lock);
}

void em_log_set_fault(struct em_log *log, struct em_record *record,
                      const char *action)
{
  em_lock(&log->lock);
  record->fault = action;
  em_unlock(&log->lock);
}

void em_log_count_body(struct em_log *log, struct em_record *record,
                       size_t size)
{
  em_lock(&log->lock);
  record->body_bytes += (int64_t)size;
  if(record->listed)
    log->totals[total_index(record)].body_bytes += (int64_t)size;
  em_unlock(&log->lock);
}

void em_log_set_status(struct em_log *log, struct em_record *record,
                       unsigned int status)
{
  em_lock(&log->lock);
  record->status = status;
  em_unlock(&log->lock);
}

void em_log_count_part(struct em_log *log, int64_t bytes)
{
  em_lock(&log->lock);
  log->part_bytes += bytes;
  em_unlock(&log->lock);
}

uint64_t em_log_connect(struct em_log *log)
{
  uint64_t serial;
  em_lock(&log->lock);
  serial = ++log->connections;
  log->open_connections++;
  em_unlock(&log->lock);
  return serial;
}

void em_log_disconnect(struct em_log *log)
{
  em_lock(&log->lock);
  log->open_connections--;
  em_unlock(&log->lock);
}

/* Serial numbers do not restart, so that a number always means the same
   request or connection. */
void em_log_clear(struct em_log *log)
{
  em_lock(&log->lock);
  clear_records_locked(log);
  log->first = log->serial;
  log->part_bytes = 0;
  memset(log->totals, 0, sizeof(log->totals));
  em_unlock(&log->lock);
}

json_t *em_log_json(struct em_log *log)
{
  json_t *list = json_array();
  uint64_t i;
  em_lock(&log->lock);
  i = log->first;
  if(log->serial - i > EM_LOG_SIZE)
    i = log->serial - EM_LOG_SIZE;
  for(; i < log->serial; i++)
    json_array_append_new(list, em_record_json(log->ring[i % EM_LOG_SIZE]));
  em_unlock(&log->lock);
  return list;
}

/* An operation with several paths has one entry. */
static void add_total_locked(json_t *operations, const char *name,
                             uint64_t requests, int64_t body_bytes)
{
  json_t *entry = json_object_get(operations, name);
  json_int_t before = 0;
  json_int_t bytes = 0;
  if(!requests && !body_bytes)
    return;
  if(entry) {
    before = json_integer_value(json_object_get(entry, "requests"));
    bytes = json_integer_value(json_object_get(entry, "body_bytes"));
  }
  json_object_set_new(operations, name,
                      json_pack("{s:I, s:I}", "requests",
                                before + (json_int_t)requests, "body_bytes",
                                bytes + (json_int_t)body_bytes));
}

json_t *em_log_stats(struct em_log *log)
{
  json_t *operations = json_object();
  json_t *object;
  size_t i;
  em_lock(&log->lock);
  for(i = 0; i < em_operation_count; i++) {
    add_total_locked(operations, em_operations[i].name,
                     log->totals[i].requests, log->totals[i].body_bytes);
  }
  add_total_locked(operations, "unknown",
                   log->totals[EM_OPERATIONS_MAX].requests,
                   log->totals[EM_OPERATIONS_MAX].body_bytes);
  object = json_pack("{s:o, s:I, s:I, s:I}", "operations", operations,
                     "connections", (json_int_t)log->connections,
                     "open_connections", (json_int_t)log->open_connections,
                     "part_bytes_received", (json_int_t)log->part_bytes);
  em_unlock(&log->lock);
  return object;
}
