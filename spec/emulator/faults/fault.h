/* A fault script and its entries. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_FAULT_H
#define EM_FAULT_H

#include "base/base.h"
#include "base/random.h"

enum em_action {
  EM_ACTION_REPLY,
  EM_ACTION_RESET,
  EM_ACTION_LOSE_REPLY,
  EM_ACTION_DONE_THEN_REPLY,
  EM_ACTION_STALL,
  EM_ACTION_GARBAGE,
  EM_ACTION_TRUNCATE,
  EM_ACTION_SET,
  EM_ACTION_SLOW,
  EM_ACTION_REDIRECT,
  EM_ACTION_EXPIRE_TOKEN,
  EM_ACTION_DISAPPEAR,
  EM_ACTIONS
};

enum em_when { EM_BEFORE, EM_DURING, EM_AFTER, EM_AT_REPLY };
enum em_loss { EM_LOSS_RESET, EM_LOSS_CLOSE, EM_LOSS_STALL };
enum em_garbage {
  EM_GARBAGE_HTML,
  EM_GARBAGE_TRUNCATED,
  EM_GARBAGE_BINARY,
  EM_GARBAGE_EMPTY,
  EM_GARBAGE_HUGE,
  EM_GARBAGE_NULL
};

/* Only the counters change after parsing. */
struct em_fault {
  struct em_script *script;
  enum em_action action;
  json_t *entry;      /* the object in the script */
  json_t *operations; /* a string or a list of strings */
  json_t *match;      /* an object or NULL */
  json_t *occurrence; /* NULL: the first */
  int64_t times;      /* -1: no limit */
  int64_t seen;
  int64_t fired;

  unsigned int status;
  json_t *headers; /* or NULL */
  json_t *body;    /* or NULL */
  json_t *fields;
  const char *location;
  bool early;
  int when;
  int with;
  int kind;
  int64_t bytes; /* -1: not given */
  int64_t rate;
  double seconds; /* -1: forever */
};

struct em_script {
  int references;
  json_t *json; /* owns what the faults point to */
  struct em_random random;
  struct em_fault *faults;
  size_t count;
};

#endif
