/* Faults that change a reply. */
/* SPDX-License-Identifier: MIT */
#include "http/reply_fault.h"

#define EM_HUGE (8u * 1024u * 1024u)
#define EM_BINARY 512u

/* A text with "{id}" in it gets the id of the object that is changed. */
static json_t *field_value(const json_t *object, json_t *value)
{
  const char *text = json_string_value(value);
  const char *place = text ? strstr(text, "{id}") : NULL;
  const char *id = json_string_value(json_object_get(object, "id"));
  if(!place || !id)
    return json_deep_copy(value);
  return json_sprintf("%.*s%s%s", (int)(place - text), text, id,
                      place + strlen("{id}"));
}

/* Sets or removes the value at a path such as entries.0.sha1. */
static void set_field(json_t *at, const char *path, json_t *value)
{
  char key[80];
  size_t length = strcspn(path, ".");
  size_t index;
  bool last = !path[length];
  snprintf(key, sizeof(key), "%.*s", (int)length, path);
  index = (size_t)strtoul(key, NULL, 10);
  if(!last)
    set_field(json_is_array(at) ? json_array_get(at, index)
                                : json_object_get(at, key),
              path + length + 1, value);
  else if(json_is_array(at) && json_is_null(value))
    json_array_remove(at, index);
  else if(json_is_array(at))
    json_array_set_new(at, index, json_deep_copy(value));
  else if(json_is_null(value))
    json_object_del(at, key);
  else
    json_object_set_new(at, key, json_deep_copy(value));
}

void em_set_reply_fields(struct em_request *request)
{
  const char *path;
  json_t *value, *new_value;
  json_object_foreach(request->fault->fields, path, value)
  {
    if(!request->reply.json)
      continue;
    new_value = field_value(request->reply.json, value);
    set_field(request->reply.json, path, new_value);
    json_decref(new_value);
  }
}

static void replace_body(struct em_request *request, char *text, size_t size)
{
  em_reply_text(&request->reply, request->reply.status, text,
                text ? size : 0);
}

static void send_binary(struct em_request *request)
{
  char *bytes = malloc(EM_BINARY);
  size_t i;
  for(i = 0; bytes && i < EM_BINARY; i++)
    bytes[i] = (char)em_random_next(&request->emulator->random);
  replace_body(request, bytes, EM_BINARY);
}

static void send_huge_string(struct em_request *request)
{
  char *text = malloc(EM_HUGE);
  if(text) {
    memset(text, 'x', EM_HUGE);
    text[0] = '"';
    text[EM_HUGE - 1] = '"';
  }
  replace_body(request, text, EM_HUGE);
}

static void send_text(struct em_request *request, const char *text)
{
  char *copy = strdup(text);
  replace_body(request, copy, strlen(text));
}

void em_replace_with_garbage(struct em_request *request)
{
  switch((enum em_garbage)request->fault->kind) {
  case EM_GARBAGE_HTML:
    send_text(request,
              "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway"
              "</title></head><body><h1>502 Bad Gateway</h1></body></html>");
    em_reply_header(&request->reply, "content-type", "text/html");
    break;
  case EM_GARBAGE_TRUNCATED:
    if(!em_reply_serialize(&request->reply))
      request->reply.text_size /= 2;
    break;
  case EM_GARBAGE_BINARY:
    send_binary(request);
    break;
  case EM_GARBAGE_EMPTY:
    em_reply_empty(&request->reply, request->reply.status);
    break;
  case EM_GARBAGE_HUGE:
    send_huge_string(request);
    break;
  case EM_GARBAGE_NULL:
    send_text(request, "null");
    break;
  }
}
