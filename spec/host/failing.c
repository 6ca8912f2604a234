/* failing: preloaded into a process, makes calls fail as they do on a machine
 * that has run out of memory, descriptors or disk.
 *   FAILING_CALLS  which: "memory" or "system"
 *   FAILING_FROM   whose: names of libraries, "core.so libcurl"; with a "!"
 *                  before them everybody else's
 *   FAILING_AT     the first call that fails; 0: none
 *   FAILING_EVERY  from then on, every so many calls one fails; 0: no more
 *   FAILING_LOG    a file that gets a line for each failed call, and at exit
 *                  the number of calls
 * Nothing counts until a script calls failing_arm:
 *   package.loadlib("failing.so", "failing_arm")()
 * SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RANGES_MAX 64
#define EXPORT __attribute__((visibility("default")))
#define CALLER ((const char *)__builtin_return_address(0))

struct range {
  uintptr_t start;
  uintptr_t end;
};

static struct {
  int armed;
  int memory; /* or system calls */
  int others; /* the ranges are those that are spared */
  struct range ranges[RANGES_MAX];
  int count;
  long calls;
  long at;
  long every;
  int log;
} failing = {0, 0, 0, {{0, 0}}, 0, 0, 0, 0, -1};

/* Whose calls. */

static int is_named(const char *path)
{
  const char *names = getenv("FAILING_FROM");
  const char *base = strrchr(path, '/');
  size_t length;

  base = base ? base + 1 : path;
  for(; names && *names; names += length + (names[length] == ' ')) {
    names += *names == '!';
    length = strcspn(names, " ");
    if(length > 0 && strncmp(base, names, length) == 0)
      return 1;
  }
  return 0;
}

static int add_ranges(struct dl_phdr_info *info, size_t size, void *program)
{
  const char *path = *info->dlpi_name ? info->dlpi_name : program;
  int i;

  (void)size;
  if(!is_named(path))
    return 0;
  for(i = 0; i < info->dlpi_phnum && failing.count < RANGES_MAX; i++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    struct range *range = &failing.ranges[failing.count];

    if(header->p_type != PT_LOAD || !(header->p_flags & PF_X))
      continue;
    range->start = (uintptr_t)info->dlpi_addr + (uintptr_t)header->p_vaddr;
    range->end = range->start + header->p_memsz;
    failing.count++;
  }
  return 0;
}

static int is_counted(const char *caller)
{
  uintptr_t at = (uintptr_t)caller;
  int i;

  for(i = 0; i < failing.count; i++) {
    if(at >= failing.ranges[i].start && at < failing.ranges[i].end)
      return !failing.others;
  }
  return failing.others;
}

/* Which call fails. */

static void note(long number, const char *name, const char *caller)
{
  char line[400];
  Dl_info info;
  int length;

  if(!dladdr(caller, &info) || !info.dli_fname)
    info.dli_fname = "?", info.dli_fbase = NULL;
  length = snprintf(line, sizeof(line), "%ld %s from %s+%#lx\n", number, name,
                    info.dli_fname,
                    (unsigned long)(caller - (const char *)info.dli_fbase));
  if(length > 0 && length < (int)sizeof(line))
    (void)syscall(SYS_write, failing.log, line, (size_t)length);
}

static int fails(int memory, const char *name, const char *caller, int error)
{
  long number;

  if(!__atomic_load_n(&failing.armed, __ATOMIC_ACQUIRE) ||
     memory != failing.memory || !is_counted(caller))
    return 0;
  number = __atomic_add_fetch(&failing.calls, 1, __ATOMIC_RELAXED);
  if(failing.at == 0 || number < failing.at ||
     (number > failing.at &&
      (failing.every == 0 || (number - failing.at) % failing.every != 0)))
    return 0;
  note(number, name, caller);
  errno = error;
  return 1;
}

static long number_of(const char *name)
{
  const char *text = getenv(name);

  return text ? strtol(text, NULL, 10) : 0;
}

/* A function for package.loadlib: it takes a lua_State and returns nothing. */
EXPORT int failing_arm(void *L);
EXPORT int failing_arm(void *L)
{
  static char program[4096];
  const char *calls = getenv("FAILING_CALLS");
  const char *from = getenv("FAILING_FROM");
  const char *log = getenv("FAILING_LOG");

  (void)L;
  if(readlink("/proc/self/exe", program, sizeof(program) - 1) < 0)
    return 0;
  failing.memory = calls && strcmp(calls, "memory") == 0;
  failing.others = from && *from == '!';
  failing.at = number_of("FAILING_AT");
  failing.every = number_of("FAILING_EVERY");
  failing.log = (int)syscall(SYS_openat, AT_FDCWD, log,
                             O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  (void)dl_iterate_phdr(add_ranges, program);
  __atomic_store_n(&failing.armed, 1, __ATOMIC_RELEASE);
  return 0;
}

/* To let a script look at what is left. */
EXPORT int failing_disarm(void *L);
EXPORT int failing_disarm(void *L)
{
  char line[40];
  int length = snprintf(line, sizeof(line), "calls %ld\n", failing.calls);

  (void)L;
  __atomic_store_n(&failing.armed, 0, __ATOMIC_RELEASE);
  if(length > 0)
    (void)syscall(SYS_write, failing.log, line, (size_t)length);
  return 0;
}

/* The next definition of a function. A union: ISO C has no cast from an object
 * pointer to a function's. NOLINTBEGIN(bugprone-macro-parentheses) */
#define NEXT(result, name, parameters)                                       \
  static union {                                                             \
    void *object;                                                            \
    result(*call) parameters;                                                \
  } next;                                                                    \
  if(!next.object)                                                           \
  next.object = find_next(name)
/* NOLINTEND(bugprone-macro-parentheses) */

/* Of this thread: what others ask for meanwhile isn't dlsym's. */
static __thread int finding __attribute__((tls_model("initial-exec")));

/* Before version 2.34, glibc has a library of its own for threads, which comes
 * along with the module. */
static void *find_in_threads(const char *name)
{
  void *threads = dlopen("libpthread.so.0", RTLD_LAZY | RTLD_NOLOAD);

  return threads ? dlsym(threads, name) : NULL;
}

static void *find_next(const char *name)
{
  void *found;

  finding++;
  found = dlsym(RTLD_NEXT, name);
  if(!found)
    found = find_in_threads(name);
  finding--;
  if(!found)
    abort();
  return found;
}

/* Memory. What dlsym itself wants before malloc is known is never freed. */

static char early[8192];
static size_t early_used;

static void *early_malloc(size_t size)
{
  size_t room = (size + 15) & ~(size_t)15;
  size_t from = __atomic_fetch_add(&early_used, room, __ATOMIC_RELAXED);

  return from + room <= sizeof(early) ? early + from : NULL;
}

static int is_early(const void *memory)
{
  return (const char *)memory >= early &&
         (const char *)memory < early + sizeof(early);
}

EXPORT void *malloc(size_t size)
{
  if(finding)
    return early_malloc(size);
  NEXT(void *, "malloc", (size_t));
  return fails(1, "malloc", CALLER, ENOMEM) ? NULL : next.call(size);
}

EXPORT void *calloc(size_t count, size_t size)
{
  if(finding)
    return early_malloc(count * size);
  NEXT(void *, "calloc", (size_t, size_t));
  return fails(1, "calloc", CALLER, ENOMEM) ? NULL : next.call(count, size);
}

/* Lua relies on it that a block can shrink, as it can in the C library. */
EXPORT void *realloc(void *memory, size_t size)
{
  NEXT(void *, "realloc", (void *, size_t));
  if((!memory || malloc_usable_size(memory) < size) &&
     fails(1, "realloc", CALLER, ENOMEM))
    return NULL;
  return next.call(memory, size);
}

EXPORT void free(void *memory)
{
  if(is_early(memory))
    return;
  NEXT(void, "free", (void *));
  next.call(memory);
}

EXPORT int posix_memalign(void **memory, size_t alignment, size_t size)
{
  NEXT(int, "posix_memalign", (void **, size_t, size_t));
  return fails(1, "posix_memalign", CALLER, ENOMEM)
             ? ENOMEM
             : next.call(memory, alignment, size);
}

EXPORT char *strdup(const char *text)
{
  NEXT(char *, "strdup", (const char *));
  return fails(1, "strdup", CALLER, ENOMEM) ? NULL : next.call(text);
}

/* System calls. */

#define SYSTEM(result, name, parameters, arguments, error, failure)          \
  EXPORT result name parameters                                              \
  {                                                                          \
    NEXT(result, #name, parameters);                                         \
    return fails(0, #name, CALLER, error) ? (failure) : next.call arguments; \
  }

/* With a mode as the third argument, or the last. */
#define OPEN(name, parameters, arguments)                                    \
  EXPORT int name parameters                                                 \
  {                                                                          \
    NEXT(int, #name, (OPEN_##name));                                         \
    va_list list;                                                            \
    unsigned mode;                                                           \
                                                                             \
    va_start(list, flags);                                                   \
    mode = flags & O_CREAT ? va_arg(list, unsigned) : 0;                     \
    va_end(list);                                                            \
    return fails(0, #name, CALLER, EMFILE) ? -1 : next.call arguments;       \
  }
#define OPEN_open const char *, int, ...
#define OPEN_open64 const char *, int, ...
#define OPEN_openat int, const char *, int, ...
#define OPEN_openat64 int, const char *, int, ...

OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int folder, const char *path, int flags, ...),
     (folder, path, flags, mode))
OPEN(openat64, (int folder, const char *path, int flags, ...),
     (folder, path, flags, mode))

/* Asking for a descriptor's flags, of many at once, never fails. */
/* Locks and copies can fail on a healthy descriptor, flags can't: libcurl
 * doesn't look whether a socket became one that doesn't block. */
static int can_fail(int command)
{
  return command == F_SETLK || command == F_SETLKW || command == F_DUPFD ||
         command == F_DUPFD_CLOEXEC;
}

#define FCNTL(name)                                                          \
  EXPORT int name(int file, int command, ...)                                \
  {                                                                          \
    NEXT(int, #name, (int, int, ...));                                       \
    va_list list;                                                            \
    void *value;                                                             \
                                                                             \
    va_start(list, command);                                                 \
    value = va_arg(list, void *);                                            \
    va_end(list);                                                            \
    if(can_fail(command) && fails(0, #name, CALLER, ENOLCK))                 \
      return -1;                                                             \
    return next.call(file, command, value);                                  \
  }

FCNTL(fcntl)
FCNTL(fcntl64)

SYSTEM(int, mkstemp, (char *path), (path), EMFILE, -1)
SYSTEM(int, mkstemp64, (char *path), (path), EMFILE, -1)
SYSTEM(ssize_t, pread, (int file, void *data, size_t size, off_t offset),
       (file, data, size, offset), EIO, -1)
SYSTEM(ssize_t, pread64, (int file, void *data, size_t size, off64_t offset),
       (file, data, size, offset), EIO, -1)
SYSTEM(ssize_t, read, (int file, void *data, size_t size), (file, data, size),
       EIO, -1)
SYSTEM(ssize_t, write, (int file, const void *data, size_t size),
       (file, data, size), ENOSPC, -1)
SYSTEM(int, fsync, (int file), (file), EIO, -1)
SYSTEM(int, ftruncate, (int file, off_t size), (file, size), ENOSPC, -1)
SYSTEM(int, ftruncate64, (int file, off64_t size), (file, size), ENOSPC, -1)
SYSTEM(int, fstat, (int file, struct stat *status), (file, status), EIO, -1)
SYSTEM(int, fstat64, (int file, struct stat64 *status), (file, status), EIO,
       -1)
SYSTEM(int, stat, (const char *path, struct stat *status), (path, status),
       EIO, -1)
SYSTEM(int, stat64, (const char *path, struct stat64 *status), (path, status),
       EIO, -1)
SYSTEM(int, link, (const char *from, const char *to), (from, to), EIO, -1)
SYSTEM(int, rename, (const char *from, const char *to), (from, to), EIO, -1)
SYSTEM(int, unlink, (const char *path), (path), EIO, -1)
SYSTEM(int, mkdir, (const char *path, mode_t mode), (path, mode), ENOSPC, -1)
SYSTEM(int, flock, (int file, int operation), (file, operation), ENOLCK, -1)
SYSTEM(int, poll, (struct pollfd * files, nfds_t count, int timeout),
       (files, count, timeout), ENOMEM, -1)
SYSTEM(int, eventfd, (unsigned value, int flags), (value, flags), EMFILE, -1)
SYSTEM(int, pipe, (int pair[2]), (pair), EMFILE, -1)
SYSTEM(int, pipe2, (int pair[2], int flags), (pair, flags), EMFILE, -1)
SYSTEM(int, socket, (int domain, int type, int protocol),
       (domain, type, protocol), EMFILE, -1)
SYSTEM(int, socketpair, (int domain, int type, int protocol, int pair[2]),
       (domain, type, protocol, pair), EMFILE, -1)
SYSTEM(int, pthread_create,
       (pthread_t * thread, const pthread_attr_t *attributes,
        void *(*work)(void *), void *argument),
       (thread, attributes, work, argument), EAGAIN, EAGAIN)
