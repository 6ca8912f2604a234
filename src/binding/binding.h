/* binding: what its files share.
 * SPDX-License-Identifier: MIT */
#ifndef BU_BINDING_H
#define BU_BINDING_H

#include "lua_compat.h"

#include "../core/process.h"
#include "../core/session.h"

#define CLASS_ENGINE "boxupload.engine"
#define CLASS_QUEUE "boxupload.queue"
#define CLASS_EXCHANGE "boxupload.exchange"
#define CLASS_SESSION "boxupload.session"
#define CLASS_FILE "boxupload.file"
#define CLASS_DIGEST "boxupload.digest"
#define CLASS_JOURNAL "boxupload.journal"
#define CLASS_LISTENER "boxupload.listener"
#define CLASS_FOLDER "boxupload.folder"

/* One client's settings, and its place on the process's engine, which is NULL
 * when closed. */
struct engine_box {
  struct bu_engine *engine;
  struct bu_settings *settings;
  int left_behind;    /* closed where it was a parent process's */
  uint64_t submitted; /* so far: the tag of the next exchange */
};

struct queue_box {
  struct bu_queue *queue;
  struct engine_box *engine; /* kept alive by the user value */
};

struct exchange_box {
  struct bu_request request; /* until it is submitted */
  struct bu_exchange *exchange;
  struct engine_box *engine; /* kept alive by the user value */
  int done;                  /* taken from its queue */
};

struct session_box {
  struct bu_session session;
  struct engine_box *engine; /* kept alive by the user value */
};

struct file_box {
  struct bu_file *file;
};

struct digest_box {
  struct bu_digest *digest;
};

/* class: a metatable with methods. */

/* Registers a class; __index finds methods. Leaves nothing. */
void class_new(lua_State *L, const char *name, const luaL_Reg *methods,
               const luaL_Reg *metamethods);
/* The same, where __index is `index` with the method table as upvalue. */
void class_new_indexed(lua_State *L, const char *name,
                       const luaL_Reg *methods, const luaL_Reg *metamethods,
                       lua_CFunction index);
/* For such an __index: pushes the method for the key at 2, or nothing and 0
 * is the answer. */
int class_push_method(lua_State *L);
/* Pushes a zeroed userdata of the class, with an empty user table. */
void *class_push(lua_State *L, const char *name, size_t size);
/* Keeps the value at `value` alive as `field` of the userdata at `index`. */
void class_anchor(lua_State *L, int index, const char *field, int value);
/* Pushes what class_anchor kept. */
void class_anchored(lua_State *L, int index, const char *field);

/* option: arguments and tables of options. */

/* Raises for a key of the table at index that isn't in the list. */
void option_check(lua_State *L, int index, const char *const *known);
/* NULL when absent; raises when not a string or when it has a zero in it.
 * The table keeps it alive. */
const char *option_string(lua_State *L, int index, const char *name);
int option_boolean(lua_State *L, int index, const char *name,
                   int default_value);
/* Raises unless lowest <= number <= highest. */
double option_number(lua_State *L, int index, const char *name,
                     double default_value, double lowest, double highest);
/* A count of bytes or parts: a number without a fraction up to 2^53, or the
 * same in decimal digits. */
int64_t option_size(lua_State *L, int index, const char *name,
                    int64_t default_value);
int64_t argument_size(lua_State *L, int index);
void push_size(lua_State *L, int64_t size);

/* nil, message, code: the three that every failure returns. */
int push_error(lua_State *L, const struct bu_error *error);
/* The same for a path that can't be opened, with the codes "not_found" and
 * "not_readable" where they say why. */
int push_path_error(lua_State *L, const struct bu_error *error);

/* engine */

/* Raises when it is closed. */
struct engine_box *engine_check(lua_State *L, int index);
/* Whether it is a parent process's: then its locks may be held by threads
 * that aren't here, and all that it has is left alone. */
int engine_is_foreign(const struct engine_box *box);

/* queue */
/* parent: the queue that tells of this one too, or NULL. */
void queue_push(lua_State *L, int engine, struct bu_queue *parent);
/* Raises when it is closed. */
struct queue_box *queue_check(lua_State *L, int index);
/* Takes one ended exchange and pushes its object, or nil. */
int queue_take(lua_State *L, int queue);

/* pollable: methods of a queue. */
int pollable_descriptor(lua_State *L);
int pollable_events(lua_State *L);
int pollable_timeout(lua_State *L);
int pollable_dirty(lua_State *L);
int pollable_wait(lua_State *L);
#define POLLABLE_METHODS                                                     \
  {"wait", pollable_wait}, {"pollfd", pollable_descriptor},                  \
      {"getfd", pollable_descriptor}, {"events", pollable_events},           \
      {"timeout", pollable_timeout},                                         \
  {                                                                          \
    "dirty", pollable_dirty                                                  \
  }

/* exchange */

/* Pushes an exchange to be: fill its request, then submit. */
struct exchange_box *exchange_push(lua_State *L, int engine);
/* The value at `body` (a string, or a file of which a slice is sent). */
void exchange_set_body(lua_State *L, int exchange, int body, int64_t offset,
                       int64_t length);
/* Pushes the object of an exchange that was taken from the queue at `queue`
 * and marks it done: 1, or 0 when it was collected. */
int exchange_find(lua_State *L, int queue, const struct bu_exchange *taken);
/* Submits the exchange at the top of the stack on the queue in the options
 * at `options` (0: none), or on one of its own: returns what the method
 * returns. */
int exchange_submit(lua_State *L, int options, struct bu_semaphore *semaphore,
                    struct bu_digest *running, const unsigned char *sha1);

/* file, digest */
struct file_box *file_check(lua_State *L, int index);
struct digest_box *digest_check(lua_State *L, int index);
struct digest_box *digest_option(lua_State *L, int index, const char *name);
/* The 20 bytes of an option in 40 hex digits: 1, or 0 when absent. */
int sha1_option(lua_State *L, int index, const char *name,
                unsigned char *sha1);

/* Each registers its class and leaves nothing. */
void engine_open(lua_State *L);
void queue_open(lua_State *L);
void exchange_open(lua_State *L);
void session_open(lua_State *L);
void file_open(lua_State *L);
void digest_open(lua_State *L);
void journal_open(lua_State *L);
void listener_open(lua_State *L);
void folder_open(lua_State *L);

/* What the module's table has: the constructors, and the host's facts. */
int engine_new(lua_State *L);
int engine_limits(lua_State *L);
int session_new(lua_State *L);
int session_fields(lua_State *L);
int file_new(lua_State *L);
int file_spool(lua_State *L);
int digest_new(lua_State *L);
int digest_sha1(lua_State *L);
int listener_new(lua_State *L);
extern const luaL_Reg journal_functions[];
extern const luaL_Reg folder_functions[];
extern const luaL_Reg signer_functions[];
extern const luaL_Reg system_functions[];

#endif
