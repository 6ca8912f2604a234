/* Where an upload is to go: the checks that all kinds of upload share. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_TARGET_H
#define EM_TARGET_H

#include "base/base.h"
#include "store/store.h"

struct em_target {
  struct em_destination destination;
  int64_t size; /* -1: not told */
};

/* Each is true, or has made the refusal. */
bool em_target_name(struct em_request *request, const char *name);
bool em_target_check(struct em_request *request,
                     const struct em_target *target);

/* Reads the id of the path as that of an existing file. */
bool em_target_file(struct em_request *request, struct em_target *target);

/* Reads the parent folder out of {"parent": {"id": "0"}}. */
bool em_target_parent(struct em_request *request, json_t *body,
                      struct em_target *target);

/* The refusal that belongs to a verdict; the JSON is taken over. */
void em_target_refuse(struct em_request *request, enum em_store_result result,
                      json_t *conflict);

#endif
