/* The users of the account. */
/* SPDX-License-Identifier: MIT */
#include "store/user.h"

json_t *em_user_json(const char *id)
{
  bool administrator = !strcmp(id, EM_USER);
  json_t *name = administrator ? json_string("Emulated User")
                               : json_sprintf("User %s", id);
  json_t *login = administrator ? json_string("user@example.com")
                                : json_sprintf("user%s@example.com", id);
  return json_pack("{s:s, s:s, s:o, s:o}", "type", "user", "id", id, "name",
                   name, "login", login);
}
