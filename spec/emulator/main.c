/* The Box emulator: prints its addresses, then serves until it is stopped. */
/* SPDX-License-Identifier: MIT */
#include "config/command_line.h"
#include "http/emulator.h"
#include "http/server.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

/* Used only by the signal handler. */
static const struct em_stop *stop_on_signal;

static void on_signal(int number)
{
  (void)number;
  em_stop_send(stop_on_signal);
}

static int catch_signals(struct em_emulator *emulator)
{
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  stop_on_signal = &emulator->stop;
  action.sa_handler = on_signal;
  if(sigaction(SIGTERM, &action, NULL) || sigaction(SIGINT, &action, NULL) ||
     sigaction(SIGHUP, &action, NULL))
    return -1;
  action.sa_handler = SIG_IGN;
  return sigaction(SIGPIPE, &action, NULL);
}

/* Case folding needs a UTF-8 locale, whatever the user's locale is. Each
   connection needs a descriptor, and the usual limit of 1024 is too low. */
static void prepare_process(void)
{
  struct rlimit limit;
  if(!setlocale(LC_CTYPE, "C.UTF-8"))
    setlocale(LC_CTYPE, "en_US.UTF-8");
  json_object_seed(0);
  if(getrlimit(RLIMIT_NOFILE, &limit))
    return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit); /* then the old limit stays */
}

static int print_error(const char *what)
{
  fprintf(stderr, "box-emulator: %s\n", what);
  return -1;
}

static int load_faults(struct em_emulator *emulator)
{
  char reason[256];
  if(!emulator->options.faults)
    return 0;
  if(!em_faults_load(&emulator->faults, emulator->options.faults, reason,
                     sizeof(reason)))
    return 0;
  return print_error(reason);
}

static int init_emulator(struct em_emulator *emulator)
{
  const struct em_options *options = &emulator->options;
  emulator->settings = options->settings;
  if(em_stop_init(&emulator->stop) ||
     pthread_mutex_init(&emulator->settings_lock, NULL) ||
     em_random_init(&emulator->random, options->seed) ||
     em_tokens_init(&emulator->tokens, &emulator->random) ||
     em_log_init(&emulator->log) || em_faults_init(&emulator->faults))
    return print_error("out of resources");
  if(load_faults(emulator))
    return -1;
  if(em_root_init(&emulator->root, options->root, options->keep != 0))
    return print_error("cannot make its folder");
  if(em_store_init(&emulator->store, &emulator->root) ||
     em_sessions_init(&emulator->sessions, &emulator->random,
                      &emulator->root))
    return print_error("out of resources");
  return 0;
}

static int init_secrets(struct em_emulator *emulator)
{
  const char *ca;
  if(emulator->options.tls) {
    if(em_certificate_create(&emulator->certificate, emulator->options.host))
      return print_error("cannot make a certificate");
    ca = emulator->certificate.ca;
    if(em_root_write(&emulator->root, "ca.pem", ca, strlen(ca)))
      return print_error("cannot write ca.pem");
  }
  if(emulator->options.jwt) {
    emulator->jwt_key =
        em_jwt_key_new(&emulator->random, &emulator->root, &emulator->tokens);
    if(!emulator->jwt_key)
      return print_error("cannot make a JWT key");
  }
  return 0;
}

static void add_url(json_t *object, const char *key,
                    const struct em_listener *listener, const char *path)
{
  json_object_set_new(object, key,
                      json_sprintf("%s%s", listener->origin, path));
}

static void add_path(json_t *object, struct em_emulator *emulator,
                     const char *key, const char *name, bool exists)
{
  json_object_set_new(object, key,
                      exists
                          ? json_sprintf("%s/%s", emulator->root.path, name)
                          : json_null());
}

static int print_addresses(struct em_emulator *emulator)
{
  const struct em_listener *listeners = emulator->server.listeners;
  const struct em_tokens *tokens = &emulator->tokens;
  json_t *object = json_object();
  struct em_token token;
  int written;
  if(em_token_create(&emulator->tokens, EM_USER, emulator->settings.token_ttl,
                     true, NULL, &token)) {
    json_decref(object);
    return -1;
  }
  add_url(object, "api_url", &listeners[EM_LISTENER_API], "/2.0");
  add_url(object, "upload_url", &listeners[EM_LISTENER_UPLOAD], "/api/2.0");
  add_url(object, "session_url", &listeners[EM_LISTENER_SESSION], "/api/2.0");
  add_url(object, "token_url", &listeners[EM_LISTENER_API], "/oauth2/token");
  add_url(object, "revoke_url", &listeners[EM_LISTENER_API],
          "/oauth2/revoke");
  add_url(object, "control_url", &listeners[EM_LISTENER_API], "/_emulator");
  json_object_set_new(object, "token", json_string(token.access));
  json_object_set_new(object, "refresh_token", json_string(token.refresh));
  json_object_set_new(object, "client_id", json_string(tokens->client_id));
  json_object_set_new(object, "client_secret",
                      json_string(tokens->client_secret));
  json_object_set_new(object, "code", json_string(tokens->code));
  json_object_set_new(object, "user_id", json_string(EM_USER));
  add_path(object, emulator, "ca_file", "ca.pem", emulator->options.tls);
  add_path(object, emulator, "jwt_config", "config.json",
           emulator->options.jwt);
  json_object_set_new(object, "root", json_string(emulator->root.path));
  json_object_set_new(object, "pid", json_integer(getpid()));
  written = json_dumpf(object, stdout, JSON_COMPACT);
  json_decref(object);
  return written || putchar('\n') == EOF || fflush(stdout) ? -1 : 0;
}

/* Returns false at the end of standard input. */
static bool discard_input(void)
{
  char discarded[256];
  ssize_t got = read(STDIN_FILENO, discarded, sizeof(discarded));
  return got > 0 || (got < 0 && errno == EINTR);
}

static void serve(struct em_emulator *emulator)
{
  struct pollfd polled[2];
  polled[0].fd = emulator->stop.fd[0];
  polled[0].events = POLLIN;
  polled[1].fd = emulator->options.exit_on_eof ? STDIN_FILENO : -1;
  polled[1].events = POLLIN;
  for(;;) {
    polled[0].revents = 0;
    polled[1].revents = 0;
    if(poll(polled, 2, -1) < 0 && errno != EINTR)
      break;
    if(polled[0].revents)
      break;
    if(polled[1].revents && !discard_input())
      break;
  }
  em_stop_send(&emulator->stop);
}

static void free_emulator(struct em_emulator *emulator)
{
  em_server_stop(&emulator->server);
  em_jwt_key_free(emulator->jwt_key);
  em_certificate_free(&emulator->certificate);
  em_sessions_free(&emulator->sessions);
  em_store_free(&emulator->store);
  em_faults_free(&emulator->faults);
  em_log_free(&emulator->log);
  em_tokens_free(&emulator->tokens);
  em_random_free(&emulator->random);
  em_root_free(&emulator->root);
  em_stop_free(&emulator->stop);
  pthread_mutex_destroy(&emulator->settings_lock);
}

static int run_emulator(struct em_emulator *emulator)
{
  if(catch_signals(emulator))
    return 1;
  if(init_secrets(emulator) || em_server_start(&emulator->server, emulator) ||
     print_addresses(emulator))
    return 1;
  serve(emulator);
  return 0;
}

int main(int argc, char **argv)
{
  struct em_emulator *emulator = calloc(1, sizeof(*emulator));
  int status = 2;
  if(!emulator)
    return 1;
  switch(em_command_line_parse(&emulator->options, argc, argv)) {
  case EM_COMMAND_LINE_SHOWN:
    status = 0;
    break;
  case EM_COMMAND_LINE_INVALID:
    break;
  case EM_COMMAND_LINE_RUN:
    prepare_process();
    if(em_server_check(&emulator->options))
      break;
    if(init_emulator(emulator))
      em_root_free(&emulator->root);
    else {
      status = run_emulator(emulator);
      free_emulator(emulator);
    }
    break;
  }
  free(emulator);
  return status;
}
