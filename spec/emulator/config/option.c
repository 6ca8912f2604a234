/* The options of the emulator, in one table. */
/* SPDX-License-Identifier: MIT */
#include "config/option.h"

#define AT(field) offsetof(struct em_options, field)
#define HUGE_NUMBER (INT64_C(1) << 53)

const struct em_option em_option_table[] = {
    {"host", "ADDRESS", "address to bind (127.0.0.1)", AT(host), 0, 0,
     EM_OPTION_TEXT, false},
    {"bind-any", NULL, "allow addresses that are not loopback", AT(bind_any),
     1, 0, EM_OPTION_FLAG, false},
    {"port", "N", "API listener; 0 takes a free port (0)", AT(port), 0, 65535,
     EM_OPTION_NUMBER, false},
    {"upload-port", "N", "upload listener (0)", AT(upload_port), 0, 65535,
     EM_OPTION_NUMBER, false},
    {"session-port", "N", "listener named in session_endpoints (0)",
     AT(session_port), 0, 65535, EM_OPTION_NUMBER, false},
    {"tls", NULL, "HTTPS with an own CA (the default)", AT(tls), 1, 0,
     EM_OPTION_FLAG, false},
    {"plain", NULL, "HTTP", AT(tls), 0, 0, EM_OPTION_FLAG, false},
    {"root", "DIR", "where files are kept (a temporary folder)", AT(root), 0,
     0, EM_OPTION_TEXT, false},
    {"keep", NULL, "keep the temporary folder at exit", AT(keep), 1, 0,
     EM_OPTION_FLAG, false},
    {"faults", "FILE", "fault script to begin with", AT(faults), 0, 0,
     EM_OPTION_TEXT, false},
    {"seed", "N", "seed of identifiers and dice (random)", AT(seed), 0,
     INT64_MAX, EM_OPTION_NUMBER, false},
    {"jwt", NULL, "make an RSA key and a config.json for JWT", AT(jwt), 1, 0,
     EM_OPTION_FLAG, false},
    {"exit-on-eof", NULL, "stop when standard input ends", AT(exit_on_eof), 1,
     0, EM_OPTION_FLAG, false},
    {"idle-timeout", "S", "close connections idle for so long (900)",
     AT(idle_timeout), 0, 86400, EM_OPTION_NUMBER, false},
    {"part-size", "N", "part size of new sessions (8M)",
     AT(settings.part_size), 1, HUGE_NUMBER, EM_OPTION_NUMBER, true},
    {"max-parts", "N", "part size doubles above so many parts (10000)",
     AT(settings.max_parts), 1, 1000000, EM_OPTION_NUMBER, true},
    {"min-size", "N", "smallest file for a session (20000000)",
     AT(settings.min_size), 0, HUGE_NUMBER, EM_OPTION_NUMBER, true},
    {"max-file-size", "N", "403 file_size_limit_exceeded above (none)",
     AT(settings.max_file_size), 0, HUGE_NUMBER, EM_OPTION_NUMBER, true},
    {"quota", "N", "403 storage_limit_exceeded above (none)",
     AT(settings.quota), 0, HUGE_NUMBER, EM_OPTION_NUMBER, true},
    {"commit-202", "N", "answer the first N commits of a session 202 (0)",
     AT(settings.commit_202), 0, HUGE_NUMBER, EM_OPTION_NUMBER, true},
    {"commit-retry-after", "S", "Retry-After of these (1)",
     AT(settings.commit_retry_after), 0, HUGE_NUMBER, EM_OPTION_NUMBER, true},
    {"parts-mismatch", "N",
     "answer the first N commits 400 parts_mismatch (0)",
     AT(settings.parts_mismatch), 0, HUGE_NUMBER, EM_OPTION_NUMBER, true},
    {"recommit", "STATUS", "answer of a second commit: 201, 404, 409 (404)",
     AT(settings.recommit), 201, 409, EM_OPTION_NUMBER, true},
    {"list-sha1-null", NULL, "list parts without their sha1 (the default)",
     AT(settings.list_sha1_null), 1, 0, EM_OPTION_FLAG, true},
    {"list-sha1", NULL, "list parts with their sha1",
     AT(settings.list_sha1_null), 0, 0, EM_OPTION_FLAG, true},
    {"list-lag-ms", "N", "list a stored part after so long (0)",
     AT(settings.list_lag_ms), 0, 3600000, EM_OPTION_NUMBER, true},
    {"list-lag-requests", "N", "list it after N lists and statuses (0)",
     AT(settings.list_lag_requests), 0, HUGE_NUMBER, EM_OPTION_NUMBER, true},
    {"lookup-lag-ms", "N", "find an uploaded file after so long (0)",
     AT(settings.lookup_lag_ms), 0, 3600000, EM_OPTION_NUMBER, true},
    {"lookup-lag-requests", "N", "find it after N lookups (0)",
     AT(settings.lookup_lag_requests), 0, HUGE_NUMBER, EM_OPTION_NUMBER,
     true},
    {"normalize-names", NULL, "turn names into NFC (Latin-1 letters)",
     AT(settings.normalize_names), 1, 0, EM_OPTION_FLAG, true},
    {"location-blocked", NULL, "403 access_from_location_blocked to all",
     AT(settings.location_blocked), 1, 0, EM_OPTION_FLAG, true},
    {"forbidden-by-policy", NULL, "403 forbidden_by_policy to all",
     AT(settings.forbidden_by_policy), 1, 0, EM_OPTION_FLAG, true},
    {"session-conflict", NULL, "one open session a name, else 409",
     AT(settings.session_conflict), 1, 0, EM_OPTION_FLAG, true},
    {"session-ttl", "S", "life of a session (7 days)",
     AT(settings.session_ttl), 0, HUGE_NUMBER, EM_OPTION_NUMBER, true},
    {"token-ttl", "S", "life of an access token (3600)",
     AT(settings.token_ttl), 0, HUGE_NUMBER, EM_OPTION_NUMBER, true},
    {"latency-ms", "N", "wait before each reply (0)", AT(settings.latency_ms),
     0, 3600000, EM_OPTION_NUMBER, true},
    {"connection-rate", "N", "bytes a second read from a connection (any)",
     AT(settings.connection_rate), 0, HUGE_NUMBER, EM_OPTION_NUMBER, true},
    {"no-verify-file", NULL, "believe the digest of a commit",
     AT(settings.verify_file), 0, 0, EM_OPTION_FLAG, true},
    {"no-store", NULL, "digest parts but keep zeros; implies the one above",
     AT(settings.store), 0, 0, EM_OPTION_FLAG, true},
    {"help", NULL, "show this", 0, 0, 0, EM_OPTION_SHOW, false},
    {"version", NULL, "show the version", 0, 0, 0, EM_OPTION_SHOW, false}};

const size_t em_option_count =
    sizeof(em_option_table) / sizeof(em_option_table[0]);

void em_options_set_defaults(struct em_options *options)
{
  memset(options, 0, sizeof(*options));
  options->host = "127.0.0.1";
  options->tls = 1;
  options->seed = -1;
  options->idle_timeout = 900;
  options->settings.part_size = 8 * 1024 * 1024;
  options->settings.max_parts = 10000;
  options->settings.min_size = 20000000;
  options->settings.commit_retry_after = 1;
  options->settings.recommit = 404;
  options->settings.list_sha1_null = 1;
  options->settings.session_ttl = 7 * 24 * 3600;
  options->settings.token_ttl = 3600;
  options->settings.verify_file = 1;
  options->settings.store = 1;
}

const struct em_option *em_option_find(const char *name, size_t length)
{
  size_t i;
  for(i = 0; i < em_option_count; i++)
    if(strlen(em_option_table[i].name) == length &&
       !memcmp(em_option_table[i].name, name, length))
      return &em_option_table[i];
  return NULL;
}

bool em_option_allows(const struct em_option *option, int64_t number)
{
  if(option->offset == AT(settings.recommit))
    return number == 201 || number == 404 || number == 409;
  return number >= option->low && number <= option->high;
}

void em_option_set(struct em_options *options, const struct em_option *option,
                   int64_t number)
{
  memcpy((char *)options + option->offset, &number, sizeof(number));
}

int64_t em_option_get(const struct em_options *options,
                      const struct em_option *option)
{
  int64_t number;
  memcpy(&number, (const char *)options + option->offset, sizeof(number));
  return number;
}
