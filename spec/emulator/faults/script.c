/* Reading a fault script: everything in it must be known. */
/* SPDX-License-Identifier: MIT */
#include "base/operation.h"
#include "faults/fault.h"

#include <stdarg.h>

#define EM_SEED_DEFAULT 1

struct reader {
  char *reason;
  size_t size;
};

static int bad(struct reader *reader, const char *format, ...)
    EM_PRINTF(2, 3);

static int bad(struct reader *reader, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(reader->reason, reader->size, format, arguments);
  va_end(arguments);
  return -1;
}

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

/* Whether a word stands in a list like " status headers ". */
static bool listed(const char *list, const char *word)
{
  size_t length = strlen(word);
  const char *at = list;
  if(!length || strchr(word, ' '))
    return false;
  while((at = strstr(at, word)) != NULL) {
    if(at[-1] == ' ' && at[length] == ' ')
      return true;
    at += length;
  }
  return false;
}

static int check_keys(struct reader *reader, json_t *object,
                      const char *known, const char *more)
{
  const char *key;
  json_t *value;
  json_object_foreach(object, key, value)
  {
    if(!listed(known, key) && !listed(more, key))
      return bad(reader, "unknown key: %s", key);
  }
  return 0;
}

static int read_word(struct reader *reader, json_t *object, const char *key,
                     const char *const *words, int *out)
{
  json_t *value = json_object_get(object, key);
  int i;
  if(!value)
    return 0;
  for(i = 0; words[i]; i++) {
    if(json_is_string(value) && !strcmp(json_string_value(value), words[i])) {
      *out = i;
      return 0;
    }
  }
  return bad(reader, "%s: not a possible value", key);
}

static int read_number(struct reader *reader, json_t *object, const char *key,
                       int64_t low, int64_t high, int64_t *out)
{
  json_t *value = json_object_get(object, key);
  if(!value)
    return 0;
  if(!json_is_integer(value) || json_integer_value(value) < low ||
     json_integer_value(value) > high)
    return bad(reader, "%s: not a possible value", key);
  *out = json_integer_value(value);
  return 0;
}

static int read_words(struct reader *reader, struct em_fault *fault,
                      json_t *object)
{
  static const char *const when[] = {"before", "during", "after", "reply",
                                     NULL};
  static const char *const with[] = {"reset", "close", "stall", NULL};
  static const char *const kind[] = {"html", "truncated", "binary", "empty",
                                     "huge", "null",      NULL};
  if(read_word(reader, object, "when", when, &fault->when) ||
     read_word(reader, object, "with", with, &fault->with) ||
     read_word(reader, object, "kind", kind, &fault->kind))
    return -1;
  if(fault->action == EM_ACTION_RESET && fault->when == EM_AT_REPLY)
    return bad(reader, "when: use lose_reply");
  return 0;
}

static int read_numbers(struct reader *reader, struct em_fault *fault,
                        json_t *object)
{
  int64_t status = fault->status;
  json_t *seconds = json_object_get(object, "seconds");
  if(read_number(reader, object, "status", 200, 599, &status) ||
     read_number(reader, object, "bytes", 0, INT64_MAX, &fault->bytes) ||
     read_number(reader, object, "bytes_per_s", 1, INT64_MAX, &fault->rate))
    return -1;
  fault->status = (unsigned int)status;
  if(!seconds)
    return 0;
  if(!json_is_number(seconds) || json_number_value(seconds) < 0)
    return bad(reader, "seconds: not a possible value");
  fault->seconds = json_number_value(seconds);
  return 0;
}

static int read_headers(struct reader *reader, struct em_fault *fault,
                        json_t *object)
{
  const char *key;
  json_t *value;
  fault->headers = json_object_get(object, "headers");
  if(fault->headers && !json_is_object(fault->headers))
    return bad(reader, "headers: an object is wanted");
  json_object_foreach(fault->headers, key, value)
  {
    if(!json_is_string(value) && !json_is_integer(value))
      return bad(reader, "headers: %s: a string is wanted", key);
  }
  return 0;
}

static int read_values(struct reader *reader, struct em_fault *fault,
                       json_t *object)
{
  json_t *early = json_object_get(object, "early");
  json_t *location = json_object_get(object, "location");
  fault->body = json_object_get(object, "body");
  fault->fields = json_object_get(object, "fields");
  fault->early = json_is_true(early);
  fault->location = json_string_value(location);
  if(early && !json_is_boolean(early))
    return bad(reader, "early: true or false is wanted");
  if(fault->fields && !json_is_object(fault->fields))
    return bad(reader, "fields: an object is wanted");
  if(location && !fault->location)
    return bad(reader, "location: a string is wanted");
  return read_headers(reader, fault, object);
}

static int check_needs(struct reader *reader, const struct em_fault *fault)
{
  switch(fault->action) {
  case EM_ACTION_REPLY:
  case EM_ACTION_DONE_THEN_REPLY:
    return fault->status ? 0 : bad(reader, "status is missing");
  case EM_ACTION_TRUNCATE:
    return fault->bytes >= 0 ? 0 : bad(reader, "bytes is missing");
  case EM_ACTION_SET:
    return fault->fields ? 0 : bad(reader, "fields is missing");
  case EM_ACTION_SLOW:
    return fault->rate ? 0 : bad(reader, "bytes_per_s is missing");
  case EM_ACTION_REDIRECT:
    return fault->location ? 0 : bad(reader, "location is missing");
  default:
    return 0;
  }
}

static int find_action(struct reader *reader, const char *name, int *out)
{
  for(*out = 0; *out < EM_ACTIONS; (*out)++)
    if(!strcmp(actions[*out].name, name))
      return 0;
  return bad(reader, "unknown action: %s", name);
}

/* {"action": "stall", "seconds": 2} or {"action": {"stall": {"seconds":
   2}}}: in the first, the parameters stand in the entry. */
static int read_action(struct reader *reader, struct em_fault *fault,
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
      return bad(reader, "action: %s: an object is wanted", name);
  }
  if(!name)
    return bad(reader, "action is missing");
  if(find_action(reader, name, &index) ||
     check_keys(reader, object, actions[index].parameters,
                object == entry ? own : " ") ||
     (object != entry && check_keys(reader, entry, own, " ")))
    return -1;
  fault->action = (enum em_action)index;
  if(fault->action == EM_ACTION_REDIRECT)
    fault->status = 302;
  if(read_words(reader, fault, object) ||
     read_numbers(reader, fault, object) ||
     read_values(reader, fault, object))
    return -1;
  return check_needs(reader, fault);
}

static int check_operation(struct reader *reader, json_t *value)
{
  const char *name = json_string_value(value);
  size_t i;
  if(json_is_array(value) && json_array_size(value)) {
    for(i = 0; i < json_array_size(value); i++)
      if(check_operation(reader, json_array_get(value, i)))
        return -1;
    return 0;
  }
  if(!name)
    return bad(reader, "operation: a name or a list of names is wanted");
  if(strcmp(name, "*") && !em_operation_exists(name))
    return bad(reader, "unknown operation: %s", name);
  return 0;
}

static int check_list(json_t *value, bool numbers, int64_t low)
{
  size_t i;
  if(json_is_array(value) && json_array_size(value)) {
    for(i = 0; i < json_array_size(value); i++)
      if(json_is_array(json_array_get(value, i)) ||
         check_list(json_array_get(value, i), numbers, low))
        return -1;
    return 0;
  }
  if(!numbers)
    return json_is_string(value) ? 0 : -1;
  return json_is_integer(value) && json_integer_value(value) >= low ? 0 : -1;
}

static int check_match(struct reader *reader, json_t *match)
{
  const char *key;
  json_t *value;
  if(!match)
    return 0;
  if(!json_is_object(match))
    return bad(reader, "match: an object is wanted");
  if(check_keys(reader, match, " part id listener path ", " "))
    return -1;
  json_object_foreach(match, key, value)
  {
    if(check_list(value, !strcmp(key, "part"), 0))
      return bad(reader, "match: %s: not a possible value", key);
  }
  return 0;
}

static int check_occurrence(struct reader *reader, json_t *value)
{
  json_t *every = json_object_get(value, "every");
  json_t *random = json_object_get(value, "random");
  double chance = json_number_value(random);
  if(!value || !check_list(value, true, 1))
    return 0;
  if(json_is_string(value) && !strcmp(json_string_value(value), "all"))
    return 0;
  if(json_object_size(value) == 1) {
    if(json_is_integer(every) && json_integer_value(every) > 0)
      return 0;
    if(json_is_number(random) && chance >= 0 && chance <= 1)
      return 0;
  }
  return bad(reader, "occurrence: not a possible value");
}

static int read_fault(struct reader *reader, struct em_fault *fault,
                      json_t *entry)
{
  if(!json_is_object(entry))
    return bad(reader, "an object is wanted");
  fault->entry = entry;
  fault->operations = json_object_get(entry, "operation");
  fault->match = json_object_get(entry, "match");
  fault->occurrence = json_object_get(entry, "occurrence");
  fault->times = -1;
  fault->bytes = -1;
  fault->seconds = -1;
  if(check_operation(reader, fault->operations) ||
     check_match(reader, fault->match) ||
     check_occurrence(reader, fault->occurrence) ||
     read_number(reader, entry, "times", 0, INT64_MAX, &fault->times))
    return -1;
  return read_action(reader, fault, entry);
}

static int read_faults(struct reader *reader, struct em_script *script)
{
  json_t *list = json_object_get(script->json, "faults");
  size_t i;
  if(!json_is_array(list))
    return bad(reader, "faults: a list is wanted");
  script->faults = calloc(json_array_size(list) + 1, sizeof(*script->faults));
  if(!script->faults)
    return bad(reader, "out of memory");
  script->count = json_array_size(list);
  for(i = 0; i < script->count; i++) {
    char reason[160];
    struct reader inner = {reason, sizeof(reason)};
    script->faults[i].script = script;
    if(read_fault(&inner, &script->faults[i], json_array_get(list, i)))
      return bad(reader, "fault %u: %s", (unsigned int)i + 1, reason);
  }
  return 0;
}

static int read_script(struct reader *reader, struct em_script *script)
{
  int64_t seed = EM_SEED_DEFAULT;
  if(!json_is_object(script->json))
    return bad(reader, "an object is wanted");
  if(check_keys(reader, script->json, " seed faults ", " ") ||
     read_number(reader, script->json, "seed", 0, INT64_MAX, &seed))
    return -1;
  script->random.state = (uint64_t)seed;
  return read_faults(reader, script);
}

struct em_script *em_script_read(json_t *json, char *reason, size_t size)
{
  struct reader reader = {reason, size};
  struct em_script *script = calloc(1, sizeof(*script));
  if(!script || em_random_init(&script->random, EM_SEED_DEFAULT)) {
    free(script);
    bad(&reader, "out of memory");
    return NULL;
  }
  script->users = 1;
  script->json = json_deep_copy(json);
  if(!read_script(&reader, script))
    return script;
  em_script_free(script);
  return NULL;
}

void em_script_free(struct em_script *script)
{
  json_decref(script->json);
  em_random_free(&script->random);
  free(script->faults);
  free(script);
}
