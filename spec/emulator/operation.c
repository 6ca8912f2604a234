/* What the service can be asked, and where. */
/* SPDX-License-Identifier: MIT */
#include "operation.h"
#include "operations.h"

#define SESSIONS "/api/2.0/files/upload_sessions"
#define ON_SESSION (EM_ON_UPLOAD | EM_ON_SESSION)

/* More literal paths first. */
static const struct em_operation operations[] = {
    {"token", "POST", "/oauth2/token", NULL, NULL, em_token_finish, NULL,
     EM_ON_API, true},
    {"revoke", "POST", "/oauth2/revoke", NULL, NULL, em_revoke_finish, NULL,
     EM_ON_API, true},
    {"preflight", "OPTIONS", "/2.0/files/content", NULL, NULL,
     em_preflight_finish, NULL, EM_ON_API, false},
    {"preflight", "OPTIONS", "/2.0/files/*/content", NULL, NULL,
     em_preflight_finish, NULL, EM_ON_API, false},
    {"get_file", "GET", "/2.0/files/*", NULL, NULL, em_get_file_finish, NULL,
     EM_ON_API, false},
    {"delete_file", "DELETE", "/2.0/files/*", NULL, NULL,
     em_delete_file_finish, NULL, EM_ON_API, false},
    {"download", "GET", "/2.0/files/*/content", NULL, NULL,
     em_download_finish, NULL, EM_ON_API, false},
    {"create_folder", "POST", "/2.0/folders", NULL, NULL,
     em_create_folder_finish, NULL, EM_ON_API, false},
    {"get_folder", "GET", "/2.0/folders/*", NULL, NULL, em_get_folder_finish,
     NULL, EM_ON_API, false},
    {"get_folder_items", "GET", "/2.0/folders/*/items", NULL, NULL,
     em_get_items_finish, NULL, EM_ON_API, false},
    {"get_user", "GET", "/2.0/users/me", NULL, NULL, em_get_user_finish, NULL,
     EM_ON_API, false},
    {"create_session", "POST", SESSIONS, em_create_begin, NULL,
     em_create_finish, NULL, EM_ON_UPLOAD, false},
    {"create_version_session", "POST", "/api/2.0/files/*/upload_sessions",
     em_create_begin, NULL, em_create_finish, NULL, EM_ON_UPLOAD, false},
    {"upload_file", "POST", "/api/2.0/files/content", em_upload_begin,
     em_upload_data, em_upload_finish, em_upload_forget, EM_ON_UPLOAD, false},
    {"upload_version", "POST", "/api/2.0/files/*/content", em_upload_begin,
     em_upload_data, em_upload_finish, em_upload_forget, EM_ON_UPLOAD, false},
    {"upload_part", "PUT", SESSIONS "/*", em_part_begin, em_part_data,
     em_part_finish, em_part_forget, ON_SESSION, false},
    {"get_session", "GET", SESSIONS "/*", NULL, NULL, em_get_session_finish,
     NULL, ON_SESSION, false},
    {"abort", "DELETE", SESSIONS "/*", NULL, NULL, em_abort_finish, NULL,
     ON_SESSION, false},
    {"list_parts", "GET", SESSIONS "/*/parts", NULL, NULL,
     em_list_parts_finish, NULL, ON_SESSION, false},
    {"commit", "POST", SESSIONS "/*/commit", em_commit_begin, NULL,
     em_commit_finish, NULL, ON_SESSION, false},
    {"log", "POST", SESSIONS "/*/log", NULL, NULL, em_log_finish, NULL,
     ON_SESSION, false},
    {"plan", "POST", SESSIONS "/*/plan", NULL, NULL, em_plan_finish, NULL,
     ON_SESSION, false}};

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
