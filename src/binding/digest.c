/* digest: a running SHA-1 or SHA-512.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include <string.h>

struct digest_box *digest_check(lua_State *L, int index)
{
  return luaL_checkudata(L, index, CLASS_DIGEST);
}

struct digest_box *digest_option(lua_State *L, int index, const char *name)
{
  struct digest_box *box;

  lua_getfield(L, index, name);
  box = lua_isnil(L, -1) ? NULL : digest_check(L, -1);
  lua_pop(L, 1);
  return box;
}

int sha1_option(lua_State *L, int index, const char *name,
                unsigned char *sha1)
{
  const char *hex = option_string(L, index, name);

  if(!hex)
    return 0;
  if(bu_unhex(sha1, hex, BU_SHA1_SIZE) != BU_OK)
    luaL_error(L, "option '%s' must be a SHA-1 in 40 hex digits", name);
  return 1;
}

int digest_new(lua_State *L)
{
  static const char *const names[] = {"sha1", "sha512", NULL};
  static const enum bu_algorithm algorithms[] = {BU_SHA1, BU_SHA512};
  int option = luaL_checkoption(L, 1, "sha1", names);
  struct digest_box *box = class_push(L, CLASS_DIGEST, sizeof(*box));

  box->digest = bu_digest_new(algorithms[option]);
  if(!box->digest)
    return luaL_error(L, "out of memory");
  return 1;
}

static int digest_gc(lua_State *L)
{
  struct digest_box *box = digest_check(L, 1);

  bu_digest_release(box->digest);
  box->digest = NULL;
  return 0;
}

static int digest_update(lua_State *L)
{
  struct digest_box *box = digest_check(L, 1);
  size_t length;
  const char *data = luaL_checklstring(L, 2, &length);

  if(bu_digest_update(box->digest, data, length) != BU_OK)
    return luaL_error(L, "out of memory");
  lua_settop(L, 1);
  return 1;
}

static int digest_reset(lua_State *L)
{
  if(bu_digest_reset(digest_check(L, 1)->digest) != BU_OK)
    return luaL_error(L, "out of memory");
  lua_settop(L, 1);
  return 1;
}

static int digest_count(lua_State *L)
{
  push_size(L, bu_digest_count(digest_check(L, 1)->digest));
  return 1;
}

static size_t value_of(lua_State *L, unsigned char *value)
{
  size_t length = bu_digest_value(digest_check(L, 1)->digest, value);

  if(length == 0)
    luaL_error(L, "out of memory");
  return length;
}

static int digest_hex(lua_State *L)
{
  unsigned char value[BU_DIGEST_MAX];
  char text[BU_HEX_MAX];

  bu_hex(text, value, value_of(L, value));
  lua_pushstring(L, text);
  return 1;
}

static int digest_base64(lua_State *L)
{
  unsigned char value[BU_DIGEST_MAX];
  char text[BU_BASE64_MAX];

  bu_base64(text, value, value_of(L, value));
  lua_pushstring(L, text);
  return 1;
}

static int digest_tostring(lua_State *L)
{
  lua_pushfstring(L, "%s (%p)", CLASS_DIGEST, (void *)digest_check(L, 1));
  return 1;
}

int digest_sha1(lua_State *L)
{
  (void)luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_pushcfunction(L, digest_new);
  lua_call(L, 0, 1);
  lua_insert(L, 1);
  (void)digest_update(L);
  return digest_hex(L);
}

void digest_open(lua_State *L)
{
  static const luaL_Reg methods[] = {
      {"update", digest_update}, {"reset", digest_reset},
      {"count", digest_count},   {"hex", digest_hex},
      {"base64", digest_base64}, {NULL, NULL}};
  static const luaL_Reg metamethods[] = {
      {"__gc", digest_gc}, {"__tostring", digest_tostring}, {NULL, NULL}};

  class_new(L, CLASS_DIGEST, methods, metamethods);
}
