/* hostile: a server that answers with bytes that a spec chooses, whether or
 * not they are HTTP, while a command runs:
 *   hostile SCRIPT COMMAND...
 * The command gets the port in HOSTILE_PORT. When it has ended, the server
 * prints the number of requests and the bytes of their bodies, and ends with
 * the command's exit code. The script is a JSON list of rules, of which the
 * first that fits a request counts:
 *   method, path   of the request; the path is a prefix
 *   head           text that is in the request's head
 *   times          how often the rule fits; 0, the default, is for ever
 *   early          answers before it reads the body, and never reads it
 *   reply          bytes
 *   again, count, pause   bytes to write after them, so many times (0: for
 *                  ever) with so many seconds between
 *   last           bytes to write after those
 *   open           leaves the connection open for the next request
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_RULES 128

struct rule {
  const char *method;
  const char *path;
  const char *head;
  const char *reply;
  const char *again;
  const char *last;
  int times;
  int count;
  int is_early;
  int is_open;
  double pause;
  int used; /* under the lock */
};

static struct rule rules[MOST_RULES];
static size_t rule_count;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Under the lock. */
static struct {
  long requests;
  long long received;
} shared;

struct request {
  char head[65536];
  size_t length;   /* of the head, with its blank line */
  size_t buffered; /* bytes in `head`, of which the rest is the body's */
  long long body;  /* its length */
};

/* The script. */

static const char *rule_text(const json_t *value, const char *name)
{
  const char *text = json_string_value(json_object_get(value, name));

  return text ? text : "";
}

static void rule_read(struct rule *rule, const json_t *value)
{
  rule->method = rule_text(value, "method");
  rule->path = rule_text(value, "path");
  rule->head = rule_text(value, "head");
  rule->reply = rule_text(value, "reply");
  rule->again = rule_text(value, "again");
  rule->last = rule_text(value, "last");
  rule->times = (int)json_integer_value(json_object_get(value, "times"));
  rule->count = (int)json_integer_value(json_object_get(value, "count"));
  rule->pause = json_number_value(json_object_get(value, "pause"));
  rule->is_early = json_is_true(json_object_get(value, "early"));
  rule->is_open = json_is_true(json_object_get(value, "open"));
}

/* The strings stay as long as the script, which is never freed. */
static void read_script(const char *path)
{
  json_error_t error;
  json_t *script = json_load_file(path, 0, &error);

  if(!json_is_array(script) || json_array_size(script) > MOST_RULES) {
    (void)fprintf(stderr, "%s: not a list of up to %d rules: %s\n", path,
                  MOST_RULES, error.text);
    exit(2);
  }
  for(rule_count = 0; rule_count < json_array_size(script); rule_count++)
    rule_read(&rules[rule_count], json_array_get(script, rule_count));
}

static int rule_fits(const struct rule *rule, const char *head)
{
  size_t method = strlen(rule->method);

  return (rule->times == 0 || rule->used < rule->times) &&
         strncmp(head, rule->method, method) == 0 && head[method] == ' ' &&
         strncmp(head + method + 1, rule->path, strlen(rule->path)) == 0 &&
         strstr(head, rule->head);
}

static struct rule *find_rule(const char *head)
{
  struct rule *found = NULL;
  size_t i;

  (void)pthread_mutex_lock(&lock);
  shared.requests++;
  for(i = 0; i < rule_count && !found; i++) {
    if(rule_fits(&rules[i], head))
      found = &rules[i];
  }
  if(found)
    found->used++;
  (void)pthread_mutex_unlock(&lock);
  return found;
}

/* Requests. */

/* Zeroed where there is no header of that name. */
static long long content_length(const char *head)
{
  static const char name[] = "\r\nContent-Length:";
  const char *line = strstr(head, "\r\n");

  for(; line; line = strstr(line + 2, "\r\n")) {
    if(strncasecmp(line, name, sizeof(name) - 1) == 0)
      return strtoll(line + sizeof(name) - 1, NULL, 10);
  }
  return 0;
}

/* Returns 0 when there is no other. */
static int read_request(int connection, struct request *request)
{
  const char *end = NULL;

  request->buffered = 0;
  while(!end) {
    size_t room = sizeof(request->head) - 1 - request->buffered;
    ssize_t count = read(connection, request->head + request->buffered, room);

    if(count <= 0)
      return 0;
    request->buffered += (size_t)count;
    request->head[request->buffered] = '\0';
    end = strstr(request->head, "\r\n\r\n");
  }
  request->length = (size_t)(end + 4 - request->head);
  request->body = content_length(request->head);
  return 1;
}

static void note_received(long long count)
{
  (void)pthread_mutex_lock(&lock);
  shared.received += count;
  (void)pthread_mutex_unlock(&lock);
}

static void read_body(int connection, const struct request *request)
{
  long long left =
      request->body - (long long)(request->buffered - request->length);
  char chunk[65536];

  note_received(request->body - left);
  while(left > 0) {
    ssize_t count =
        read(connection, chunk,
             left < (long long)sizeof(chunk) ? (size_t)left : sizeof(chunk));

    if(count <= 0)
      return;
    note_received(count);
    left -= count;
  }
}

/* Replies. */

static int write_text(int connection, const char *text)
{
  size_t left = strlen(text);

  while(left > 0) {
    ssize_t count = write(connection, text, left);

    if(count < 0)
      return 0;
    text += count;
    left -= (size_t)count;
  }
  return 1;
}

static void pause_for(double seconds)
{
  struct timespec time;

  time.tv_sec = (time_t)seconds;
  time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
  (void)nanosleep(&time, NULL);
}

static int write_reply(int connection, const struct rule *rule)
{
  int i;

  if(!write_text(connection, rule->reply))
    return 0;
  for(i = 0; *rule->again && (rule->count == 0 || i < rule->count);
      i += rule->count != 0) {
    if(!write_text(connection, rule->again))
      return 0;
    if(rule->pause > 0)
      pause_for(rule->pause);
  }
  return write_text(connection, rule->last);
}

/* A connection that is closed with bytes unread is reset, which could overtake
 * the reply. So it stays open until the program ends. */
static void leave_open(void)
{
  for(;;)
    pause_for(3600);
}

static int answer(int connection, const struct request *request)
{
  const struct rule *rule = find_rule(request->head);

  if(!rule)
    return 0;
  if(!rule->is_early)
    read_body(connection, request);
  if(!write_reply(connection, rule))
    return 0;
  if(rule->is_early)
    leave_open();
  return rule->is_open;
}

static void *serve(void *argument)
{
  int connection = *(int *)argument;
  struct request *request = malloc(sizeof(*request));

  free(argument);
  while(request && read_request(connection, request) &&
        answer(connection, request))
    ;
  free(request);
  (void)shutdown(connection, SHUT_WR);
  (void)close(connection);
  return NULL;
}

/* The program. */

static void *accept_all(void *argument)
{
  int listener = *(int *)argument;

  for(;;) {
    int *connection = malloc(sizeof(*connection));
    pthread_t thread;

    if(!connection)
      exit(2);
    *connection = accept(listener, NULL, NULL);
    if(*connection < 0 ||
       pthread_create(&thread, NULL, serve, connection) != 0)
      exit(2);
    (void)pthread_detach(thread);
  }
}

static int open_listener(char *port, size_t size)
{
  struct sockaddr_in address;
  socklen_t length = sizeof(address);
  int listener = socket(AF_INET, SOCK_STREAM, 0);

  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if(listener < 0 || fcntl(listener, F_SETFD, FD_CLOEXEC) != 0 ||
     bind(listener, (struct sockaddr *)&address, length) != 0 ||
     listen(listener, 64) != 0 ||
     getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
    (void)fprintf(stderr, "no port: %s\n", strerror(errno));
    exit(2);
  }
  (void)snprintf(port, size, "%d", ntohs(address.sin_port));
  return listener;
}

static pid_t start_command(char **arguments, const char *port)
{
  pid_t child = fork();

  if(child != 0)
    return child;
  if(setenv("HOSTILE_PORT", port, 1) == 0)
    (void)execvp(arguments[0], arguments);
  _exit(127);
}

/* A client may have gone when the server still writes. */
static int block_broken_pipe(void)
{
  sigset_t set;

  return sigemptyset(&set) == 0 && sigaddset(&set, SIGPIPE) == 0 &&
                 pthread_sigmask(SIG_BLOCK, &set, NULL) == 0
             ? 0
             : -1;
}

int main(int argc, char **argv)
{
  char port[16];
  pthread_t thread;
  pid_t child;
  int listener;
  int status = 0;

  if(argc < 3) {
    (void)fprintf(stderr, "usage: hostile SCRIPT COMMAND...\n");
    return 2;
  }
  read_script(argv[1]);
  listener = open_listener(port, sizeof(port));
  child = start_command(argv + 2, port);
  if(child < 0 || block_broken_pipe() != 0 ||
     pthread_create(&thread, NULL, accept_all, &listener) != 0 ||
     waitpid(child, &status, 0) != child)
    return 2;
  (void)pthread_mutex_lock(&lock);
  (void)printf("%ld %lld\n", shared.requests, shared.received);
  (void)fflush(stdout);
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
}
