/* What has been asked so far: the log and its totals. */
/* SPDX-License-Identifier: MIT */
#include "http/record.h"
#include "base/lock.h"

int em_records_init(struct em_records *records)
{
  memset(records, 0, sizeof(*records));
  return pthread_mutex_init(&records->lock, NULL) ? -1 : 0;
}

static void drop_locked(struct em_record *record)
{
  if(!record || --record->users > 0)
    return;
  free(record->method);
  free(record->path);
  json_decref(record->query);
  json_decref(record->headers);
  free(record);
}

static void clear_locked(struct em_records *records)
{
  size_t i;
  for(i = 0; i < EM_RECORDS; i++) {
    if(records->ring[i])
      records->ring[i]->listed = false;
    drop_locked(records->ring[i]);
    records->ring[i] = NULL;
  }
}

void em_records_free(struct em_records *records)
{
  clear_locked(records);
  pthread_mutex_destroy(&records->lock);
}

static size_t total_index(const struct em_record *record)
{
  return record->operation ? em_operation_index(record->operation)
                           : EM_OPERATIONS_MAX;
}

static void list_locked(struct em_records *records, struct em_record *record)
{
  struct em_record **slot;
  record->serial = records->serial++;
  slot = &records->ring[record->serial % EM_RECORDS];
  drop_locked(*slot);
  *slot = record;
  record->users++;
  record->listed = true;
  records->totals[total_index(record)].requests++;
}

struct em_record *em_record_new(struct em_records *records,
                                const struct em_record *like,
                                const char *method, const char *path)
{
  struct em_record *record = malloc(sizeof(*record));
  if(!record)
    return NULL;
  *record = *like;
  record->users = 1;
  record->method = strdup(method);
  record->path = strdup(path);
  if(!record->method || !record->path) {
    free(record->method);
    free(record->path);
    free(record);
    return NULL;
  }
  em_lock(&records->lock);
  list_locked(records, record);
  em_unlock(&records->lock);
  return record;
}

void em_record_leave(struct em_records *records, struct em_record *record)
{
  em_lock(&records->lock);
  drop_locked(record);
  em_unlock(&records->lock);
}

void em_record_part(struct em_records *records, struct em_record *record,
                    int64_t part)
{
  em_lock(&records->lock);
  record->part = part;
  em_unlock(&records->lock);
}

void em_record_fault(struct em_records *records, struct em_record *record,
                     const char *action)
{
  em_lock(&records->lock);
  record->fault = action;
  em_unlock(&records->lock);
}

void em_record_bytes(struct em_records *records, struct em_record *record,
                     size_t size)
{
  em_lock(&records->lock);
  record->body_bytes += (int64_t)size;
  if(record->listed)
    records->totals[total_index(record)].body_bytes += (int64_t)size;
  em_unlock(&records->lock);
}

void em_record_status(struct em_records *records, struct em_record *record,
                      unsigned int status)
{
  em_lock(&records->lock);
  record->status = status;
  em_unlock(&records->lock);
}

void em_record_part_stored(struct em_records *records, int64_t bytes)
{
  em_lock(&records->lock);
  records->part_bytes += bytes;
  em_unlock(&records->lock);
}

uint64_t em_record_connection(struct em_records *records)
{
  uint64_t serial;
  em_lock(&records->lock);
  serial = ++records->connections;
  records->open_connections++;
  em_unlock(&records->lock);
  return serial;
}

void em_record_disconnection(struct em_records *records)
{
  em_lock(&records->lock);
  records->open_connections--;
  em_unlock(&records->lock);
}

/* Serial numbers of requests and connections go on: two lists of one run
   never show different things under one number. */
void em_records_reset(struct em_records *records)
{
  em_lock(&records->lock);
  clear_locked(records);
  records->first = records->serial;
  records->part_bytes = 0;
  memset(records->totals, 0, sizeof(records->totals));
  em_unlock(&records->lock);
}

/* A path may hold bytes that are no UTF-8. */
static json_t *text_or_null(const char *text)
{
  json_t *string = text ? json_string(text) : NULL;
  return string ? string : json_null();
}

static json_t *number_or_null(bool given, int64_t number)
{
  return given ? json_integer(number) : json_null();
}

static json_t *record_json_locked(const struct em_record *record)
{
  json_t *object = json_object();
  json_object_set_new(object, "serial",
                      json_integer((json_int_t)record->serial));
  json_object_set_new(
      object, "operation",
      text_or_null(record->operation ? record->operation->name : NULL));
  json_object_set_new(object, "method", text_or_null(record->method));
  json_object_set_new(object, "path", text_or_null(record->path));
  json_object_set(object, "query", record->query);
  json_object_set_new(object, "listener",
                      json_string(em_listener_name(record->listener)));
  json_object_set_new(object, "connection",
                      json_integer((json_int_t)record->connection));
  json_object_set_new(object, "status",
                      number_or_null(record->status != 0, record->status));
  json_object_set_new(object, "body_bytes", json_integer(record->body_bytes));
  json_object_set_new(object, "part",
                      number_or_null(record->part >= 0, record->part));
  json_object_set_new(object, "fault", text_or_null(record->fault));
  json_object_set(object, "headers", record->headers);
  return object;
}

json_t *em_records_json(struct em_records *records)
{
  json_t *list = json_array();
  uint64_t i;
  em_lock(&records->lock);
  i = records->first;
  if(records->serial - i > EM_RECORDS)
    i = records->serial - EM_RECORDS;
  for(; i < records->serial; i++)
    json_array_append_new(list,
                          record_json_locked(records->ring[i % EM_RECORDS]));
  em_unlock(&records->lock);
  return list;
}

/* Operations with several paths share a name, and an entry. */
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

json_t *em_records_stats(struct em_records *records)
{
  json_t *operations = json_object();
  const struct em_operation *operation;
  json_t *object;
  size_t i;
  em_lock(&records->lock);
  for(i = 0; em_operation_at(i); i++) {
    operation = em_operation_at(i);
    add_total_locked(operations, operation->name, records->totals[i].requests,
                     records->totals[i].body_bytes);
  }
  add_total_locked(operations, "unknown",
                   records->totals[EM_OPERATIONS_MAX].requests,
                   records->totals[EM_OPERATIONS_MAX].body_bytes);
  object =
      json_pack("{s:o, s:I, s:I, s:I}", "operations", operations,
                "connections", (json_int_t)records->connections,
                "open_connections", (json_int_t)records->open_connections,
                "part_bytes_received", (json_int_t)records->part_bytes);
  em_unlock(&records->lock);
  return object;
}
