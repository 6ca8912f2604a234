/* journal: a private file of lines that survives its writer.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "journal.h"

#include "compat.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_CHUNK 65536
/* Tries to open one that was replaced before it was locked. */
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
    bu_error_memory(error);
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
  bu_close(journal->descriptor);
  free(journal);
}

static int journal_lock(int descriptor, const char *path,
                        struct bu_error *error)
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
static int journal_is_at(int descriptor, const char *path)
{
  struct stat open_file, named;

  return fstat(descriptor, &open_file) == 0 && stat(path, &named) == 0 &&
         open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

int bu_journal_append(struct bu_journal *journal, const void *data,
                      size_t length, struct bu_error *error)
{
  return bu_path_write(journal->path, journal->descriptor, data, length,
                       error);
}

int bu_journal_sync(struct bu_journal *journal, struct bu_error *error)
{
  if(fsync(journal->descriptor) != 0)
    return bu_error_system(error, errno, journal->path);
  return BU_OK;
}

/* By link: a rename would replace a journal that is in use. */
static int journal_put_in_place(const char *temporary, const char *path,
                                struct bu_error *error)
{
  if(link(temporary, path) != 0)
    return errno == EEXIST
               ? bu_error_set(error, BU_ELOCKED,
                              "%.200s is there already: another upload of "
                              "this file left it or is under way",
                              path)
               : bu_error_system(error, errno, path);
  return bu_path_sync_folder(path, error);
}

/* A new private file beside path, whose name it fills in: written, synced, and
 * locked before the path names it. Its descriptor, or -1 and no file. */
static int journal_write_temporary(char *temporary, const char *path,
                                   const void *data, size_t length,
                                   struct bu_error *error)
{
  int descriptor = mkstemp(temporary); /* mode 0600 */
  int code;

  if(descriptor < 0) {
    bu_error_system(error, errno, temporary);
    return -1;
  }
  if(fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 ||
     fcntl(descriptor, F_SETFL, O_APPEND) != 0)
    code = bu_error_system(error, errno, temporary);
  else
    code = journal_lock(descriptor, path, error);
  if(code == BU_OK)
    code = bu_path_write(temporary, descriptor, data, length, error);
  if(code == BU_OK && fsync(descriptor) != 0)
    code = bu_error_system(error, errno, temporary);
  if(code == BU_OK)
    return descriptor;
  bu_discard(temporary);
  bu_close(descriptor);
  return -1;
}

struct bu_journal *bu_journal_create(const char *path, const void *data,
                                     size_t length, struct bu_error *error)
{
  char *temporary = bu_path_temporary(path, error);
  struct bu_journal *journal = NULL;
  int descriptor = -1;

  if(!temporary)
    return NULL;
  descriptor = journal_write_temporary(temporary, path, data, length, error);
  if(descriptor < 0)
    goto done;
  journal = journal_new(path, descriptor, error);
  if(journal && journal_put_in_place(temporary, path, error) != BU_OK) {
    free(journal);
    journal = NULL;
  }
  bu_discard(temporary);
  if(!journal)
    bu_close(descriptor);
done:
  free(temporary);
  return journal;
}

/* By rename: the path names the old text or the new one at any time. */
static int journal_move_in_place(struct bu_journal *journal,
                                 const char *temporary, int descriptor,
                                 struct bu_error *error)
{
  if(!journal_is_at(journal->descriptor, journal->path))
    return bu_error_set(error, BU_ELOCKED,
                        "%.200s was removed or replaced by another program",
                        journal->path);
  if(rename(temporary, journal->path) != 0)
    return bu_error_system(error, errno, journal->path);
  bu_close(journal->descriptor);
  journal->descriptor = descriptor;
  return BU_OK;
}

int bu_journal_replace(struct bu_journal *journal, const void *data,
                       size_t length, struct bu_error *error)
{
  char *temporary = bu_path_temporary(journal->path, error);
  int descriptor;
  int code;

  if(!temporary)
    return BU_EMEMORY;
  descriptor =
      journal_write_temporary(temporary, journal->path, data, length, error);
  if(descriptor < 0) {
    code = (int)error->code;
    goto done;
  }
  code = journal_move_in_place(journal, temporary, descriptor, error);
  if(code == BU_OK) {
    code = bu_path_sync_folder(journal->path, error);
  } else {
    bu_discard(temporary);
    bu_close(descriptor);
  }
done:
  free(temporary);
  return code;
}

static int journal_read(int descriptor, const char *path,
                        struct bu_buffer *text, struct bu_error *error)
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
static int journal_open_file(const char *path, struct bu_error *error)
{
  int tries;

  for(tries = 0; tries < OPEN_TRIES; tries++) {
    int descriptor = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);

    if(descriptor < 0) {
      bu_error_system(error, errno, path);
      return -1;
    }
    if(journal_lock(descriptor, path, error) == BU_OK &&
       journal_is_at(descriptor, path))
      return descriptor;
    bu_close(descriptor);
    if(error->code != BU_OK)
      return -1;
  }
  bu_error_system(error, ENOENT, path);
  return -1;
}

struct bu_journal *bu_journal_open(const char *path, struct bu_buffer *text,
                                   struct bu_error *error)
{
  struct bu_journal *journal = NULL;
  int descriptor;

  bu_error_clear(error);
  descriptor = journal_open_file(path, error);
  if(descriptor < 0)
    return NULL;
  if(journal_read(descriptor, path, text, error) == BU_OK)
    journal = journal_new(path, descriptor, error);
  if(!journal)
    bu_close(descriptor);
  return journal;
}

int bu_journal_remove(struct bu_journal *journal, struct bu_error *error)
{
  int code = BU_OK;

  if(journal_is_at(journal->descriptor, journal->path) &&
     unlink(journal->path) != 0 && errno != ENOENT)
    code = bu_error_system(error, errno, journal->path);
  bu_journal_close(journal);
  return code;
}
