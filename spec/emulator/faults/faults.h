/* The current fault script, and which fault a request triggers. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_FAULTS_H
#define EM_FAULTS_H

#include "base/base.h"
#include "faults/fault.h"

struct em_faults {
  pthread_mutex_t lock;
  struct em_script *script; /* or NULL */
};

/* What the script can match a request by. */
struct em_fault_request {
  const char *operation;
  const char *listener;
  const char *path;
  const char *id;
  int64_t part;
};

int em_faults_init(struct em_faults *faults);
void em_faults_free(struct em_faults *faults);

/* Replaces the script. Returns 0, or -1 and the reason. */
int em_faults_set(struct em_faults *faults, json_t *json, char *reason,
                  size_t size);
int em_faults_load(struct em_faults *faults, const char *path, char *reason,
                   size_t size);
void em_faults_clear(struct em_faults *faults);

/* The script, with the counters of each entry. */
json_t *em_faults_json(struct em_faults *faults);

/* Counts the request. Returns the fault it triggers, or NULL. The caller
   releases the fault. */
struct em_fault *em_fault_pick(struct em_faults *faults,
                               const struct em_fault_request *request);
void em_fault_release(struct em_faults *faults, struct em_fault *fault);

#endif
