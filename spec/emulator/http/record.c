/* A request in the log. */
/* SPDX-License-Identifier: MIT */
#include "http/record.h"

/* Logs must not leak tokens: keep only the beginning and the length. */
static void add_header(json_t *headers, const char *name, const char *value)
{
  char lower[128];
  size_t i;
  for(i = 0; i < sizeof(lower) - 1 && name[i]; i++) {
    lower[i] = name[i];
    if(name[i] >= 'A' && name[i] <= 'Z')
      lower[i] = (char)(name[i] + ('a' - 'A'));
  }
  lower[i] = '\0';
  if(!strcmp(lower, "authorization"))
    json_object_set_new(
        headers, lower,
        json_sprintf("%.6s… (%u)", value, (unsigned int)strlen(value)));
  else
    json_object_set_new(headers, lower, json_string(value));
}

static enum MHD_Result add_value(void *opaque, enum MHD_ValueKind kind,
                                 const char *name, const char *value)
{
  if(kind == MHD_HEADER_KIND)
    add_header(opaque, name, value ? value : "");
  else
    json_object_set_new(opaque, name, json_string(value ? value : ""));
  return MHD_YES;
}

static json_t *read_connection_values(struct MHD_Connection *connection,
                                      enum MHD_ValueKind kind)
{
  json_t *object = json_object();
  MHD_get_connection_values(connection, kind, add_value, object);
  return object;
}

struct em_record *em_record_new(const struct em_record *like,
                                struct MHD_Connection *connection,
                                const char *method, const char *path)
{
  struct em_record *record = malloc(sizeof(*record));
  if(!record)
    return NULL;
  *record = *like;
  record->references = 1;
  record->method = strdup(method);
  record->path = strdup(path);
  record->query = read_connection_values(connection, MHD_GET_ARGUMENT_KIND);
  record->headers = read_connection_values(connection, MHD_HEADER_KIND);
  if(record->method && record->path && record->query && record->headers)
    return record;
  em_record_release(record);
  return NULL;
}

void em_record_release(struct em_record *record)
{
  if(!record || --record->references > 0)
    return;
  free(record->method);
  free(record->path);
  json_decref(record->query);
  json_decref(record->headers);
  free(record);
}

/* json_string fails when the path is not UTF-8. */
static json_t *text_or_null(const char *text)
{
  json_t *string = text ? json_string(text) : NULL;
  return string ? string : json_null();
}

static json_t *number_or_null(bool given, int64_t number)
{
  return given ? json_integer(number) : json_null();
}

json_t *em_record_json(const struct em_record *record)
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
