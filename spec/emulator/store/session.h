/* Upload sessions: creation, lookup, expiry. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_SESSION_H
#define EM_SESSION_H

#include "base/base.h"
#include "base/digest.h"
#include "base/lag.h"
#include "base/random.h"
#include "config/option.h"
#include "store/root.h"
#include "store/token.h"

#define EM_SESSION_ID_SIZE 33
#define EM_PART_ID_SIZE 9

enum em_part_state { EM_PART_ABSENT, EM_PART_RESERVED, EM_PART_STORED };

struct em_part {
  enum em_part_state state;
  uint32_t id;
  unsigned char sha1[EM_SHA1_SIZE];
  struct em_lag lag; /* of lists and counts */
};

enum em_session_state {
  EM_SESSION_OPEN,
  EM_SESSION_COMMITTING,
  EM_SESSION_COMMITTED,
  EM_SESSION_ABORTED,
  EM_SESSION_DROPPED
};

/* The lock of the list protects `state` and what follows. The rest never
   changes. */
struct em_session {
  char id[EM_SESSION_ID_SIZE];
  char user[EM_USER_SIZE];
  char path[PATH_MAX];
  char *name; /* NULL: the version keeps its name */
  int64_t folder;
  int64_t file; /* -1: a new file */
  int64_t size;
  int64_t part_size;
  int64_t total_parts;

  enum em_session_state state;
  time_t expires_at;
  int references; /* not counting the list's own */
  int64_t stored;
  int64_t commits;    /* commits answered 202 */
  int64_t mismatches; /* commits answered parts_mismatch */
  int64_t committed_file;
  struct em_part *parts; /* NULL: freed, the session is over */
};

struct em_sessions {
  pthread_mutex_t lock;
  struct em_random *random;
  const struct em_root *root;
  struct em_session **list;
  size_t count;
  size_t capacity;
};

enum em_session_access {
  EM_SESSION_USABLE,
  EM_SESSION_UNKNOWN,
  EM_SESSION_EXPIRED,
  EM_SESSION_NOT_OWNER,
  EM_SESSION_FINISHED
};

int em_sessions_init(struct em_sessions *sessions, struct em_random *random,
                     const struct em_root *root);
void em_sessions_free(struct em_sessions *sessions);

/* Copies user, name, folder, file and size from `like`. Returns a session with
   a reference, or NULL. */
struct em_session *em_session_create(struct em_sessions *sessions,
                                     const struct em_session *like,
                                     const struct em_settings *settings);

/* Finds an open session for the same user, file and size, and takes a
   reference. */
struct em_session *em_session_find_duplicate(struct em_sessions *sessions,
                                             const struct em_session *like);

/* Takes a reference if the result is USABLE or FINISHED. */
enum em_session_access em_session_acquire(struct em_sessions *sessions,
                                          const char *id, const char *user,
                                          struct em_session **out);
void em_session_release(struct em_sessions *sessions,
                        struct em_session *session);

/* Ends a session: aborted or committed. em_session_drop is for the fault
   `disappear`. */
void em_session_end(struct em_sessions *sessions, struct em_session *session,
                    enum em_session_state state);
bool em_session_drop(struct em_sessions *sessions, const char *id);
bool em_session_expire(struct em_sessions *sessions, const char *id);

void em_session_lock(struct em_sessions *sessions);
void em_session_unlock(struct em_sessions *sessions);
struct em_session *em_session_find_locked(struct em_sessions *sessions,
                                          const char *id);

#endif
