/* digest: a running SHA-1 or SHA-512.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

struct digest_object {
  struct object base;
  struct bu_digest *digest;
};

static struct bu_digest *digest_check(lua_State *L, int index)
{
  struct digest_object *self = class_check_open(L, index, CLASS_DIGEST);
  struct bu_error error;

  if(bu_digest_check(self->digest, &error) != BU_OK)
    luaL_error(L, "%s", error.text);
  return self->digest;
}

/* For those that change it. */
static struct bu_digest *digest_check_idle(lua_State *L)
{
  struct bu_digest *digest = digest_check(L, 1);
  struct bu_error error;

  if(bu_digest_check_idle(digest, &error) != BU_OK)
    luaL_error(L, "%s", error.text);
  return digest;
}

struct bu_digest *digest_option(lua_State *L, int index, const char *name)
{
  struct bu_digest *digest;

  lua_getfield(L, index, name);
  digest = lua_isnil(L, -1) ? NULL : digest_check(L, -1);
  lua_pop(L, 1);
  return digest;
}

int digest_new(lua_State *L)
{
  static const char *const names[] = {"sha1", "sha512", NULL};
  static const enum bu_algorithm algorithms[] = {BU_SHA1, BU_SHA512};
  int option = luaL_checkoption(L, 1, "sha1", names);
  struct digest_object *self = class_push(L, CLASS_DIGEST, sizeof(*self));
  struct bu_error error;

  self->digest = bu_digest_new(algorithms[option], &error);
  if(!self->digest)
    return push_error(L, &error);
  self->base.is_open = 1;
  return 1;
}

static int digest_gc(lua_State *L)
{
  struct digest_object *self = class_check(L, 1, CLASS_DIGEST);

  bu_digest_release(self->digest);
  self->digest = NULL;
  self->base.is_open = 0;
  return 0;
}

static int digest_update(lua_State *L)
{
  struct bu_digest *digest = digest_check_idle(L);
  size_t length;
  const char *data = luaL_checklstring(L, 2, &length);
  struct bu_error error;

  if(bu_digest_update(digest, data, length, &error) != BU_OK)
    return luaL_error(L, "%s", error.text);
  lua_settop(L, 1);
  return 1;
}

static int digest_reset(lua_State *L)
{
  struct bu_error error;

  if(bu_digest_reset(digest_check_idle(L), &error) != BU_OK)
    return luaL_error(L, "%s", error.text);
  lua_settop(L, 1);
  return 1;
}

static int digest_count(lua_State *L)
{
  push_size(L, bu_digest_count(digest_check(L, 1)));
  return 1;
}

static size_t digest_value(lua_State *L, unsigned char *value)
{
  struct bu_error error;
  size_t length = bu_digest_value(digest_check(L, 1), value, &error);

  if(length == 0)
    luaL_error(L, "%s", error.text);
  return length;
}

static int digest_hex(lua_State *L)
{
  unsigned char value[BU_DIGEST_MAX];
  char text[BU_HEX_MAX];

  bu_hex(text, value, digest_value(L, value));
  lua_pushstring(L, text);
  return 1;
}

static int digest_base64(lua_State *L)
{
  unsigned char value[BU_DIGEST_MAX];
  char text[BU_BASE64_MAX];

  bu_base64(text, value, digest_value(L, value));
  lua_pushstring(L, text);
  return 1;
}

static int digest_tostring(lua_State *L)
{
  return class_tostring(L, CLASS_DIGEST, NULL);
}

int digest_sha1(lua_State *L)
{
  luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_pushcfunction(L, digest_new);
  lua_call(L, 0, 2);
  if(lua_isnil(L, 2))
    return lua_error(L);
  lua_pop(L, 1);
  lua_insert(L, 1);
  digest_update(L);
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
