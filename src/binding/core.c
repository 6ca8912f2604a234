/* core: the module boxupload.core.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include "../core/version.h"

#include <curl/curl.h>
#include <pthread.h>

static void core_prepare_libcurl(void)
{
  /* Should it fail, so do the handles, whose failure is reported. */
  (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void core_open_classes(lua_State *L)
{
  engine_open(L);
  queue_open(L);
  exchange_open(L);
  session_open(L);
  file_open(L);
  digest_open(L);
  journal_open(L);
  listener_open(L);
  folder_open(L);
  lock_open(L);
}

/* core.methods.session and so on. */
static void core_set_methods(lua_State *L)
{
  static const char *const names[] = {
      CLASS_ENGINE, CLASS_QUEUE,   CLASS_EXCHANGE, CLASS_SESSION, CLASS_FILE,
      CLASS_DIGEST, CLASS_JOURNAL, CLASS_LISTENER, CLASS_FOLDER,  CLASS_LOCK};
  size_t i;

  lua_newtable(L);
  for(i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    class_push_methods(L, names[i]);
    lua_setfield(L, -2, class_short_name(names[i]));
  }
  lua_setfield(L, -2, "methods");
}

__attribute__((visibility("default"))) int
luaopen_boxupload_core(lua_State *L);

int luaopen_boxupload_core(lua_State *L)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  static const luaL_Reg functions[] = {
      {"engine", engine_new},     {"limits", engine_limits},
      {"file", file_new},         {"spool", file_spool},
      {"digest", digest_new},     {"sha1", digest_sha1},
      {"fields", session_fields}, {"listen", listener_new},
      {"lock", lock_new},         {NULL, NULL}};

  if(sizeof(lua_Number) < 8 ||
     (LUA_VERSION_NUM >= 503 && sizeof(lua_Integer) < 8))
    return luaL_error(L, "boxupload needs numbers of 64 bits: this Lua was "
                         "built with LUA_32BITS");
  compat_checkversion(L);
  /* libcurl counts its users. There is no curl_global_cleanup: threads of
   * others may still use it. */
  pthread_once(&once, core_prepare_libcurl);
  lua_newtable(L);
  compat_setfuncs(L, functions);
  compat_setfuncs(L, journal_functions);
  compat_setfuncs(L, path_functions);
  compat_setfuncs(L, folder_functions);
  compat_setfuncs(L, signer_functions);
  compat_setfuncs(L, system_functions);
  lua_pushliteral(L, BU_VERSION);
  lua_setfield(L, -2, "_VERSION");
  /* What the Lua layer keeps when it is loaded again. */
  luaL_newmetatable(L, "boxupload.kept");
  lua_setfield(L, -2, "kept");
  core_open_classes(L);
  core_set_methods(L);
  return 1;
}
