/* system: what plain Lua can't find out about the host.
 * SPDX-License-Identifier: MIT */
#include "binding.h"

#include "../core/compat.h"
#include "../core/version.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define RANDOM_MAX 64

/* Monotonic seconds. */
static int system_now(lua_State *L)
{
  lua_pushnumber(L, (lua_Number)bu_now());
  return 1;
}

/* Seconds since 1970. */
static int system_time(lua_State *L)
{
  struct timespec now = {0, 0};

  /* POSIX has this clock everywhere. */
  (void)clock_gettime(CLOCK_REALTIME, &now);
  lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
  return 1;
}

/* The most memory that the process has had resident, in bytes. */
static int system_peak_memory(lua_State *L)
{
  struct rusage usage;

  if(getrusage(RUSAGE_SELF, &usage) != 0)
    return 0;
#ifdef __APPLE__
  push_size(L, (int64_t)usage.ru_maxrss);
#else
  push_size(L, (int64_t)usage.ru_maxrss * 1024);
#endif
  return 1;
}

static int system_isatty(lua_State *L)
{
  lua_pushboolean(L, isatty(argument_integer(L, 1, 0, INT_MAX)));
  return 1;
}

/* core.fill_standard_streams(): opens /dev/null where the caller has closed
 * standard input, output or errors. Otherwise the next file or socket would be
 * taken for them. Not for reading: closed input isn't empty input. */
static int system_fill_standard_streams(lua_State *L)
{
  int number;

  for(number = STDIN_FILENO; number <= STDERR_FILENO; number++)
    if(fcntl(number, F_GETFD) == -1 && errno == EBADF &&
       open("/dev/null", O_WRONLY) != number)
      return luaL_error(L, "/dev/null can't be opened");
  return 0;
}

/* core.readable(descriptor, seconds): waits until it can be read or has ended;
 * false after so many seconds, or when a signal comes. */
static int system_readable(lua_State *L)
{
  struct pollfd one = {.fd = argument_integer(L, 1, 0, INT_MAX),
                       .events = POLLIN};
  double seconds = argument_seconds(L, 2, 3600);

  lua_pushboolean(L, poll(&one, 1, (int)(seconds * 1000)) > 0);
  return 1;
}

/* Columns and lines of the terminal, or nil. */
static int system_terminal_size(lua_State *L)
{
  struct winsize size;

  if(ioctl(argument_integer(L, 1, 0, INT_MAX), TIOCGWINSZ, &size) != 0 ||
     size.ws_col == 0)
    return 0;
  lua_pushinteger(L, size.ws_col);
  lua_pushinteger(L, size.ws_row);
  return 2;
}

/* n random bytes in hex; nil, message and code when out of memory, say. */
static int system_random(lua_State *L)
{
  int count = argument_integer(L, 1, 1, RANDOM_MAX);
  unsigned char bytes[RANDOM_MAX];
  char text[2 * RANDOM_MAX + 1];
  struct bu_error error;

  if(RAND_bytes(bytes, count) != 1) {
    ERR_clear_error();
    bu_error_set(&error, BU_ECRYPTO, "OpenSSL has no random bytes");
    return push_error(L, &error);
  }
  bu_hex(text, bytes, (size_t)count);
  lua_pushstring(L, text);
  return 1;
}

static void system_set_text(lua_State *L, const char *key, const char *value)
{
  lua_pushstring(L, value);
  lua_setfield(L, -2, key);
}

/* Of the libraries that it runs with, which may be newer than those it was
 * built with. */
static int system_versions(lua_State *L)
{
  const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);

  lua_newtable(L);
  system_set_text(L, "boxupload", BU_VERSION);
  system_set_text(L, "lua", LUA_VERSION);
  system_set_text(L, "curl", curl->version);
  system_set_text(L, "tls", curl->ssl_version ? curl->ssl_version : "none");
  system_set_text(L, "openssl", OpenSSL_version(OPENSSL_VERSION));
  return 1;
}

const luaL_Reg system_functions[] = {
    {"now", system_now},
    {"time", system_time},
    {"peak_memory", system_peak_memory},
    {"isatty", system_isatty},
    {"fill_standard_streams", system_fill_standard_streams},
    {"readable", system_readable},
    {"terminal_size", system_terminal_size},
    {"random", system_random},
    {"versions", system_versions},
    {NULL, NULL}};
