/* What the service can be asked, and where. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_OPERATION_H
#define EM_OPERATION_H

#include "base/base.h"

enum em_listener_id {
  EM_LISTENER_API,
  EM_LISTENER_UPLOAD,
  EM_LISTENER_SESSION,
  EM_LISTENER_COUNT
};

#define EM_ON_API (1u << EM_LISTENER_API)
#define EM_ON_UPLOAD (1u << EM_LISTENER_UPLOAD)
#define EM_ON_SESSION (1u << EM_LISTENER_SESSION)

/* An operation without `data` has its body buffered. */
struct em_operation {
  const char *name; /* as in fault scripts and records */
  const char *method;
  const char *path; /* `*` stands for one segment */
  void (*begin)(struct em_request *request);
  void (*data)(struct em_request *request, const char *bytes, size_t size);
  void (*finish)(struct em_request *request);
  void (*cleanup)(struct em_request *request);
  unsigned int listeners; /* EM_ON_... */
  bool is_public;         /* needs no token */
};

/* In operations/table.c, so that nothing below it depends on the operations
   themselves. */
extern const struct em_operation em_operations[];
extern const size_t em_operation_count;

/* The emulator's own paths. Not in the table, because these requests are
   neither logged nor disturbed by faults. */
extern const struct em_operation em_control_operation;

enum em_route { EM_ROUTE_FOUND, EM_ROUTE_NO_METHOD, EM_ROUTE_NONE };

enum em_route em_operation_find(enum em_listener_id listener,
                                const char *method, const char *path,
                                const struct em_operation **out,
                                char *path_id, size_t size);

/* The i-th operation, or NULL after the last. */
const struct em_operation *em_operation_at(size_t i);
size_t em_operation_index(const struct em_operation *operation);
bool em_operation_exists(const char *name);
const char *em_listener_name(enum em_listener_id listener);

#define EM_OPERATIONS_MAX 48

#endif
