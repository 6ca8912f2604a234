/* Checks shared by all kinds of upload: name, folder, size. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_TARGET_H
#define EM_TARGET_H

#include "base/base.h"
#include "store/store.h"

struct em_target {
  struct em_destination destination;
  int64_t size; /* -1: unknown */
};

/* Checks a name, a JSON string; with --normalize-names it changes it. False:
   the error reply is set. */
bool em_target_name(struct em_request *request, json_t *name);

/* False: the error reply is set. */
bool em_target_check(struct em_request *request,
                     const struct em_target *target);

/* Takes the file from the request's path. False: the error reply is set. */
bool em_target_file(struct em_request *request, struct em_target *target);

/* Takes the folder from {"parent": {"id": "0"}}. False: the error reply is
   set. */
bool em_target_parent(struct em_request *request, json_t *body,
                      struct em_target *target);

/* Replies that the file in the request's path is not there. */
void em_target_absent(struct em_request *request);

/* Replies with the error for a failed store call. Takes over `conflict`. */
void em_target_refuse(struct em_request *request, enum em_store_result result,
                      json_t *conflict);

#endif
