/* core: the module boxupload.core.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include "../core/version.h"

#include <curl/curl.h>
#include <pthread.h>

static void prepare_libcurl(void)
{
  (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* core.methods.session and so on. */
static void set_methods(lua_State *L, const char *key, const char *name)
{
  luaL_getmetatable(L, name);
  lua_getfield(L, -1, "methods");
  lua_remove(L, -2);
  lua_setfield(L, -2, key);
}

static void open_classes(lua_State *L)
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
  lua_newtable(L);
  set_methods(L, "engine", CLASS_ENGINE);
  set_methods(L, "queue", CLASS_QUEUE);
  set_methods(L, "exchange", CLASS_EXCHANGE);
  set_methods(L, "session", CLASS_SESSION);
  set_methods(L, "file", CLASS_FILE);
  set_methods(L, "digest", CLASS_DIGEST);
  set_methods(L, "journal", CLASS_JOURNAL);
  lua_setfield(L, -2, "methods");
}

__attribute__((visibility("default"))) int
luaopen_boxupload_core(lua_State *L);

int luaopen_boxupload_core(lua_State *L)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  static const luaL_Reg functions[] = {{"engine", engine_new},
                                       {"limits", engine_limits},
                                       {"file", file_new},
                                       {"spool", file_spool},
                                       {"digest", digest_new},
                                       {"sha1", digest_sha1},
                                       {"fields", session_fields},
                                       {"listen", listener_new},
                                       {NULL, NULL}};

  compat_checkversion(L);
  /* Harmless beside another user's; there is no cleanup, for others may
   * still be using it. */
  (void)pthread_once(&once, prepare_libcurl);
  lua_newtable(L);
  compat_setfuncs(L, functions);
  compat_setfuncs(L, journal_functions);
  compat_setfuncs(L, folder_functions);
  compat_setfuncs(L, signer_functions);
  compat_setfuncs(L, system_functions);
  lua_pushliteral(L, BU_VERSION);
  lua_setfield(L, -2, "_VERSION");
  open_classes(L);
  return 1;
}
