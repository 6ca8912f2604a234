/* The operations of the service, and how to find them. */
/* SPDX-License-Identifier: MIT */
#include "base/operation.h"

size_t em_operation_index(const struct em_operation *operation)
{
  return (size_t)(operation - em_operations);
}

bool em_operation_exists(const char *name)
{
  size_t i;
  for(i = 0; i < em_operation_count; i++)
    if(!strcmp(em_operations[i].name, name))
      return true;
  return false;
}

const char *em_listener_name(enum em_listener_id listener)
{
  static const char *const names[EM_LISTENER_COUNT] = {"api", "upload",
                                                       "session"};
  return names[listener];
}

static bool path_matches(const char *pattern, const char *path, char *path_id,
                         size_t size)
{
  const char *star = strchr(pattern, '*');
  size_t before;
  size_t length;
  path_id[0] = '\0';
  if(!star)
    return !strcmp(pattern, path);
  before = (size_t)(star - pattern);
  if(strncmp(pattern, path, before))
    return false;
  length = strcspn(path + before, "/");
  if(!length || strcmp(star + 1, path + before + length))
    return false;
  /* A truncated id is still longer than any valid id, so it is refused later.
     */
  snprintf(path_id, size, "%.*s", (int)(length < size ? length : size - 1),
           path + before);
  return true;
}

enum em_route em_operation_find(enum em_listener_id listener,
                                const char *method, const char *path,
                                const struct em_operation **out,
                                char *path_id, size_t size)
{
  enum em_route route = EM_ROUTE_NONE;
  size_t i;
  for(i = 0; i < em_operation_count; i++) {
    const struct em_operation *operation = &em_operations[i];
    if(!(operation->listeners & (1u << listener)) ||
       !path_matches(operation->path, path, path_id, size))
      continue;
    if(!strcmp(operation->method, method)) {
      *out = operation;
      return EM_ROUTE_FOUND;
    }
    route = EM_ROUTE_NO_METHOD;
  }
  path_id[0] = '\0';
  return route;
}
