/* The actions of a fault script and their parameters. */
/* SPDX-License-Identifier: MIT */
#include "faults/action.h"

struct action {
  const char *name;
  const char *parameters;
};

static const struct action actions[EM_ACTIONS] = {
    {"reply", " status headers body early "},
    {"reset", " when bytes "},
    {"lose_reply", " with "},
    {"done_then_reply", " status headers body "},
    {"stall", " when seconds bytes "},
    {"garbage", " kind "},
    {"truncate", " bytes "},
    {"set", " fields "},
    {"slow", " bytes_per_s "},
    {"redirect", " location status "},
    {"expire_token", " "},
    {"disappear", " "}};

const char *em_action_name(enum em_action action)
{
  return actions[action].name;
}

static int read_word_parameters(struct em_reader *reader,
                                struct em_fault *fault, json_t *object)
{
  static const char *const when[] = {"before", "during", "after", "reply",
                                     NULL};
  static const char *const with[] = {"reset", "close", "stall", NULL};
  static const char *const kind[] = {"html", "truncated", "binary", "empty",
                                     "huge", "null",      NULL};
  if(em_reader_word(reader, object, "when", when, &fault->when) ||
     em_reader_word(reader, object, "with", with, &fault->with) ||
     em_reader_word(reader, object, "kind", kind, &fault->kind))
    return -1;
  if(fault->action == EM_ACTION_RESET && fault->when == EM_AT_REPLY)
    return em_reader_fail(reader, "when: use lose_reply");
  return 0;
}

static int read_number_parameters(struct em_reader *reader,
                                  struct em_fault *fault, json_t *object)
{
  int64_t status = fault->status;
  json_t *seconds = json_object_get(object, "seconds");
  if(em_reader_number(reader, object, "status", 200, 599, &status) ||
     em_reader_number(reader, object, "bytes", 0, INT64_MAX, &fault->bytes) ||
     em_reader_number(reader, object, "bytes_per_s", 1, INT64_MAX,
                      &fault->rate))
    return -1;
  fault->status = (unsigned int)status;
  if(!seconds)
    return 0;
  if(!json_is_number(seconds) || json_number_value(seconds) < 0)
    return em_reader_fail(reader, "seconds: not a possible value");
  fault->seconds = json_number_value(seconds);
  return 0;
}

static int read_headers(struct em_reader *reader, struct em_fault *fault,
                        json_t *object)
{
  const char *key;
  json_t *value;
  fault->headers = json_object_get(object, "headers");
  if(fault->headers && !json_is_object(fault->headers))
    return em_reader_fail(reader, "headers: an object is wanted");
  json_object_foreach(fault->headers, key, value)
  {
    if(!json_is_string(value) && !json_is_integer(value))
      return em_reader_fail(reader, "headers: %s: a string is wanted", key);
  }
  return 0;
}

static int read_other_parameters(struct em_reader *reader,
                                 struct em_fault *fault, json_t *object)
{
  json_t *early = json_object_get(object, "early");
  json_t *location = json_object_get(object, "location");
  fault->body = json_object_get(object, "body");
  fault->fields = json_object_get(object, "fields");
  fault->early = json_is_true(early);
  fault->location = json_string_value(location);
  if(early && !json_is_boolean(early))
    return em_reader_fail(reader, "early: true or false is wanted");
  if(fault->fields && !json_is_object(fault->fields))
    return em_reader_fail(reader, "fields: an object is wanted");
  if(location && !fault->location)
    return em_reader_fail(reader, "location: a string is wanted");
  return read_headers(reader, fault, object);
}

static int check_required_parameters(struct em_reader *reader,
                                     const struct em_fault *fault)
{
  switch(fault->action) {
  case EM_ACTION_REPLY:
  case EM_ACTION_DONE_THEN_REPLY:
    return fault->status ? 0 : em_reader_fail(reader, "status is missing");
  case EM_ACTION_TRUNCATE:
    return fault->bytes >= 0 ? 0 : em_reader_fail(reader, "bytes is missing");
  case EM_ACTION_SET:
    return fault->fields ? 0 : em_reader_fail(reader, "fields is missing");
  case EM_ACTION_SLOW:
    return fault->rate ? 0 : em_reader_fail(reader, "bytes_per_s is missing");
  case EM_ACTION_REDIRECT:
    return fault->location ? 0
                           : em_reader_fail(reader, "location is missing");
  default:
    return 0;
  }
}

static int find_action(struct em_reader *reader, const char *name, int *out)
{
  for(*out = 0; *out < EM_ACTIONS; (*out)++)
    if(!strcmp(actions[*out].name, name))
      return 0;
  return em_reader_fail(reader, "unknown action: %s", name);
}

/* Parameters are either in the entry, {"action": "stall", "seconds": 2}, or in
   the action, {"action": {"stall": {"seconds": 2}}}. */
int em_action_read(struct em_reader *reader, struct em_fault *fault,
                   json_t *entry)
{
  static const char own[] = " operation occurrence match times action ";
  json_t *action = json_object_get(entry, "action");
  json_t *object = entry;
  const char *name = json_string_value(action);
  int index;
  if(json_is_object(action) && json_object_size(action) == 1) {
    name = json_object_iter_key(json_object_iter(action));
    object = json_object_get(action, name);
    if(!json_is_object(object))
      return em_reader_fail(reader, "action: %s: an object is wanted", name);
  }
  if(!name)
    return em_reader_fail(reader, "action is missing");
  if(find_action(reader, name, &index) ||
     em_reader_check_keys(reader, object, actions[index].parameters,
                          object == entry ? own : " ") ||
     (object != entry && em_reader_check_keys(reader, entry, own, " ")))
    return -1;
  fault->action = (enum em_action)index;
  if(fault->action == EM_ACTION_REDIRECT)
    fault->status = 302;
  if(read_word_parameters(reader, fault, object) ||
     read_number_parameters(reader, fault, object) ||
     read_other_parameters(reader, fault, object))
    return -1;
  return check_required_parameters(reader, fault);
}
