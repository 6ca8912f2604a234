/* journal: a private file of lines that survives its writer.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "journal.h"

#include "compat.h"
#include "descriptor.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Tries to open one that was replaced before it was locked. */
#define OPEN_TRIES 16

struct bu_journal {
  struct bu_descriptor descriptor;
  /* There are file systems in user space that number a file anew each time
   * they are asked. */
  int has_steady_number;
  char path[];
};

static struct bu_journal *journal_new(const char *path,
                                      struct bu_error *error)
{
  size_t size = strlen(path) + 1;
  struct bu_journal *journal = malloc(sizeof(*journal) + size);

  if(!journal) {
    bu_error_memory(error);
    return NULL;
  }
  journal->descriptor.number = -1;
  journal->has_steady_number = 1;
  memcpy(journal->path, path, size);
  return journal;
}

/* The unlock is for processes that have a copy of the descriptor until they
 * exec. A forked child has none, so it can't unlock its parent's. */
static void journal_unlock(struct bu_descriptor *descriptor)
{
  if(descriptor->number >= 0)
    (void)flock(descriptor->number, LOCK_UN);
  bu_descriptor_close(descriptor);
}

void bu_journal_close(struct bu_journal *journal)
{
  if(!journal)
    return;
  journal_unlock(&journal->descriptor);
  free(journal);
}

static int journal_set_locked(const char *path, struct bu_error *error)
{
  return bu_error_set(error, BU_ELOCKED,
                      "%.200s is in use: another upload of this file is "
                      "under way",
                      path);
}

/* What flock answers where the file system has no locks. */
static int journal_has_no_locks(int sys)
{
  return sys == ENOLCK || sys == ENOSYS || sys == EINVAL || sys == ENOTSUP;
}

/* Without locks an upload can still be resumed; then only this process knows
 * what it has open. */
static int journal_lock(const struct bu_descriptor *descriptor,
                        const char *path, struct bu_error *error)
{
  int result;

  do {
    result = flock(descriptor->number, LOCK_EX | LOCK_NB);
  } while(result != 0 && errno == EINTR);
  if(result == 0)
    return BU_OK;
  if(errno == EWOULDBLOCK)
    return journal_set_locked(path, error);
  if(!journal_has_no_locks(errno))
    return bu_error_system(error, errno, path);
  return bu_descriptor_is_twin(descriptor) ? journal_set_locked(path, error)
                                           : BU_OK;
}

/* Whether the path is (still) the name of the open file. */
static int journal_is_in_place(const struct bu_journal *journal)
{
  struct stat open_file, named;

  if(fstat(journal->descriptor.number, &open_file) != 0 ||
     lstat(journal->path, &named) != 0 || !S_ISREG(named.st_mode))
    return 0;
  if(!journal->has_steady_number)
    return open_file.st_size == named.st_size;
  return open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

static int journal_check_mine(const struct bu_journal *journal,
                              struct bu_error *error)
{
  if(journal->descriptor.number >= 0)
    return BU_OK;
  return bu_error_set(error, BU_EFORKED,
                      "%.200s was opened before a fork: it belongs to the "
                      "parent process",
                      journal->path);
}

int bu_journal_append(struct bu_journal *journal, const void *data,
                      size_t length, struct bu_error *error)
{
  if(journal_check_mine(journal, error) != BU_OK)
    return (int)error->code;
  return bu_path_write(journal->path, journal->descriptor.number, data,
                       length, error);
}

int bu_journal_sync(struct bu_journal *journal, struct bu_error *error)
{
  if(journal_check_mine(journal, error) != BU_OK)
    return (int)error->code;
  return bu_path_sync(journal->path, journal->descriptor.number, error);
}

/* A new private file beside path, whose name it fills in: written, synced, and
 * locked before the path names it. When it fails there is no file. */
static int journal_write_temporary(struct bu_descriptor *descriptor,
                                   char *temporary, const char *path,
                                   const void *data, size_t length,
                                   struct bu_error *error)
{
  int code = bu_path_check_folders(path, error);

  if(code != BU_OK)
    return code;
  bu_descriptor_begin();
  bu_descriptor_own(descriptor, bu_temporary(temporary, O_APPEND));
  if(descriptor->number < 0)
    return bu_error_system(error, errno, temporary);
  code = journal_lock(descriptor, path, error);
  if(code == BU_OK)
    code = bu_path_write(temporary, descriptor->number, data, length, error);
  if(code == BU_OK)
    code = bu_path_sync(temporary, descriptor->number, error);
  if(code != BU_OK) {
    bu_discard(temporary);
    bu_descriptor_close(descriptor);
  }
  return code;
}

static int journal_set_exists(const char *path, struct bu_error *error)
{
  return bu_error_set(error, BU_ELOCKED,
                      "%.200s is there already: another upload of this file "
                      "left it or is under way",
                      path);
}

/* Whether a file that was just made is still there, and nobody has given it a
 * text meanwhile. */
static int journal_is_empty_at(const char *path)
{
  struct stat status;

  return lstat(path, &status) == 0 && S_ISREG(status.st_mode) &&
         status.st_size == 0;
}

/* Makes an empty file at the path, and locks it. Who finds it unlocked after
 * a crash takes it for a journal in which there is nothing yet. */
static int journal_claim(struct bu_descriptor *claim, const char *path,
                         struct bu_error *error)
{
  bu_descriptor_begin();
  bu_descriptor_own(claim, open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
                                S_IRUSR | S_IWUSR));
  if(claim->number < 0)
    return errno == EEXIST ? journal_set_exists(path, error)
                           : bu_error_system(error, errno, path);
  if(journal_lock(claim, path, error) == BU_OK && journal_is_empty_at(path))
    return BU_OK;
  bu_descriptor_close(claim);
  return journal_set_exists(path, error);
}

/* Where there are no hard links (exFAT, Android, many file systems in user
 * space): the rename replaces nothing but the empty file of our own. */
static int journal_rename_to_new(const char *temporary, const char *path,
                                 struct bu_error *error)
{
  struct bu_descriptor claim;
  int code = journal_claim(&claim, path, error);

  if(code != BU_OK)
    return code;
  if(rename(temporary, path) != 0) {
    code = bu_error_system(error, errno, path);
    bu_discard(path);
  }
  journal_unlock(&claim);
  return code;
}

/* By link: a rename would replace a journal that is in use. A link can have
 * been made though its answer was lost (NFS). */
static int journal_put_in_place(struct bu_journal *journal,
                                const char *temporary, struct bu_error *error)
{
  int code = BU_OK;

  if(link(temporary, journal->path) != 0 && !journal_is_in_place(journal))
    code = errno == EEXIST
               ? journal_set_exists(journal->path, error)
               : journal_rename_to_new(temporary, journal->path, error);
  bu_discard(temporary); /* after a rename there is none */
  if(code != BU_OK)
    return code;
  bu_path_sync_folder(journal->path);
  journal->has_steady_number = journal_is_in_place(journal);
  return BU_OK;
}

struct bu_journal *bu_journal_create(const char *path, const void *data,
                                     size_t length, struct bu_error *error)
{
  char *temporary = bu_path_temporary(path, error);
  struct bu_journal *journal = temporary ? journal_new(path, error) : NULL;
  int code = BU_EMEMORY;

  if(journal)
    code = journal_write_temporary(&journal->descriptor, temporary, path,
                                   data, length, error);
  if(code == BU_OK)
    code = journal_put_in_place(journal, temporary, error);
  if(code != BU_OK) {
    bu_journal_close(journal);
    journal = NULL;
  }
  free(temporary);
  return journal;
}

/* By rename: the path names the old text or the new one at any time. */
static int journal_move_in_place(struct bu_journal *journal,
                                 const char *temporary,
                                 struct bu_error *error)
{
  if(!journal_is_in_place(journal))
    return bu_error_set(error, BU_ELOCKED,
                        "%.200s was removed or replaced by another program",
                        journal->path);
  if(rename(temporary, journal->path) != 0)
    return bu_error_system(error, errno, journal->path);
  return BU_OK;
}

int bu_journal_replace(struct bu_journal *journal, const void *data,
                       size_t length, struct bu_error *error)
{
  struct bu_descriptor fresh;
  char *temporary;
  int code;

  if(journal_check_mine(journal, error) != BU_OK)
    return (int)error->code;
  temporary = bu_path_temporary(journal->path, error);
  if(!temporary)
    return BU_EMEMORY;
  code = journal_write_temporary(&fresh, temporary, journal->path, data,
                                 length, error);
  if(code != BU_OK)
    goto done;
  code = journal_move_in_place(journal, temporary, error);
  if(code == BU_OK) {
    bu_descriptor_move(&journal->descriptor, &fresh);
    bu_path_sync_folder(journal->path);
  } else {
    bu_discard(temporary);
    bu_descriptor_close(&fresh);
  }
done:
  free(temporary);
  return code;
}

/* Opened and locked, or an error. */
static int journal_open_file(struct bu_journal *journal,
                             struct bu_error *error)
{
  struct bu_descriptor *descriptor = &journal->descriptor;

  bu_descriptor_begin();
  bu_descriptor_own(descriptor, bu_path_open(journal->path, O_RDWR | O_APPEND,
                                             BU_TRUST_STATE, error));
  if(descriptor->number < 0)
    return (int)error->code;
  return journal_lock(descriptor, journal->path, error);
}

/* Whoever replaces a journal has its lock, so it can't happen again and again:
 * if the path never names the file that it opens, its number isn't steady. */
static int journal_open_in_place(struct bu_journal *journal,
                                 struct bu_error *error)
{
  int tries;
  int code;

  for(tries = 0;; tries++) {
    code = journal_open_file(journal, error);
    if(code != BU_OK || journal_is_in_place(journal))
      return code;
    if(tries == OPEN_TRIES)
      break;
    journal_unlock(&journal->descriptor);
  }
  journal->has_steady_number = 0;
  return BU_OK;
}

struct bu_journal *bu_journal_open(const char *path, struct bu_buffer *text,
                                   struct bu_error *error)
{
  struct bu_journal *journal = journal_new(path, error);

  if(!journal)
    return NULL;
  bu_error_clear(error);
  if(journal_open_in_place(journal, error) == BU_OK &&
     (!text ||
      bu_path_read(path, journal->descriptor.number, text, error) == BU_OK))
    return journal;
  bu_journal_close(journal);
  return NULL;
}

int bu_journal_remove(struct bu_journal *journal, struct bu_error *error)
{
  int code = BU_OK;

  if(journal_is_in_place(journal) && unlink(journal->path) != 0 &&
     errno != ENOENT)
    code = bu_error_system(error, errno, journal->path);
  bu_journal_close(journal);
  return code;
}
