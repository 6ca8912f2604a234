/* signer: signatures for JWT.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include "../core/signer.h"

#include <string.h>

/* Bytes; a JWT has some hundred, a signature as many as its key. */
#define TEXT_LIMIT 65536

static enum bu_signature signer_check_algorithm(lua_State *L)
{
  static const char *const names[] = {"RS256", "RS384", "RS512", NULL};
  int option;

  lua_getfield(L, 1, "algorithm");
  option = luaL_checkoption(L, -1, "RS256", names);
  lua_pop(L, 1);
  return (enum bu_signature)option;
}

/* core.sign { algorithm=, key=, passphrase=, data= }: base64url. */
static int signer_sign(lua_State *L)
{
  static const char *const known[] = {"algorithm", "key", "passphrase",
                                      "data", NULL};
  struct bu_buffer text;
  struct bu_error error;
  struct bu_key key;
  enum bu_signature kind;
  const char *data;
  size_t length;
  size_t count = 0;

  option_check(L, 1, known);
  lua_settop(L, 1);
  kind = signer_check_algorithm(L);
  lua_getfield(L, 1, "key");
  key.pem = luaL_checklstring(L, 2, &key.length);
  lua_getfield(L, 1, "data");
  data = luaL_checklstring(L, 3, &length);
  lua_getfield(L, 1, "passphrase");
  key.passphrase = luaL_optlstring(L, 4, NULL, &count);
  /* It comes from a file. */
  if(key.passphrase && strlen(key.passphrase) != count) {
    bu_error_set(&error, BU_EINVALID, "the passphrase has a zero byte in it");
    return push_error(L, &error);
  }
  bu_buffer_init(&text, TEXT_LIMIT);
  if(bu_sign(&text, kind, &key, data, length, &error) == BU_OK)
    return push_buffer(L, &text);
  bu_buffer_free(&text);
  return push_error(L, &error);
}

/* core.base64url(string): without padding. */
static int signer_base64url(lua_State *L)
{
  size_t length;
  const char *data = luaL_checklstring(L, 1, &length);
  struct bu_buffer text;

  bu_buffer_init(&text, TEXT_LIMIT);
  if(bu_base64url(&text, data, length) == BU_OK)
    return push_buffer(L, &text);
  bu_buffer_free(&text);
  return luaL_error(L, "too long a text for base64url");
}

const luaL_Reg signer_functions[] = {
    {"sign", signer_sign}, {"base64url", signer_base64url}, {NULL, NULL}};
