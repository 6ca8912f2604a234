/* The fault script in force: which request is to fail. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_FAULTS_H
#define EM_FAULTS_H

#include "base/base.h"
#include "faults/fault.h"

struct em_faults {
  pthread_mutex_t lock;
  struct em_script *script; /* or NULL */
};

/* What a fault is matched with. */
struct em_fault_request {
  const char *operation;
  const char *listener;
  const char *path;
  const char *id;
  int64_t part;
};

int em_faults_init(struct em_faults *faults);
void em_faults_free(struct em_faults *faults);

/* Takes a script instead of the one before; 0, or -1 with a reason. */
int em_faults_set(struct em_faults *faults, json_t *json, char *reason,
                  size_t size);
int em_faults_load(struct em_faults *faults, const char *path, char *reason,
                   size_t size);
void em_faults_clear(struct em_faults *faults);

/* The script with its counters. */
json_t *em_faults_json(struct em_faults *faults);

/* Counts the request and gives the fault that is to happen to it, or NULL;
   em_fault_release gives it back. */
struct em_fault *em_fault_pick(struct em_faults *faults,
                               const struct em_fault_request *request);
void em_fault_release(struct em_faults *faults, struct em_fault *fault);

#endif
