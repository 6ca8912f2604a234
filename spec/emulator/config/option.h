/* The options of the emulator, in one table. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_OPTION_H
#define EM_OPTION_H

#include "base/base.h"

/* Can change while the emulator runs, so each request works on its own copy.
   */
struct em_settings {
  int64_t part_size;
  int64_t max_parts;
  int64_t min_size;
  int64_t max_file_size; /* 0: none */
  int64_t quota;         /* 0: none */
  int64_t commit_202;
  int64_t commit_retry_after;
  int64_t parts_mismatch;
  int64_t recommit;
  int64_t list_sha1_null;
  int64_t list_lag_ms;
  int64_t list_lag_requests;
  int64_t lookup_lag_ms;
  int64_t lookup_lag_requests;
  int64_t normalize_names;
  int64_t location_blocked;
  int64_t forbidden_by_policy;
  int64_t session_conflict;
  int64_t session_ttl;
  int64_t token_ttl;
  int64_t latency_ms;
  int64_t connection_rate; /* 0: none */
  int64_t verify_file;
  int64_t store;
};

struct em_options {
  int64_t port;
  int64_t upload_port;
  int64_t session_port;
  int64_t bind_any;
  int64_t tls;
  int64_t keep;
  int64_t jwt;
  int64_t exit_on_eof;
  int64_t idle_timeout;
  int64_t seed;
  const char *host;
  const char *root;
  const char *faults;
  struct em_settings settings;
};

enum em_option_kind {
  EM_OPTION_NUMBER,
  EM_OPTION_TEXT,
  EM_OPTION_FLAG, /* sets `low` */
  EM_OPTION_SHOW  /* --help, --version */
};

struct em_option {
  const char *name;
  const char *argument;
  const char *help;
  size_t offset; /* in struct em_options */
  int64_t low;
  int64_t high;
  enum em_option_kind kind;
  bool is_setting; /* can change while running */
};

extern const struct em_option em_option_table[];
extern const size_t em_option_count;

void em_options_set_defaults(struct em_options *options);

/* The name need not end with a NUL. NULL: unknown. */
const struct em_option *em_option_find(const char *name, size_t length);

bool em_option_allows(const struct em_option *option, int64_t number);
void em_option_set(struct em_options *options, const struct em_option *option,
                   int64_t number);
int64_t em_option_get(const struct em_options *options,
                      const struct em_option *option);

#endif
