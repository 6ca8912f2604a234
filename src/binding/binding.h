/* binding: what the files of the binding share.
 * SPDX-License-Identifier: MIT */
#ifndef BU_BINDING_H
#define BU_BINDING_H

#include "../core/platform.h"

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
#define CLASS_LOCK "boxupload.lock"

/* Every object of a class begins with it. */
struct object {
  int is_open; /* set by the constructor, cleared by close and __gc */
};

/* One client's settings, and its use of the process's engine. */
struct engine_object {
  struct object base;
  struct bu_engine *engine;
  struct bu_settings *settings;
  pid_t process; /* whose threads know the settings; 0: none yet */
};

struct queue_object {
  struct object base;
  struct bu_queue *queue;
};

struct exchange_object {
  struct object base;
  struct bu_request request; /* until it is submitted */
  struct bu_exchange *exchange;
  struct engine_object *engine; /* kept alive by the user value */
  int has_string;               /* the body is a Lua string */
  int done;                     /* taken from its queue */
};

struct session_object {
  struct object base;
  struct bu_session session;
  struct engine_object *engine; /* kept alive by the user value */
};

struct file_object {
  struct object base;
  struct bu_file *file;
};

/* class: a metatable with methods, and the objects that have it. */

/* Registers a class; __index finds methods. Leaves nothing. */
void class_new(lua_State *L, const char *name, const luaL_Reg *methods,
               const luaL_Reg *metamethods);
/* The same, but __index is `index` with the table of methods as upvalue. */
void class_new_indexed(lua_State *L, const char *name,
                       const luaL_Reg *methods, const luaL_Reg *metamethods,
                       lua_CFunction index);
/* For such an __index: pushes the method that the key at 2 names and returns
 * 1, or pushes nothing and returns 0. */
int class_push_method(lua_State *L);
/* Pushes the class's table of methods. */
void class_push_methods(lua_State *L, const char *name);
void class_add_methods(lua_State *L, const char *name,
                       const luaL_Reg *methods);
/* Pushes a zeroed userdata of the class, with an empty table to anchor values
 * in. Its constructor opens it. */
void *class_push(lua_State *L, const char *name, size_t size);
/* "engine" for "boxupload.engine". */
const char *class_short_name(const char *name);
/* The object of the class, open or not; raises for anything else. */
void *class_check(lua_State *L, int index, const char *name);
/* The same, and raises for a closed one. */
void *class_check_open(lua_State *L, int index, const char *name);
/* What __tostring returns: the class, and in parentheses the text (NULL: the
 * address) or "closed". */
int class_tostring(lua_State *L, const char *name, const char *text);
/* Keeps the value at `value` alive as `field` of the userdata at `index`. */
void class_anchor(lua_State *L, int index, const char *field, int value);
/* Pushes what class_anchor kept. */
void class_push_anchored(lua_State *L, int index, const char *field);

/* option: arguments and tables of options. */

/* A string that C reads up to its first zero byte. Raises when it has one
 * before its end. */
const char *argument_text(lua_State *L, int index);
/* The same for a path, which may come from anywhere: NULL with *error
 * filled. */
const char *argument_path(lua_State *L, int index, struct bu_error *error);
/* A whole number; raises unless lowest <= number <= highest. */
int argument_integer(lua_State *L, int index, int lowest, int highest);
/* A number of seconds; raises unless 0 <= number <= highest. */
double argument_seconds(lua_State *L, int index, double highest);
/* Raises for a key of the table at index that isn't in the list. */
void option_check(lua_State *L, int index, const char *const *known);
/* NULL when absent. Raises when it isn't a string, or has a zero byte. Valid
 * while the table has it. */
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
/* The 20 bytes of an option in 40 hex digits: 1, or 0 when absent. */
int option_sha1(lua_State *L, int index, const char *name,
                unsigned char *sha1);

/* result: each pushes what a function returns, and returns how many. */

void push_size(lua_State *L, int64_t size);
/* Frees the buffer. A Lua string needs memory too: if there is none, Lua
 * raises and the buffer is lost, but nothing else. */
int push_buffer(lua_State *L, struct bu_buffer *text);

/* nil, message, code: what every failure returns. */
int push_error(lua_State *L, const struct bu_error *error);
/* The same for a path, with the code "not_found" or "not_readable" where that
 * is the reason. */
int push_path_error(lua_State *L, const struct bu_error *error);
/* true, or what push_error pushes. */
int push_result(lua_State *L, int code, const struct bu_error *error);

/* engine */

/* Raises when it is closed. */
struct engine_object *engine_check(lua_State *L, int index);
/* Whether it is a parent process's. Threads that don't exist here may hold its
 * locks then, so nothing of it may be touched. */
int engine_is_foreign(const struct engine_object *engine);
/* Pushes what a function returns then. */
int engine_push_forked(lua_State *L);

/* queue */

/* parent: a queue whose descriptor shall tell of this one too, or NULL. NULL,
 * and nothing pushed, with *error filled. */
struct bu_queue *queue_push(lua_State *L, struct bu_queue *parent,
                            struct bu_error *error);
/* Raises when it is closed. NULL with *error filled when it may not be used
 * here, see bu_queue_enter. */
struct bu_queue *queue_check(lua_State *L, int index, struct bu_error *error);
/* Takes one ended exchange and pushes its object, or nil. */
int queue_take(lua_State *L, int queue);

/* pollable: what event loops ask of a queue. */
extern const luaL_Reg pollable_methods[];

/* exchange */

/* Pushes an exchange whose request is still empty: fill it, then submit. */
struct exchange_object *exchange_push(lua_State *L, int engine);
/* Sets the body: the string at `body`, or a slice of the file there. */
void exchange_set_body(lua_State *L, int exchange, int body, int64_t offset,
                       int64_t length);
/* Pushes the object of an exchange that was taken from a queue, and marks it
 * as done. 0, and nothing pushed, when Lua has collected it. */
int exchange_find(lua_State *L, struct bu_exchange *taken);
/* Submits the exchange at the top of the stack. It comes back through the
 * queue that the options at `options` (0: none) name, or else through one of
 * its own. With their `while_paused` a semaphore of limit 0 lets it pass.
 * Returns what the method returns. */
int exchange_submit(lua_State *L, int options, struct bu_semaphore *semaphore,
                    struct bu_digest *file_digest, const unsigned char *sha1);

/* file, digest */
struct file_object *file_check(lua_State *L, int index);
/* Makes the object, at the top of the stack, that of the file, which it owns
 * from now on. For NULL pushes nil, a message and why. */
int file_push(lua_State *L, struct file_object *self, struct bu_file *file,
              const struct bu_error *error);
/* The option's digest, or NULL when absent. Raises for a closed one. */
struct bu_digest *digest_option(lua_State *L, int index, const char *name);

/* Each registers its class and leaves nothing. */
void engine_open(lua_State *L);
void queue_open(lua_State *L);
void exchange_open(lua_State *L);
void session_open(lua_State *L);
void file_open(lua_State *L);
void digest_open(lua_State *L);
void journal_open(lua_State *L);
void listener_open(lua_State *L);
void lock_open(lua_State *L);
void folder_open(lua_State *L);

/* The functions of the module's table. */
int engine_new(lua_State *L);
int engine_limits(lua_State *L);
int session_new(lua_State *L);
int session_fields(lua_State *L);
int file_new(lua_State *L);
int file_spool(lua_State *L);
int digest_new(lua_State *L);
int digest_sha1(lua_State *L);
int listener_new(lua_State *L);
int lock_new(lua_State *L);
extern const luaL_Reg journal_functions[];
extern const luaL_Reg path_functions[];
extern const luaL_Reg folder_functions[];
extern const luaL_Reg signer_functions[];
extern const luaL_Reg system_functions[];

#endif
