/* The current fault script, and which fault a request triggers. */
/* SPDX-License-Identifier: MIT */
#include "faults/faults.h"
#include "base/lock.h"
#include "faults/script.h"

int em_faults_init(struct em_faults *faults)
{
  faults->script = NULL;
  return pthread_mutex_init(&faults->lock, NULL) ? -1 : 0;
}

static void release_script_locked(struct em_script *script)
{
  if(script && --script->references == 0)
    em_script_free(script);
}

static void replace(struct em_faults *faults, struct em_script *script)
{
  em_lock(&faults->lock);
  release_script_locked(faults->script);
  faults->script = script;
  em_unlock(&faults->lock);
}

void em_faults_clear(struct em_faults *faults)
{
  replace(faults, NULL);
}

void em_faults_free(struct em_faults *faults)
{
  em_faults_clear(faults);
  pthread_mutex_destroy(&faults->lock);
}

int em_faults_set(struct em_faults *faults, json_t *json, char *reason,
                  size_t size)
{
  struct em_script *script = em_script_read(json, reason, size);
  if(!script)
    return -1;
  replace(faults, script);
  return 0;
}

int em_faults_load(struct em_faults *faults, const char *path, char *reason,
                   size_t size)
{
  json_error_t error;
  json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
  int result;
  if(!json) {
    if(error.line > 0)
      snprintf(reason, size, "%s: line %d: %s", path, error.line, error.text);
    else
      snprintf(reason, size, "--faults: %s", error.text);
    return -1;
  }
  result = em_faults_set(faults, json, reason, size);
  json_decref(json);
  return result;
}

json_t *em_faults_json(struct em_faults *faults)
{
  json_t *list = json_array();
  size_t i;
  em_lock(&faults->lock);
  for(i = 0; faults->script && i < faults->script->count; i++) {
    const struct em_fault *fault = &faults->script->faults[i];
    json_t *object = json_deep_copy(fault->entry);
    json_object_set_new(object, "seen", json_integer(fault->seen));
    json_object_set_new(object, "fired", json_integer(fault->fired));
    json_array_append_new(list, object);
  }
  em_unlock(&faults->lock);
  return json_pack("{s:o}", "faults", list);
}

/* A single value, or a list of them. "*" matches any text. */
static bool text_matches(json_t *wanted, const char *text)
{
  size_t i;
  if(json_is_string(wanted))
    return !strcmp(json_string_value(wanted), text) ||
           !strcmp(json_string_value(wanted), "*");
  for(i = 0; i < json_array_size(wanted); i++)
    if(text_matches(json_array_get(wanted, i), text))
      return true;
  return false;
}

static bool number_matches(json_t *wanted, int64_t number)
{
  size_t i;
  if(json_is_integer(wanted))
    return json_integer_value(wanted) == number;
  for(i = 0; i < json_array_size(wanted); i++)
    if(number_matches(json_array_get(wanted, i), number))
      return true;
  return false;
}

static bool field_matches(json_t *match, const char *key, const char *text)
{
  json_t *wanted = json_object_get(match, key);
  return !wanted || text_matches(wanted, text);
}

static bool request_matches(const struct em_fault *fault,
                            const struct em_fault_request *request)
{
  json_t *part = json_object_get(fault->match, "part");
  return text_matches(fault->operations, request->operation) &&
         (!part || number_matches(part, request->part)) &&
         field_matches(fault->match, "id", request->id) &&
         field_matches(fault->match, "listener", request->listener) &&
         field_matches(fault->match, "path", request->path);
}

static bool random_matches(struct em_random *random, double chance)
{
  uint64_t word = em_random_next(random) >> 11;
  return (double)word / (double)(UINT64_C(1) << 53) < chance;
}

static bool occurrence_matches(struct em_fault *fault)
{
  json_t *occurrence = fault->occurrence;
  json_t *every = json_object_get(occurrence, "every");
  json_t *random = json_object_get(occurrence, "random");
  if(!occurrence)
    return fault->seen == 1;
  if(json_is_string(occurrence))
    return true;
  if(every)
    return fault->seen % json_integer_value(every) == 0;
  if(random)
    return random_matches(&fault->script->random, json_number_value(random));
  return number_matches(occurrence, fault->seen);
}

/* Every matching entry counts the request, even after another entry has fired:
   "the third commit" must not depend on the other entries. */
static struct em_fault *pick_locked(struct em_script *script,
                                    const struct em_fault_request *request)
{
  struct em_fault *picked = NULL;
  size_t i;
  for(i = 0; i < script->count; i++) {
    struct em_fault *fault = &script->faults[i];
    if(!request_matches(fault, request))
      continue;
    fault->seen++;
    if(!occurrence_matches(fault) || picked ||
       (fault->times >= 0 && fault->fired >= fault->times))
      continue;
    fault->fired++;
    picked = fault;
  }
  return picked;
}

struct em_fault *em_fault_pick(struct em_faults *faults,
                               const struct em_fault_request *request)
{
  struct em_fault *fault = NULL;
  em_lock(&faults->lock);
  if(faults->script)
    fault = pick_locked(faults->script, request);
  if(fault)
    faults->script->references++;
  em_unlock(&faults->lock);
  return fault;
}

void em_fault_release(struct em_faults *faults, struct em_fault *fault)
{
  if(!fault)
    return;
  em_lock(&faults->lock);
  release_script_locked(fault->script);
  em_unlock(&faults->lock);
}
