/* descriptor: one that only the process that opened it has.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "descriptor.h"

#include "compat.h"
#include "pin.h"

#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
  pthread_mutex_t lock;
  struct {
    struct bu_descriptor *first;
  } shared; /* under the lock */
} owned = {PTHREAD_MUTEX_INITIALIZER, {NULL}};

static void owned_before_fork(void)
{
  bu_lock(&owned.lock);
}

static void owned_in_parent(void)
{
  bu_unlock(&owned.lock);
}

/* A close takes nothing from the parent: the lock of a file is given up by an
 * unlock, or by the last descriptor. */
static void owned_in_child(void)
{
  struct bu_descriptor *each;

  for(each = owned.shared.first; each; each = each->next) {
    bu_close(each->number);
    each->number = -1;
  }
  owned.shared.first = NULL;
  bu_unlock(&owned.lock);
}

static void owned_prepare(void)
{
  /* Fails only when out of memory. Then a child keeps what it inherits. */
  (void)pthread_atfork(owned_before_fork, owned_in_parent, owned_in_child);
  bu_pin();
}

void bu_descriptor_begin(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once(&once, owned_prepare);
  bu_lock(&owned.lock);
}

void bu_descriptor_own(struct bu_descriptor *descriptor, int number)
{
  int sys;

  descriptor->number = bu_above_standard(number);
  sys = errno;
  if(descriptor->number >= 0) {
    descriptor->next = owned.shared.first;
    owned.shared.first = descriptor;
  }
  bu_unlock(&owned.lock);
  errno = sys;
}

static void owned_remove_locked(struct bu_descriptor *descriptor)
{
  struct bu_descriptor **link = &owned.shared.first;

  while(*link && *link != descriptor)
    link = &(*link)->next;
  if(*link)
    *link = descriptor->next;
}

void bu_descriptor_close(struct bu_descriptor *descriptor)
{
  bu_lock(&owned.lock);
  if(descriptor->number >= 0) {
    owned_remove_locked(descriptor);
    bu_close(descriptor->number);
    descriptor->number = -1;
  }
  bu_unlock(&owned.lock);
}

void bu_descriptor_move(struct bu_descriptor *to, struct bu_descriptor *from)
{
  bu_descriptor_close(to);
  bu_lock(&owned.lock);
  if(from->number >= 0) {
    owned_remove_locked(from);
    to->number = from->number;
    to->next = owned.shared.first;
    owned.shared.first = to;
    from->number = -1;
  }
  bu_unlock(&owned.lock);
}

static int is_same_file(int number, const struct stat *status)
{
  struct stat other;

  return fstat(number, &other) == 0 && other.st_dev == status->st_dev &&
         other.st_ino == status->st_ino;
}

int bu_descriptor_is_twin(const struct bu_descriptor *descriptor)
{
  const struct bu_descriptor *each;
  struct stat status;
  int found = 0;

  if(fstat(descriptor->number, &status) != 0)
    return 0;
  bu_lock(&owned.lock);
  for(each = owned.shared.first; each && !found; each = each->next)
    found = each != descriptor && is_same_file(each->number, &status);
  bu_unlock(&owned.lock);
  return found;
}
