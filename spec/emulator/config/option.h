/* What the emulator can be told, at its start and while it runs. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_OPTION_H
#define EM_OPTION_H

#include "base/base.h"

/* May change while running: requests work on a copy. */
struct em_tuning {
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
  int64_t session_conflict;
  int64_t session_ttl;
  int64_t token_ttl;
  int64_t latency_ms;
  int64_t connection_rate; /* 0: none */
  int64_t verify_file;
  int64_t store;
};

struct em_option {
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
  struct em_tuning tuning;
};

enum em_option_verdict { EM_OPTION_RUN, EM_OPTION_DONE, EM_OPTION_BAD };

/* DONE after --help and --version; BAD after a message on stderr. */
enum em_option_verdict em_option_parse(struct em_option *option, int argc,
                                       char **argv);

/* Changes what may change from a JSON object; 0, or -1 with a reason. */
int em_tuning_set(struct em_tuning *tuning, json_t *object, char *reason,
                  size_t size);
json_t *em_tuning_json(const struct em_tuning *tuning);

#endif
