/* journal: a private file of lines that survives its writer.
 * SPDX-License-Identifier: MIT */
#include "journal.h"

#include "compat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_CHUNK 65536
/* One that was removed between open and lock is looked for again. */
#define OPEN_TRIES 16

struct bu_journal {
  int descriptor;
  char path[];
};

static struct bu_journal *journal_new(const char *path, int descriptor,
                                      struct bu_error *error)
{
  size_t size = strlen(path) + 1;
  struct bu_journal *journal = malloc(sizeof(*journal) + size);

  if(!journal) {
    (void)bu_error_memory(error);
    return NULL;
  }
  journal->descriptor = descriptor;
  memcpy(journal->path, path, size);
  return journal;
}

void bu_journal_close(struct bu_journal *journal)
{
  if(!journal)
    return;
  (void)close(journal->descriptor);
  free(journal);
}

static int lock(int descriptor, const char *path, struct bu_error *error)
{
  int result;

  do {
    result = flock(descriptor, LOCK_EX | LOCK_NB);
  } while(result != 0 && errno == EINTR);
  if(result == 0)
    return BU_OK;
  if(errno == EWOULDBLOCK)
    return bu_error_set(error, BU_ELOCKED,
                        "%.200s is in use: another upload of this file is "
                        "under way",
                        path);
  return bu_error_system(error, errno, path);
}

/* Whether the path is (still) the name of the open file. */
static int is_at(int descriptor, const char *path)
{
  struct stat open_file, named;

  return fstat(descriptor, &open_file) == 0 && stat(path, &named) == 0 &&
         open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

static int write_all(int descriptor, const char *path, const void *data,
                     size_t length, struct bu_error *error)
{
  const char *from = data;

  while(length > 0) {
    ssize_t count = write(descriptor, from, length);

    if(count < 0 && errno == EINTR)
      continue;
    if(count < 0)
      return bu_error_system(error, errno, path);
    from += count;
    length -= (size_t)count;
  }
  return BU_OK;
}

int bu_journal_append(struct bu_journal *journal, const void *data,
                      size_t length, struct bu_error *error)
{
  return write_all(journal->descriptor, journal->path, data, length, error);
}

int bu_journal_sync(struct bu_journal *journal, struct bu_error *error)
{
  if(fsync(journal->descriptor) != 0)
    return bu_error_system(error, errno, journal->path);
  return BU_OK;
}

/* A rename is durable once its folder is. */
static int sync_folder(const char *path, struct bu_error *error)
{
  const char *slash = strrchr(path, '/');
  char *folder = strdup(slash ? path : ".");
  int descriptor;
  int code = BU_OK;

  if(!folder)
    return bu_error_memory(error);
  if(slash)
    folder[slash == path ? 1 : slash - path] = '\0';
  descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  /* Some file systems don't sync folders (EINVAL): that is their promise. */
  if(descriptor < 0 || (fsync(descriptor) != 0 && errno != EINVAL))
    code = bu_error_system(error, errno, folder);
  if(descriptor >= 0)
    (void)close(descriptor);
  free(folder);
  return code;
}

/* link and not rename, which would replace a journal that is in use. */
static int put_in_place(const char *aside, const char *path,
                        struct bu_error *error)
{
  if(link(aside, path) != 0)
    return errno == EEXIST
               ? bu_error_set(error, BU_ELOCKED,
                              "%.200s is there already: another upload of "
                              "this file left it or is under way",
                              path)
               : bu_error_system(error, errno, path);
  return sync_folder(path, error);
}

static struct bu_journal *create_aside(char *aside, const char *path,
                                       const void *data, size_t length,
                                       struct bu_error *error)
{
  int descriptor = mkstemp(aside); /* mode 0600 */
  struct bu_journal *journal = NULL;

  if(descriptor < 0) {
    (void)bu_error_system(error, errno, aside);
    return NULL;
  }
  if(fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 ||
     fcntl(descriptor, F_SETFL, O_APPEND) != 0)
    (void)bu_error_system(error, errno, aside);
  else if(lock(descriptor, path, error) == BU_OK &&
          write_all(descriptor, aside, data, length, error) == BU_OK)
    journal = journal_new(path, descriptor, error);
  if(journal && bu_journal_sync(journal, error) == BU_OK &&
     put_in_place(aside, path, error) == BU_OK) {
    (void)unlink(aside);
    return journal;
  }
  (void)unlink(aside);
  free(journal);
  (void)close(descriptor);
  return NULL;
}

/* Where the bytes are before they have the name; the caller frees. */
static char *aside_of(const char *path, struct bu_error *error)
{
  static const char suffix[] = ".XXXXXX";
  size_t size = strlen(path) + sizeof(suffix);
  char *aside = malloc(size);

  if(!aside)
    (void)bu_error_memory(error);
  else
    (void)snprintf(aside, size, "%s%s", path, suffix);
  return aside;
}

struct bu_journal *bu_journal_create(const char *path, const void *data,
                                     size_t length, struct bu_error *error)
{
  char *aside = aside_of(path, error);
  struct bu_journal *journal;

  if(!aside)
    return NULL;
  journal = create_aside(aside, path, data, length, error);
  free(aside);
  return journal;
}

static int read_all(int descriptor, const char *path, struct bu_buffer *text,
                    struct bu_error *error)
{
  char chunk[READ_CHUNK];
  ssize_t count;
  int code;

  for(;;) {
    count = read(descriptor, chunk, sizeof(chunk));
    if(count < 0 && errno == EINTR)
      continue;
    if(count < 0)
      return bu_error_system(error, errno, path);
    if(count == 0)
      return BU_OK;
    code = bu_buffer_append(text, chunk, (size_t)count);
    if(code == BU_ELIMIT)
      return bu_error_set(error, BU_ELIMIT, "%.200s is larger than %lu bytes",
                          path, (unsigned long)text->limit);
    if(code != BU_OK)
      return bu_error_memory(error);
  }
}

/* Opened and locked, or -1. */
static int open_locked(const char *path, struct bu_error *error)
{
  int tries;

  for(tries = 0; tries < OPEN_TRIES; tries++) {
    int descriptor = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);

    if(descriptor < 0) {
      (void)bu_error_system(error, errno, path);
      return -1;
    }
    if(lock(descriptor, path, error) == BU_OK && is_at(descriptor, path))
      return descriptor;
    (void)close(descriptor);
    if(error->code != BU_OK)
      return -1;
  }
  (void)bu_error_system(error, ENOENT, path);
  return -1;
}

struct bu_journal *bu_journal_open(const char *path, struct bu_buffer *text,
                                   struct bu_error *error)
{
  struct bu_journal *journal = NULL;
  int descriptor;

  bu_error_clear(error);
  descriptor = open_locked(path, error);
  if(descriptor < 0)
    return NULL;
  if(read_all(descriptor, path, text, error) == BU_OK)
    journal = journal_new(path, descriptor, error);
  if(!journal)
    (void)close(descriptor);
  return journal;
}

int bu_journal_remove(struct bu_journal *journal, struct bu_error *error)
{
  int code = BU_OK;

  if(is_at(journal->descriptor, journal->path) &&
     unlink(journal->path) != 0 && errno != ENOENT)
    code = bu_error_system(error, errno, journal->path);
  bu_journal_close(journal);
  return code;
}

static int fill(int descriptor, const char *path, const void *data,
                size_t length, struct bu_error *error)
{
  int code;

  if(fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0)
    return bu_error_system(error, errno, path);
  code = write_all(descriptor, path, data, length, error);
  if(code == BU_OK && fsync(descriptor) != 0)
    code = bu_error_system(error, errno, path);
  return code;
}

int bu_journal_replace(const char *path, const void *data, size_t length,
                       struct bu_error *error)
{
  char *aside = aside_of(path, error);
  int descriptor;
  int code;

  if(!aside)
    return BU_EMEMORY;
  descriptor = mkstemp(aside); /* mode 0600 */
  if(descriptor < 0) {
    code = bu_error_system(error, errno, aside);
    goto done;
  }
  code = fill(descriptor, aside, data, length, error);
  if(close(descriptor) != 0 && code == BU_OK)
    code = bu_error_system(error, errno, aside);
  if(code == BU_OK && rename(aside, path) != 0)
    code = bu_error_system(error, errno, path);
  if(code == BU_OK)
    code = sync_folder(path, error);
  else
    (void)unlink(aside);
done:
  free(aside);
  return code;
}
