/* Upload sessions: creation, lookup, expiry. */
/* SPDX-License-Identifier: MIT */
#include "store/session.h"
#include "base/lock.h"

#include <unistd.h>

int em_sessions_init(struct em_sessions *sessions, struct em_random *random,
                     const struct em_root *root)
{
  memset(sessions, 0, sizeof(*sessions));
  sessions->random = random;
  sessions->root = root;
  return pthread_mutex_init(&sessions->lock, NULL) ? -1 : 0;
}

static void free_session(struct em_session *session)
{
  if(!session)
    return;
  free(session->parts);
  free(session->name);
  free(session);
}

void em_sessions_free(struct em_sessions *sessions)
{
  size_t i;
  for(i = 0; i < sessions->count; i++)
    free_session(sessions->list[i]);
  free(sessions->list);
  pthread_mutex_destroy(&sessions->lock);
}

void em_session_lock(struct em_sessions *sessions)
{
  em_lock(&sessions->lock);
}

void em_session_unlock(struct em_sessions *sessions)
{
  em_unlock(&sessions->lock);
}

/* Box uses larger parts for larger files. It does not document how it chooses,
   so this doubles the size until the parts are few enough. */
static void choose_part_size(struct em_session *session,
                             const struct em_settings *settings)
{
  int64_t part_size = settings->part_size;
  while((session->size - 1) / part_size >= settings->max_parts)
    part_size *= 2;
  session->part_size = part_size;
  session->total_parts =
      session->size > 0 ? (session->size - 1) / part_size + 1 : 0;
}

static struct em_session *copy_session(const struct em_session *like)
{
  struct em_session *session = calloc(1, sizeof(*session));
  if(!session)
    return NULL;
  memcpy(session->user, like->user, sizeof(session->user));
  session->folder = like->folder;
  session->file = like->file;
  session->size = like->size;
  session->committed_file = -1;
  if(like->name) {
    session->name = strdup(like->name);
    if(!session->name) {
      free(session);
      return NULL;
    }
  }
  return session;
}

static int append_session_locked(struct em_sessions *sessions,
                                 struct em_session *session)
{
  if(sessions->count == sessions->capacity) {
    size_t capacity = sessions->capacity ? sessions->capacity * 2 : 16;
    struct em_session **list =
        realloc(sessions->list, capacity * sizeof(*list));
    if(!list)
      return -1;
    sessions->list = list;
    sessions->capacity = capacity;
  }
  sessions->list[sessions->count++] = session;
  return 0;
}

struct em_session *em_session_create(struct em_sessions *sessions,
                                     const struct em_session *like,
                                     const struct em_settings *settings)
{
  struct em_session *session = copy_session(like);
  int result = -1;
  if(!session)
    return NULL;
  choose_part_size(session, settings);
  em_random_hex(sessions->random, session->id, EM_SESSION_ID_SIZE - 1, true);
  session->expires_at = time(NULL) + (time_t)settings->session_ttl;
  session->references = 1;
  session->parts =
      calloc((size_t)session->total_parts + 1, sizeof(*session->parts));
  if(session->parts &&
     !em_root_path(sessions->root, session->path, "sessions", session->id)) {
    em_session_lock(sessions);
    result = append_session_locked(sessions, session);
    em_session_unlock(sessions);
  }
  if(!result)
    return session;
  free_session(session);
  return NULL;
}

/* A finished session stays in the list, but needs no parts. */
static void free_parts_locked(struct em_session *session)
{
  if(session->references || session->state == EM_SESSION_OPEN ||
     session->state == EM_SESSION_COMMITTING)
    return;
  free(session->parts);
  session->parts = NULL;
}

void em_session_release(struct em_sessions *sessions,
                        struct em_session *session)
{
  em_session_lock(sessions);
  session->references--;
  free_parts_locked(session);
  em_session_unlock(sessions);
}

struct em_session *em_session_find_locked(struct em_sessions *sessions,
                                          const char *id)
{
  size_t i = sessions->count;
  while(i-- > 0)
    if(!strcmp(sessions->list[i]->id, id))
      return sessions->list[i];
  return NULL;
}

static enum em_session_access access_locked(const struct em_session *session,
                                            const char *user)
{
  if(!session || session->state == EM_SESSION_ABORTED ||
     session->state == EM_SESSION_DROPPED)
    return EM_SESSION_UNKNOWN;
  if(strcmp(session->user, user))
    return EM_SESSION_NOT_OWNER;
  if(session->state == EM_SESSION_COMMITTED)
    return EM_SESSION_FINISHED;
  return time(NULL) >= session->expires_at ? EM_SESSION_EXPIRED
                                           : EM_SESSION_USABLE;
}

enum em_session_access em_session_acquire(struct em_sessions *sessions,
                                          const char *id, const char *user,
                                          struct em_session **out)
{
  struct em_session *session;
  enum em_session_access access;
  em_session_lock(sessions);
  session = em_session_find_locked(sessions, id);
  access = access_locked(session, user);
  if(access == EM_SESSION_USABLE || access == EM_SESSION_FINISHED) {
    session->references++;
    *out = session;
  }
  em_session_unlock(sessions);
  return access;
}

static bool same_target(const struct em_session *a,
                        const struct em_session *b)
{
  if(a->folder != b->folder || a->file != b->file || a->size != b->size ||
     strcmp(a->user, b->user) || !a->name != !b->name)
    return false;
  return !a->name || !strcmp(a->name, b->name);
}

struct em_session *em_session_find_duplicate(struct em_sessions *sessions,
                                             const struct em_session *like)
{
  struct em_session *duplicate = NULL;
  size_t i;
  em_session_lock(sessions);
  for(i = 0; i < sessions->count && !duplicate; i++) {
    struct em_session *session = sessions->list[i];
    if(session->state == EM_SESSION_OPEN && same_target(session, like) &&
       time(NULL) < session->expires_at)
      duplicate = session;
  }
  if(duplicate)
    duplicate->references++;
  em_session_unlock(sessions);
  return duplicate;
}

/* unlink fails for a committed session, whose file was moved. */
static void end_session_locked(struct em_session *session,
                               enum em_session_state state)
{
  session->state = state;
  (void)unlink(session->path);
  free_parts_locked(session);
}

void em_session_end(struct em_sessions *sessions, struct em_session *session,
                    enum em_session_state state)
{
  em_session_lock(sessions);
  /* A commit in progress cannot be aborted. */
  if(session->state == EM_SESSION_OPEN || state == EM_SESSION_COMMITTED)
    end_session_locked(session, state);
  em_session_unlock(sessions);
}

bool em_session_drop(struct em_sessions *sessions, const char *id)
{
  struct em_session *session;
  bool open;
  em_session_lock(sessions);
  session = em_session_find_locked(sessions, id);
  open = session && session->state == EM_SESSION_OPEN;
  if(open)
    end_session_locked(session, EM_SESSION_DROPPED);
  em_session_unlock(sessions);
  return open;
}

bool em_session_expire(struct em_sessions *sessions, const char *id)
{
  struct em_session *session;
  em_session_lock(sessions);
  session = em_session_find_locked(sessions, id);
  if(session)
    session->expires_at = 0;
  em_session_unlock(sessions);
  return session != NULL;
}
