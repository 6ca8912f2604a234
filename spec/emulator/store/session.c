/* Upload sessions: the grid of parts, who may use one, how long it lives. */
/* SPDX-License-Identifier: MIT */
#include "store/session.h"
#include "base/date.h"

#include <unistd.h>

int em_sessions_init(struct em_sessions *sessions, struct em_random *random,
                     const struct em_root *root)
{
  memset(sessions, 0, sizeof(*sessions));
  sessions->random = random;
  sessions->root = root;
  return pthread_mutex_init(&sessions->lock, NULL) ? -1 : 0;
}

static void session_free(struct em_session *session)
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
    session_free(sessions->list[i]);
  free(sessions->list);
  pthread_mutex_destroy(&sessions->lock);
}

void em_session_lock(struct em_sessions *sessions)
{
  pthread_mutex_lock(&sessions->lock);
}

void em_session_unlock(struct em_sessions *sessions)
{
  pthread_mutex_unlock(&sessions->lock);
}

/* Box picks larger parts for larger files; how, nobody outside knows. */
static void lay_grid(struct em_session *session,
                     const struct em_tuning *tuning)
{
  int64_t part_size = tuning->part_size;
  while((session->size - 1) / part_size >= tuning->max_parts)
    part_size *= 2;
  session->part_size = part_size;
  session->total_parts =
      session->size > 0 ? (session->size - 1) / part_size + 1 : 0;
}

static struct em_session *session_copy(const struct em_session *like)
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

static int append_locked(struct em_sessions *sessions,
                         struct em_session *session)
{
  if(sessions->count == sessions->room) {
    size_t room = sessions->room ? sessions->room * 2 : 16;
    struct em_session **list = realloc(sessions->list, room * sizeof(*list));
    if(!list)
      return -1;
    sessions->list = list;
    sessions->room = room;
  }
  sessions->list[sessions->count++] = session;
  return 0;
}

struct em_session *em_session_make(struct em_sessions *sessions,
                                   const struct em_session *like,
                                   const struct em_tuning *tuning)
{
  struct em_session *session = session_copy(like);
  int result = -1;
  if(!session)
    return NULL;
  lay_grid(session, tuning);
  em_random_hex(sessions->random, session->id, EM_SESSION_ID_SIZE - 1, true);
  session->expires_at = time(NULL) + (time_t)tuning->session_ttl;
  session->users = 1;
  session->parts =
      calloc((size_t)session->total_parts + 1, sizeof(*session->parts));
  if(session->parts &&
     !em_root_path(sessions->root, session->path, "sessions", session->id)) {
    em_session_lock(sessions);
    result = append_locked(sessions, session);
    em_session_unlock(sessions);
  }
  if(!result)
    return session;
  session_free(session);
  return NULL;
}

/* Under this, a session that is over keeps its name but not its parts. */
static void drop_parts_locked(struct em_session *session)
{
  if(session->users || session->state == EM_SESSION_OPEN ||
     session->state == EM_SESSION_COMMITTING)
    return;
  free(session->parts);
  session->parts = NULL;
}

void em_session_leave(struct em_sessions *sessions,
                      struct em_session *session)
{
  em_session_lock(sessions);
  session->users--;
  drop_parts_locked(session);
  em_session_unlock(sessions);
}

static bool is_live(const struct em_session *session)
{
  return session->state == EM_SESSION_OPEN ||
         session->state == EM_SESSION_COMMITTING;
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

static enum em_session_verdict
verdict_locked(const struct em_session *session, const char *user)
{
  if(!session || session->state == EM_SESSION_ABORTED ||
     session->state == EM_SESSION_DROPPED)
    return EM_SESSION_UNKNOWN;
  if(strcmp(session->user, user))
    return EM_SESSION_FOREIGN;
  if(session->state == EM_SESSION_COMMITTED)
    return EM_SESSION_OVER;
  return time(NULL) >= session->expires_at ? EM_SESSION_EXPIRED
                                           : EM_SESSION_FINE;
}

enum em_session_verdict em_session_enter(struct em_sessions *sessions,
                                         const char *id, const char *user,
                                         struct em_session **out)
{
  struct em_session *session;
  enum em_session_verdict verdict;
  em_session_lock(sessions);
  session = em_session_find_locked(sessions, id);
  verdict = verdict_locked(session, user);
  if(verdict == EM_SESSION_FINE || verdict == EM_SESSION_OVER) {
    session->users++;
    *out = session;
  }
  em_session_unlock(sessions);
  return verdict;
}

static bool same_target(const struct em_session *a,
                        const struct em_session *b)
{
  if(a->folder != b->folder || a->file != b->file || a->size != b->size ||
     strcmp(a->user, b->user) || !a->name != !b->name)
    return false;
  return !a->name || !strcmp(a->name, b->name);
}

struct em_session *em_session_twin(struct em_sessions *sessions,
                                   const struct em_session *like)
{
  struct em_session *twin = NULL;
  size_t i;
  em_session_lock(sessions);
  for(i = 0; i < sessions->count && !twin; i++) {
    struct em_session *session = sessions->list[i];
    if(session->state == EM_SESSION_OPEN && same_target(session, like) &&
       time(NULL) < session->expires_at)
      twin = session;
  }
  if(twin)
    twin->users++;
  em_session_unlock(sessions);
  return twin;
}

/* The file of a committed session has been moved away already. */
static void end_locked(struct em_session *session,
                       enum em_session_state state)
{
  session->state = state;
  unlink(session->path);
  drop_parts_locked(session);
}

void em_session_end(struct em_sessions *sessions, struct em_session *session,
                    enum em_session_state state)
{
  em_session_lock(sessions);
  /* What is being committed can no longer be aborted. */
  if(session->state == EM_SESSION_OPEN || state == EM_SESSION_COMMITTED)
    end_locked(session, state);
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
    end_locked(session, EM_SESSION_DROPPED);
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

int64_t em_session_part_length(const struct em_session *session,
                               int64_t index)
{
  int64_t left = session->size - index * session->part_size;
  return left < session->part_size ? left : session->part_size;
}

enum em_part_state em_session_reserve(struct em_sessions *sessions,
                                      struct em_session *session,
                                      int64_t index, struct em_part *found)
{
  struct em_part *part = &session->parts[index];
  em_session_lock(sessions);
  *found = *part;
  if(part->state == EM_PART_ABSENT)
    part->state = EM_PART_BUSY;
  em_session_unlock(sessions);
  return found->state;
}

void em_session_release(struct em_sessions *sessions,
                        struct em_session *session, int64_t index)
{
  em_session_lock(sessions);
  if(session->parts[index].state == EM_PART_BUSY)
    session->parts[index].state = EM_PART_ABSENT;
  em_session_unlock(sessions);
}

bool em_session_keep(struct em_sessions *sessions, struct em_session *session,
                     int64_t index, const unsigned char *sha1,
                     struct em_part *out)
{
  struct em_part *part = &session->parts[index];
  bool fine;
  em_session_lock(sessions);
  fine = session->state == EM_SESSION_OPEN && part->state == EM_PART_BUSY;
  if(fine) {
    part->state = EM_PART_STORED;
    part->id = (uint32_t)em_random_next(sessions->random);
    memcpy(part->sha1, sha1, EM_SHA1_SIZE);
    session->stored++;
    *out = *part;
  }
  em_session_unlock(sessions);
  return fine;
}

size_t em_session_open_count(struct em_sessions *sessions)
{
  size_t count = 0;
  size_t i;
  em_session_lock(sessions);
  for(i = 0; i < sessions->count; i++)
    count += is_live(sessions->list[i]) &&
             time(NULL) < sessions->list[i]->expires_at;
  em_session_unlock(sessions);
  return count;
}

json_t *em_part_json(const struct em_session *session, int64_t index,
                     const struct em_part *part, bool with_sha1)
{
  char sha1[EM_SHA1_HEX];
  char id[EM_PART_ID_SIZE];
  em_hex(sha1, part->sha1, EM_SHA1_SIZE);
  snprintf(id, sizeof(id), "%08lX", (unsigned long)part->id);
  return json_pack("{s:s, s:I, s:I, s:o}", "part_id", id, "offset",
                   (json_int_t)(index * session->part_size), "size",
                   (json_int_t)em_session_part_length(session, index), "sha1",
                   with_sha1 ? json_string(sha1) : json_null());
}

static const char *state_name(const struct em_session *session)
{
  static const char *const names[] = {"open", "committing", "committed",
                                      "aborted", "dropped"};
  if(is_live(session) && time(NULL) >= session->expires_at)
    return "expired";
  return names[session->state];
}

static json_t *describe_locked(const struct em_session *session)
{
  char expires[EM_DATE_SIZE];
  json_t *object;
  json_t *parts = json_array();
  int64_t i;
  em_date_format_utc(expires, session->expires_at);
  object = json_pack(
      "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s}", "id", session->id, "state",
      state_name(session), "user", session->user, "file_size",
      (json_int_t)session->size, "part_size", (json_int_t)session->part_size,
      "total_parts", (json_int_t)session->total_parts, "num_parts_processed",
      (json_int_t)session->stored, "session_expires_at", expires);
  for(i = 0; session->parts && i < session->total_parts; i++)
    if(session->parts[i].state == EM_PART_STORED)
      json_array_append_new(parts, json_integer(i));
  json_object_set_new(object, "parts", parts);
  json_object_set_new(object, "file_name",
                      session->name ? json_string(session->name)
                                    : json_null());
  json_object_set_new(object, "folder_id",
                      json_sprintf("%lld", (long long)session->folder));
  json_object_set_new(object, "file_id",
                      session->file < 0
                          ? json_null()
                          : json_sprintf("%lld", (long long)session->file));
  return object;
}

json_t *em_session_list(struct em_sessions *sessions)
{
  json_t *list = json_array();
  size_t i;
  em_session_lock(sessions);
  for(i = 0; i < sessions->count; i++)
    json_array_append_new(list, describe_locked(sessions->list[i]));
  em_session_unlock(sessions);
  return list;
}
