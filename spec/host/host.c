/* host: a program that embeds Lua, to test what the standalone interpreter
 * never does.
 *   host run SCRIPT ARGUMENT...
 *   host threads COUNT SCRIPT ARGUMENT...    in parallel, a state in each
 *   host repeat COUNT SECONDS SCRIPT ARGUMENT...  in one state after another
 *   host leave SCRIPT ARGUMENT...     and return from main with Lua still open
 * A script gets the number of its thread or round, then its arguments; the
 * global table `host` has functions that Lua lacks. The exit status is 0 when
 * no script raised an error.
 * SPDX-License-Identifier: MIT */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX 16
/* Rounds until caches are filled and the first threads' stacks are cached. */
#define WARM_UP 50

struct script {
  int number; /* of its thread or round; 0: not passed on */
  int count;
  char **arguments; /* the first is its path */
  int failed;
};

/* Functions that Lua lacks. */

static int host_fork(lua_State *L)
{
  lua_pushinteger(L, fork());
  return 1;
}

/* Returns the exit status of a child, or nil and the signal that killed it. */
static int host_wait(lua_State *L)
{
  int status = 0;

  if(waitpid((pid_t)luaL_checkinteger(L, 1), &status, 0) < 0)
    return luaL_error(L, "waitpid failed");
  if(WIFEXITED(status)) {
    lua_pushinteger(L, WEXITSTATUS(status));
    return 1;
  }
  lua_pushnil(L);
  lua_pushinteger(L, WTERMSIG(status));
  return 2;
}

/* Closes all but the standard streams, as daemons do. */
static int host_close_descriptors(lua_State *L)
{
  long most = sysconf(_SC_OPEN_MAX);
  int i;

  (void)L;
  for(i = 3; i < (most < 4096 ? most : 4096); i++)
    (void)close(i);
  return 0;
}

static void *exit_now(void *status)
{
  exit(*(int *)status);
}

/* exit(3) in another thread, while this one waits for it. */
static int host_exit_in_thread(lua_State *L)
{
  int status = (int)luaL_checkinteger(L, 1);
  pthread_t thread;

  if(pthread_create(&thread, NULL, exit_now, &status) != 0)
    return luaL_error(L, "pthread_create failed");
  (void)pthread_join(thread, NULL);
  return 0;
}

/* Without the handlers of exit(3). */
static int host_exit_at_once(lua_State *L)
{
  _exit((int)luaL_checkinteger(L, 1));
}

/* Whether the library at a path is in memory. */
static int host_is_loaded(lua_State *L)
{
  void *library = dlopen(luaL_checkstring(L, 1), RTLD_LAZY | RTLD_NOLOAD);

  lua_pushboolean(L, library != NULL);
  if(library)
    (void)dlclose(library);
  return 1;
}

static void set_function(lua_State *L, const char *name, lua_CFunction one)
{
  lua_pushcfunction(L, one);
  lua_setfield(L, -2, name);
}

static lua_State *open_state(void)
{
  lua_State *L = luaL_newstate();

  if(!L)
    return NULL;
  luaL_openlibs(L);
  lua_newtable(L);
  set_function(L, "fork", host_fork);
  set_function(L, "wait", host_wait);
  set_function(L, "close_descriptors", host_close_descriptors);
  set_function(L, "exit_in_thread", host_exit_in_thread);
  set_function(L, "exit_at_once", host_exit_at_once);
  set_function(L, "is_loaded", host_is_loaded);
  lua_setglobal(L, "host");
  return L;
}

/* Runs the script in a new state, which it returns, or NULL. */
static lua_State *start(struct script *script)
{
  lua_State *L = open_state();
  int i;

  script->failed = 1;
  if(!L)
    return NULL;
  if(luaL_loadfile(L, script->arguments[0]) == 0) {
    if(script->number > 0)
      lua_pushinteger(L, script->number);
    for(i = 1; i < script->count; i++)
      lua_pushstring(L, script->arguments[i]);
    script->failed = lua_pcall(L, lua_gettop(L) - 1, 0, 0) != 0;
  }
  if(script->failed)
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
  return L;
}

/* Closes the state even after an error. */
static void run(struct script *script)
{
  lua_State *L = start(script);

  if(L)
    lua_close(L);
}

static void *run_thread(void *argument)
{
  run(argument);
  return NULL;
}

static int run_threads(int count, const struct script *script)
{
  struct script scripts[THREADS_MAX];
  pthread_t threads[THREADS_MAX];
  int failed = 0;
  int i;

  for(i = 0; i < count && i < THREADS_MAX; i++) {
    scripts[i] = *script;
    scripts[i].number = i + 1;
    if(pthread_create(&threads[i], NULL, run_thread, &scripts[i]) != 0)
      return 1;
  }
  while(i-- > 0) {
    (void)pthread_join(threads[i], NULL);
    failed |= scripts[i].failed;
  }
  return failed;
}

/* Resources of this process; 0 where there is no /proc. */

static int entries(const char *path)
{
  DIR *folder = opendir(path);
  int count = 0;

  while(folder && readdir(folder))
    count++;
  if(folder)
    (void)closedir(folder);
  return count;
}

/* The second number in statm. */
static long resident_pages(void)
{
  FILE *file = fopen("/proc/self/statm", "r");
  char line[100] = "";
  char *second = line;

  if(file) {
    if(fgets(line, sizeof(line), file))
      (void)strtol(line, &second, 10);
    (void)fclose(file);
  }
  return strtol(second, NULL, 10);
}

static void show(int rounds)
{
  printf("%d %d %d %ld\n", rounds, entries("/proc/self/fd"),
         entries("/proc/self/task"),
         resident_pages() * sysconf(_SC_PAGESIZE) / 1024);
}

static double now(void)
{
  struct timespec time = {0, 0};

  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Prints rounds, descriptors, threads and KiB of resident memory, after the
 * warm-up and at the end. */
static int repeat(int count, double seconds, struct script *script)
{
  double end = now() + seconds;
  int i;

  script->failed = 0;
  for(i = 1; i <= count && now() < end && !script->failed; i++) {
    script->number = i;
    run(script);
    if(i == WARM_UP)
      show(i);
  }
  show(i - 1);
  return script->failed;
}

static int is_command(int argc, char **argv, const char *name, int least)
{
  return argc > least && strcmp(argv[1], name) == 0;
}

int main(int argc, char **argv)
{
  struct script script = {0, argc - 2, argv + 2, 0};
  int count = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0;

  if(is_command(argc, argv, "run", 2)) {
    run(&script);
    return script.failed;
  }
  if(is_command(argc, argv, "leave", 2)) {
    (void)start(&script);
    return script.failed;
  }
  if(is_command(argc, argv, "threads", 3)) {
    script.count -= 1;
    script.arguments += 1;
    return run_threads(count, &script);
  }
  if(is_command(argc, argv, "repeat", 4)) {
    script.count -= 2;
    script.arguments += 2;
    return repeat(count, strtod(argv[3], NULL), &script);
  }
  fprintf(stderr,
          "usage: host run|leave|threads N|repeat N SECONDS SCRIPT ...\n");
  return 2;
}
