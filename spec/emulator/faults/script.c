/* Parses a fault script. Anything unknown in it is an error. */
/* SPDX-License-Identifier: MIT */
#include "faults/script.h"
#include "base/operation.h"
#include "faults/action.h"

#define EM_SEED_DEFAULT 1

static int check_operation(struct em_reader *reader, json_t *value)
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
    return em_reader_fail(reader,
                          "operation: a name or a list of names is wanted");
  if(strcmp(name, "*") && !em_operation_exists(name))
    return em_reader_fail(reader, "unknown operation: %s", name);
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

static int check_match(struct em_reader *reader, json_t *match)
{
  const char *key;
  json_t *value;
  if(!match)
    return 0;
  if(!json_is_object(match))
    return em_reader_fail(reader, "match: an object is wanted");
  if(em_reader_check_keys(reader, match, " part id listener path ", " "))
    return -1;
  json_object_foreach(match, key, value)
  {
    if(check_list(value, !strcmp(key, "part"), 0))
      return em_reader_fail(reader, "match: %s: not a possible value", key);
  }
  return 0;
}

static int check_occurrence(struct em_reader *reader, json_t *value)
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
  return em_reader_fail(reader, "occurrence: not a possible value");
}

static int read_fault(struct em_reader *reader, struct em_fault *fault,
                      json_t *entry)
{
  if(!json_is_object(entry))
    return em_reader_fail(reader, "an object is wanted");
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
     em_reader_number(reader, entry, "times", 0, INT64_MAX, &fault->times))
    return -1;
  return em_action_read(reader, fault, entry);
}

static int read_faults(struct em_reader *reader, struct em_script *script)
{
  json_t *list = json_object_get(script->json, "faults");
  size_t i;
  if(!json_is_array(list))
    return em_reader_fail(reader, "faults: a list is wanted");
  script->faults = calloc(json_array_size(list) + 1, sizeof(*script->faults));
  if(!script->faults)
    return em_reader_fail(reader, "out of memory");
  script->count = json_array_size(list);
  for(i = 0; i < script->count; i++) {
    char reason[160];
    struct em_reader inner = {reason, sizeof(reason)};
    script->faults[i].script = script;
    if(read_fault(&inner, &script->faults[i], json_array_get(list, i)))
      return em_reader_fail(reader, "fault %u: %s", (unsigned int)i + 1,
                            reason);
  }
  return 0;
}

static int read_script(struct em_reader *reader, struct em_script *script)
{
  int64_t seed = EM_SEED_DEFAULT;
  if(!json_is_object(script->json))
    return em_reader_fail(reader, "an object is wanted");
  if(em_reader_check_keys(reader, script->json, " seed faults ", " ") ||
     em_reader_number(reader, script->json, "seed", 0, INT64_MAX, &seed))
    return -1;
  script->random.state = (uint64_t)seed;
  return read_faults(reader, script);
}

struct em_script *em_script_read(json_t *json, char *reason, size_t size)
{
  struct em_reader reader = {reason, size};
  struct em_script *script = calloc(1, sizeof(*script));
  if(!script || em_random_init(&script->random, EM_SEED_DEFAULT)) {
    free(script);
    em_reader_fail(&reader, "out of memory");
    return NULL;
  }
  script->references = 1;
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
