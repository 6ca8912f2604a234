/* What the emulator can be told, at its start and while it runs. */
/* SPDX-License-Identifier: MIT */
#include "config/option.h"
#include "base/number.h"

enum kind { NUMBER, TEXT, FLAG, SHOW };

struct entry {
  const char *name;
  const char *argument;
  const char *help;
  size_t at;
  int64_t low; /* FLAG: what the flag sets */
  int64_t high;
  enum kind kind;
  bool live; /* may be changed through the control path */
};

#define AT(field) offsetof(struct em_option, field)
#define HUGE_NUMBER (INT64_C(1) << 53)

static const struct entry entries[] = {
    {"host", "ADDRESS", "address to bind (127.0.0.1)", AT(host), 0, 0, TEXT,
     false},
    {"bind-any", NULL, "allow addresses that are not loopback", AT(bind_any),
     1, 0, FLAG, false},
    {"port", "N", "API listener; 0 takes a free port (0)", AT(port), 0, 65535,
     NUMBER, false},
    {"upload-port", "N", "upload listener (0)", AT(upload_port), 0, 65535,
     NUMBER, false},
    {"session-port", "N", "listener named in session_endpoints (0)",
     AT(session_port), 0, 65535, NUMBER, false},
    {"tls", NULL, "HTTPS with an own CA (the default)", AT(tls), 1, 0, FLAG,
     false},
    {"plain", NULL, "HTTP", AT(tls), 0, 0, FLAG, false},
    {"root", "DIR", "where files are kept (a temporary folder)", AT(root), 0,
     0, TEXT, false},
    {"keep", NULL, "keep the temporary folder at exit", AT(keep), 1, 0, FLAG,
     false},
    {"faults", "FILE", "fault script to begin with", AT(faults), 0, 0, TEXT,
     false},
    {"seed", "N", "seed of identifiers and dice (random)", AT(seed), 0,
     INT64_MAX, NUMBER, false},
    {"jwt", NULL, "make an RSA key and a config.json for JWT", AT(jwt), 1, 0,
     FLAG, false},
    {"exit-on-eof", NULL, "stop when standard input ends", AT(exit_on_eof), 1,
     0, FLAG, false},
    {"idle-timeout", "S", "close connections idle for so long (900)",
     AT(idle_timeout), 0, 86400, NUMBER, false},
    {"part-size", "N", "part size of new sessions (8M)", AT(tuning.part_size),
     1, HUGE_NUMBER, NUMBER, true},
    {"max-parts", "N", "part size doubles above so many parts (10000)",
     AT(tuning.max_parts), 1, 1000000, NUMBER, true},
    {"min-size", "N", "smallest file for a session (20000000)",
     AT(tuning.min_size), 0, HUGE_NUMBER, NUMBER, true},
    {"max-file-size", "N", "403 file_size_limit_exceeded above (none)",
     AT(tuning.max_file_size), 0, HUGE_NUMBER, NUMBER, true},
    {"quota", "N", "403 storage_limit_exceeded above (none)",
     AT(tuning.quota), 0, HUGE_NUMBER, NUMBER, true},
    {"commit-202", "N", "answer the first N commits of a session 202 (0)",
     AT(tuning.commit_202), 0, HUGE_NUMBER, NUMBER, true},
    {"commit-retry-after", "S", "Retry-After of these (1)",
     AT(tuning.commit_retry_after), 0, HUGE_NUMBER, NUMBER, true},
    {"parts-mismatch", "N",
     "answer the first N commits 400 parts_mismatch (0)",
     AT(tuning.parts_mismatch), 0, HUGE_NUMBER, NUMBER, true},
    {"recommit", "STATUS", "answer of a second commit: 201, 404, 409 (404)",
     AT(tuning.recommit), 201, 409, NUMBER, true},
    {"list-sha1-null", NULL, "list parts without their sha1",
     AT(tuning.list_sha1_null), 1, 0, FLAG, true},
    {"session-conflict", NULL, "one open session a name, else 409",
     AT(tuning.session_conflict), 1, 0, FLAG, true},
    {"session-ttl", "S", "life of a session (7 days)", AT(tuning.session_ttl),
     0, HUGE_NUMBER, NUMBER, true},
    {"token-ttl", "S", "life of an access token (3600)", AT(tuning.token_ttl),
     0, HUGE_NUMBER, NUMBER, true},
    {"latency-ms", "N", "wait before each reply (0)", AT(tuning.latency_ms),
     0, 3600000, NUMBER, true},
    {"connection-rate", "N", "bytes a second read from a connection (any)",
     AT(tuning.connection_rate), 0, HUGE_NUMBER, NUMBER, true},
    {"no-verify-file", NULL, "believe the digest of a commit",
     AT(tuning.verify_file), 0, 0, FLAG, true},
    {"no-store", NULL, "digest parts but keep zeros; implies the one above",
     AT(tuning.store), 0, 0, FLAG, true},
    {"help", NULL, "show this", 0, 0, 0, SHOW, false},
    {"version", NULL, "show the version", 0, 0, 0, SHOW, false}};

#define ENTRIES (sizeof(entries) / sizeof(entries[0]))

static void set_defaults(struct em_option *option)
{
  memset(option, 0, sizeof(*option));
  option->host = "127.0.0.1";
  option->tls = 1;
  option->seed = -1;
  option->idle_timeout = 900;
  option->tuning.part_size = 8 * 1024 * 1024;
  option->tuning.max_parts = 10000;
  option->tuning.min_size = 20000000;
  option->tuning.commit_retry_after = 1;
  option->tuning.recommit = 404;
  option->tuning.session_ttl = 7 * 24 * 3600;
  option->tuning.token_ttl = 3600;
  option->tuning.verify_file = 1;
  option->tuning.store = 1;
}

static void usage(void)
{
  size_t i;
  printf("usage: box-emulator [option …]\n\n"
         "A Box for tests: the first line on standard output is a JSON "
         "object\nwith its URLs, its tokens and its CA.\n\n");
  for(i = 0; i < ENTRIES; i++) {
    char left[40];
    snprintf(left, sizeof(left), "--%s %s", entries[i].name,
             entries[i].argument ? entries[i].argument : "");
    printf("  %-24s %s\n", left, entries[i].help);
  }
  printf("\nNumbers may end in K, M or G (powers of 1024).\n");
}

static const struct entry *find_entry(const char *name, size_t length)
{
  size_t i;
  for(i = 0; i < ENTRIES; i++)
    if(strlen(entries[i].name) == length &&
       !memcmp(entries[i].name, name, length))
      return &entries[i];
  return NULL;
}

static bool in_range(const struct entry *entry, int64_t number)
{
  if(entry->at == AT(tuning.recommit))
    return number == 201 || number == 404 || number == 409;
  return number >= entry->low && number <= entry->high;
}

static void store(void *base, const struct entry *entry, int64_t number)
{
  memcpy((char *)base + entry->at, &number, sizeof(number));
}

static int set_text(struct em_option *option, const struct entry *entry,
                    const char *value)
{
  int64_t number;
  if(!value || !*value) {
    fprintf(stderr, "box-emulator: --%s needs a value\n", entry->name);
    return -1;
  }
  if(entry->kind == TEXT) {
    memcpy((char *)option + entry->at, &value, sizeof(value));
    return 0;
  }
  if(em_number_parse(value, &number) || !in_range(entry, number)) {
    fprintf(stderr, "box-emulator: --%s: not a possible value: %s\n",
            entry->name, value);
    return -1;
  }
  store(option, entry, number);
  return 0;
}

/* Takes one option and says how many arguments it was, or 0 for a bad one. */
static int take(struct em_option *option, const struct entry *entry,
                const char *inlined, const char *next)
{
  if(entry->kind == FLAG) {
    if(inlined) {
      fprintf(stderr, "box-emulator: --%s takes no value\n", entry->name);
      return 0;
    }
    store(option, entry, entry->low);
    return 1;
  }
  if(set_text(option, entry, inlined ? inlined : next))
    return 0;
  return inlined ? 1 : 2;
}

static const struct entry *entry_of(const char *argument,
                                    const char **inlined)
{
  const struct entry *entry = NULL;
  size_t length;
  *inlined = NULL;
  if(!strncmp(argument, "--", 2)) {
    length = strcspn(argument + 2, "=");
    entry = find_entry(argument + 2, length);
    if(argument[2 + length])
      *inlined = argument + 3 + length;
  }
  if(!entry)
    fprintf(stderr, "box-emulator: unknown option: %s (see --help)\n",
            argument);
  return entry;
}

enum em_option_verdict em_option_parse(struct em_option *option, int argc,
                                       char **argv)
{
  int i = 1;
  set_defaults(option);
  while(i < argc) {
    const char *inlined;
    const struct entry *entry = entry_of(argv[i], &inlined);
    int taken;
    if(!entry)
      return EM_OPTION_BAD;
    if(entry->kind == SHOW) {
      if(!strcmp(entry->name, "help"))
        usage();
      else
        printf("box-emulator %s\n", EM_VERSION);
      return EM_OPTION_DONE;
    }
    taken = take(option, entry, inlined, i + 1 < argc ? argv[i + 1] : NULL);
    if(!taken)
      return EM_OPTION_BAD;
    i += taken;
  }
  return EM_OPTION_RUN;
}

/* JSON keys are the option names with underscores. */
static const struct entry *live_entry(const char *key)
{
  char name[40];
  size_t i;
  const struct entry *entry;
  snprintf(name, sizeof(name), "%s", key);
  for(i = 0; name[i]; i++)
    if(name[i] == '_')
      name[i] = '-';
  entry = find_entry(name, strlen(name));
  return entry && entry->live ? entry : NULL;
}

static int number_of(const struct entry *entry, json_t *value, int64_t *out)
{
  if(entry->kind == FLAG) {
    if(!json_is_boolean(value))
      return -1;
    *out = json_is_true(value) ? entry->low : !entry->low;
    return 0;
  }
  if(json_is_string(value)) {
    if(em_number_parse(json_string_value(value), out))
      return -1;
  } else if(json_is_integer(value))
    *out = json_integer_value(value);
  else
    return -1;
  return in_range(entry, *out) ? 0 : -1;
}

int em_tuning_set(struct em_tuning *tuning, json_t *object, char *reason,
                  size_t size)
{
  struct em_option option;
  const char *key;
  json_t *value;
  set_defaults(&option);
  option.tuning = *tuning;
  if(!json_is_object(object)) {
    snprintf(reason, size, "an object is wanted");
    return -1;
  }
  json_object_foreach(object, key, value)
  {
    const struct entry *entry = live_entry(key);
    int64_t number;
    if(!entry || number_of(entry, value, &number)) {
      snprintf(reason, size, "%s: %s", key,
               entry ? "not a possible value" : "unknown option");
      return -1;
    }
    store(&option, entry, number);
  }
  *tuning = option.tuning;
  return 0;
}

json_t *em_tuning_json(const struct em_tuning *tuning)
{
  json_t *object = json_object();
  struct em_option option;
  size_t i;
  memset(&option, 0, sizeof(option));
  option.tuning = *tuning;
  for(i = 0; i < ENTRIES; i++) {
    const struct entry *entry = &entries[i];
    char key[40];
    int64_t number;
    size_t k;
    if(!entry->live)
      continue;
    snprintf(key, sizeof(key), "%s", entry->name);
    for(k = 0; key[k]; k++)
      if(key[k] == '-')
        key[k] = '_';
    memcpy(&number, (const char *)&option + entry->at, sizeof(number));
    json_object_set_new(object, key,
                        entry->kind == FLAG
                            ? json_boolean(number == entry->low)
                            : json_integer(number));
  }
  return object;
}
