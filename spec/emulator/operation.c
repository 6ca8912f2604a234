/* What the service can be asked, and where. */
/* SPDX-License-Identifier: MIT */
#include "operation.h"
#include "operations.h"

#define SESSIONS "/api/2.0/files/upload_sessions"
#define ON_SESSION (EM_ON_UPLOAD | EM_ON_SESSION)

/* More literal paths first. */
static const struct em_operation operations[] = {
    {.name = "token",
     .method = "POST",
     .path = "/oauth2/token",
     .finish = em_token_finish,
     .where = EM_ON_API,
     .open = true},
    {.name = "revoke",
     .method = "POST",
     .path = "/oauth2/revoke",
     .finish = em_revoke_finish,
     .where = EM_ON_API,
     .open = true},
    {.name = "preflight",
     .method = "OPTIONS",
     .path = "/2.0/files/content",
     .finish = em_preflight_finish,
     .where = EM_ON_API},
    {.name = "preflight",
     .method = "OPTIONS",
     .path = "/2.0/files/*/content",
     .finish = em_preflight_finish,
     .where = EM_ON_API},
    {.name = "get_file",
     .method = "GET",
     .path = "/2.0/files/*",
     .finish = em_get_file_finish,
     .where = EM_ON_API},
    {.name = "delete_file",
     .method = "DELETE",
     .path = "/2.0/files/*",
     .finish = em_delete_file_finish,
     .where = EM_ON_API},
    {.name = "download",
     .method = "GET",
     .path = "/2.0/files/*/content",
     .finish = em_download_finish,
     .where = EM_ON_API},
    {.name = "create_folder",
     .method = "POST",
     .path = "/2.0/folders",
     .finish = em_create_folder_finish,
     .where = EM_ON_API},
    {.name = "get_folder",
     .method = "GET",
     .path = "/2.0/folders/*",
     .finish = em_get_folder_finish,
     .where = EM_ON_API},
    {.name = "get_folder_items",
     .method = "GET",
     .path = "/2.0/folders/*/items",
     .finish = em_get_items_finish,
     .where = EM_ON_API},
    {.name = "get_user",
     .method = "GET",
     .path = "/2.0/users/me",
     .finish = em_get_user_finish,
     .where = EM_ON_API},
    {.name = "create_session",
     .method = "POST",
     .path = SESSIONS,
     .begin = em_create_begin,
     .finish = em_create_finish,
     .where = EM_ON_UPLOAD},
    {.name = "create_version_session",
     .method = "POST",
     .path = "/api/2.0/files/*/upload_sessions",
     .begin = em_create_begin,
     .finish = em_create_finish,
     .where = EM_ON_UPLOAD},
    {.name = "upload_file",
     .method = "POST",
     .path = "/api/2.0/files/content",
     .begin = em_upload_begin,
     .data = em_upload_data,
     .finish = em_upload_finish,
     .forget = em_upload_forget,
     .where = EM_ON_UPLOAD},
    {.name = "upload_version",
     .method = "POST",
     .path = "/api/2.0/files/*/content",
     .begin = em_upload_begin,
     .data = em_upload_data,
     .finish = em_upload_finish,
     .forget = em_upload_forget,
     .where = EM_ON_UPLOAD},
    {.name = "upload_part",
     .method = "PUT",
     .path = SESSIONS "/*",
     .begin = em_part_begin,
     .data = em_part_data,
     .finish = em_part_finish,
     .forget = em_part_forget,
     .where = ON_SESSION},
    {.name = "get_session",
     .method = "GET",
     .path = SESSIONS "/*",
     .finish = em_get_session_finish,
     .where = ON_SESSION},
    {.name = "abort",
     .method = "DELETE",
     .path = SESSIONS "/*",
     .finish = em_abort_finish,
     .where = ON_SESSION},
    {.name = "list_parts",
     .method = "GET",
     .path = SESSIONS "/*/parts",
     .finish = em_list_parts_finish,
     .where = ON_SESSION},
    {.name = "commit",
     .method = "POST",
     .path = SESSIONS "/*/commit",
     .begin = em_commit_begin,
     .finish = em_commit_finish,
     .where = ON_SESSION},
    {.name = "log",
     .method = "POST",
     .path = SESSIONS "/*/log",
     .finish = em_log_finish,
     .where = ON_SESSION},
    {.name = "plan",
     .method = "POST",
     .path = SESSIONS "/*/plan",
     .finish = em_plan_finish,
     .where = ON_SESSION}};

#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

const struct em_operation *em_operation_at(size_t i)
{
  return i < OPERATIONS ? &operations[i] : NULL;
}

size_t em_operation_index(const struct em_operation *operation)
{
  return (size_t)(operation - operations);
}

bool em_operation_exists(const char *name)
{
  size_t i;
  for(i = 0; i < OPERATIONS; i++)
    if(!strcmp(operations[i].name, name))
      return true;
  return false;
}

const char *em_listener_name(enum em_listener listener)
{
  static const char *const names[EM_LISTENERS] = {"api", "upload", "session"};
  return names[listener];
}

static bool path_matches(const char *pattern, const char *path,
                         char *argument, size_t size)
{
  const char *star = strchr(pattern, '*');
  size_t before;
  size_t length;
  argument[0] = '\0';
  if(!star)
    return !strcmp(pattern, path);
  before = (size_t)(star - pattern);
  if(strncmp(pattern, path, before))
    return false;
  length = strcspn(path + before, "/");
  if(!length || strcmp(star + 1, path + before + length))
    return false;
  /* What is too long for an id stays too long, and is refused as one. */
  snprintf(argument, size, "%.*s", (int)(length < size ? length : size - 1),
           path + before);
  return true;
}

enum em_route em_operation_find(enum em_listener listener, const char *method,
                                const char *path,
                                const struct em_operation **out,
                                char *argument, size_t size)
{
  enum em_route route = EM_ROUTE_NONE;
  size_t i;
  for(i = 0; i < OPERATIONS; i++) {
    const struct em_operation *operation = &operations[i];
    if(!(operation->where & (1u << listener)) ||
       !path_matches(operation->path, path, argument, size))
      continue;
    if(!strcmp(operation->method, method)) {
      *out = operation;
      return EM_ROUTE_FOUND;
    }
    route = EM_ROUTE_NO_METHOD;
  }
  argument[0] = '\0';
  return route;
}
