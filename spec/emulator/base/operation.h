/* The operations of the service, and how to find them. */
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

/* Without `data`, the body is buffered until `finish`. */
struct em_operation {
  const char *name; /* in fault scripts and the log */
  const char *method;
  const char *path; /* `*` matches one segment */
  void (*begin)(struct em_request *request);
  void (*data)(struct em_request *request, const char *bytes, size_t size);
  void (*finish)(struct em_request *request);
  void (*cleanup)(struct em_request *request);
  unsigned int listeners; /* EM_ON_... */
  bool is_public;         /* needs no token */
};

/* Defined in operations/table.c, so that lower folders need not include the
   operations. */
extern const struct em_operation em_operations[];
extern const size_t em_operation_count;

/* The control paths. Not in the table, because these requests are not logged
   and no fault applies to them. */
extern const struct em_operation em_control_operation;

enum em_route { EM_ROUTE_FOUND, EM_ROUTE_NO_METHOD, EM_ROUTE_NONE };

enum em_route em_operation_find(enum em_listener_id listener,
                                const char *method, const char *path,
                                const struct em_operation **out,
                                char *path_id, size_t size);

size_t em_operation_index(const struct em_operation *operation);
bool em_operation_exists(const char *name);
const char *em_listener_name(enum em_listener_id listener);

#define EM_OPERATIONS_MAX 48

#endif
