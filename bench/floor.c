/* floor: a bare libcurl loop in C that uploads a file in parts, with the same
 * digests, buffer size and number of connections as boxupload. No retries, no
 * checks, hardly any JSON: the least work that an upload can take.
 *
 *   BOX_TOKEN=... BOX_UPLOAD_URL=... floor FILE [CONNECTIONS]
 *
 * SPDX-License-Identifier: MIT */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define UPLOAD_BUFFER (512L << 10)
#define HASH_CHUNK ((size_t)256 << 10)
#define CONNECTIONS_MAX 64
#define AHEAD 2 /* parts hashed ahead, for each connection */
#define SHA1_SIZE 20

struct text {
  char *data;
  size_t length;
};

struct part {
  unsigned char sha1[SHA1_SIZE];
  char *json; /* from the response, for the commit */
};

struct upload {
  int file;
  int64_t size;
  int64_t part_size;
  int64_t count;
  char *part_url;
  char *commit_url;
  struct part *parts;
  unsigned char sha1[SHA1_SIZE]; /* of the whole file */
  struct curl_slist *headers;    /* of all requests */
  CURLM *multi;
  pthread_mutex_t lock;
  pthread_cond_t room;
  int64_t hashed; /* under the lock */
  int64_t begun;  /* under the lock */
  int64_t window;
};

/* The request of one connection. */
struct slot {
  CURL *easy;
  struct upload *upload;
  struct curl_slist *headers;
  int64_t index;
  int64_t offset;
  int64_t left;
  struct text reply;
  int busy;
};

static void die(const char *what, const char *why)
{
  (void)fprintf(stderr, "floor: %s: %s\n", what, why);
  exit(1);
}

static void *check(void *pointer)
{
  if(!pointer)
    die("memory", "there is none left");
  return pointer;
}

static double now(void)
{
  struct timespec time = {0, 0};

  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static const char *environment(const char *name)
{
  const char *value = getenv(name);

  if(!value)
    die(name, "not set");
  return value;
}

/* Requests. */

static struct curl_slist *add(struct curl_slist *headers, const char *line)
{
  return check(curl_slist_append(headers, line));
}

static struct curl_slist *common_headers(struct curl_slist *headers)
{
  char line[4096];

  (void)snprintf(line, sizeof(line), "Authorization: Bearer %s",
                 environment("BOX_TOKEN"));
  return add(add(headers, line), "Expect:");
}

static struct curl_slist *add_digest(struct curl_slist *headers,
                                     const unsigned char *sha1)
{
  char line[64] = "Digest: sha=";

  (void)EVP_EncodeBlock((unsigned char *)line + strlen(line), sha1,
                        SHA1_SIZE);
  return add(headers, line);
}

static size_t on_reply(char *data, size_t size, size_t count, void *argument)
{
  struct text *text = argument;

  size *= count;
  text->data = check(realloc(text->data, text->length + size + 1));
  memcpy(text->data + text->length, data, size);
  text->length += size;
  text->data[text->length] = '\0';
  return size;
}

static CURL *request(const char *url, struct text *reply)
{
  CURL *easy = check(curl_easy_init());
  const char *ca_file = getenv("BOX_CA_FILE");

  (void)curl_easy_setopt(easy, CURLOPT_URL, url);
  (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                         (long)CURL_HTTP_VERSION_1_1);
  (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_reply);
  (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, reply);
  if(ca_file)
    (void)curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
  return easy;
}

/* Sends JSON with POST; returns the response's status. */
static long post(const char *url, const char *body,
                 struct curl_slist *headers, struct text *reply)
{
  CURL *easy = request(url, reply);
  CURLcode result;
  long status = 0;

  headers = add(common_headers(headers), "Content-Type: application/json");
  (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
  result = curl_easy_perform(easy);
  if(result != CURLE_OK)
    die(url, curl_easy_strerror(result));
  (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_slist_free_all(headers);
  curl_easy_cleanup(easy);
  return status;
}

/* The session. */

/* Where the value of a key begins. No parser: the responses are simple. */
static const char *find(const char *json, const char *key)
{
  char quoted[64];
  const char *at;

  (void)snprintf(quoted, sizeof(quoted), "\"%s\"", key);
  at = json ? strstr(json, quoted) : NULL;
  if(!at)
    die(key, json ? json : "no answer");
  at += strlen(quoted);
  return at + strspn(at, ": \t\r\n");
}

static char *find_string(const char *json, const char *key)
{
  const char *value = find(json, key);
  size_t length;
  char *copy;

  if(*value != '"')
    die(key, value);
  length = strcspn(++value, "\"");
  copy = check(malloc(length + 1));
  memcpy(copy, value, length);
  copy[length] = '\0';
  return copy;
}

static void create_session(struct upload *upload)
{
  struct text reply = {NULL, 0};
  char url[1024];
  char body[256];

  (void)snprintf(url, sizeof(url), "%s/files/upload_sessions",
                 environment("BOX_UPLOAD_URL"));
  (void)snprintf(body, sizeof(body),
                 "{\"folder_id\":\"0\",\"file_size\":%" PRId64
                 ",\"file_name\":\"floor-%ld-%ld.bin\"}",
                 upload->size, (long)time(NULL), (long)getpid());
  if(post(url, body, NULL, &reply) != 201)
    die("creating the session", reply.data ? reply.data : "no answer");
  upload->part_size = strtoll(find(reply.data, "part_size"), NULL, 10);
  upload->part_url = find_string(reply.data, "upload_part");
  upload->commit_url = find_string(reply.data, "commit");
  free(reply.data);
  if(upload->part_size < 1)
    die("creating the session", "no part size");
  upload->count = (upload->size - 1) / upload->part_size + 1;
  upload->parts =
      check(calloc((size_t)upload->count, sizeof(*upload->parts)));
}

static void commit(struct upload *upload)
{
  struct text body = {NULL, 0};
  struct text reply = {NULL, 0};
  long status;
  int64_t i;

  (void)on_reply((char *)"{\"parts\":[", 1, 10, &body);
  for(i = 0; i < upload->count; i++) {
    char *json = upload->parts[i].json;

    if(i > 0)
      (void)on_reply((char *)",", 1, 1, &body);
    (void)on_reply(json, 1, strlen(json), &body);
  }
  (void)on_reply((char *)"]}", 1, 2, &body);
  do {
    reply.length = 0;
    status = post(upload->commit_url, body.data,
                  add_digest(NULL, upload->sha1), &reply);
    if(status == 202)
      (void)sleep(1);
  } while(status == 202);
  if(status != 201)
    die("committing", reply.data ? reply.data : "no answer");
  free(body.data);
  free(reply.data);
}

/* The hash thread. */

static int64_t part_length(const struct upload *upload, int64_t index)
{
  int64_t left = upload->size - index * upload->part_size;

  return left < upload->part_size ? left : upload->part_size;
}

static void hash_part(struct upload *upload, int64_t index, EVP_MD_CTX *part,
                      EVP_MD_CTX *whole, char *chunk)
{
  int64_t offset = index * upload->part_size;
  int64_t end = offset + part_length(upload, index);

  (void)EVP_DigestInit_ex(part, EVP_sha1(), NULL);
  while(offset < end) {
    size_t room = HASH_CHUNK < (size_t)(end - offset)
                      ? HASH_CHUNK
                      : (size_t)(end - offset);
    ssize_t count = pread(upload->file, chunk, room, (off_t)offset);

    if(count <= 0)
      die("reading", count < 0 ? strerror(errno) : "the file shrank");
    (void)EVP_DigestUpdate(part, chunk, (size_t)count);
    (void)EVP_DigestUpdate(whole, chunk, (size_t)count);
    offset += count;
  }
  (void)EVP_DigestFinal_ex(part, upload->parts[index].sha1, NULL);
}

static void *hash_parts(void *argument)
{
  struct upload *upload = argument;
  EVP_MD_CTX *part = check(EVP_MD_CTX_new());
  EVP_MD_CTX *whole = check(EVP_MD_CTX_new());
  char *chunk = check(malloc(HASH_CHUNK));
  int64_t i;

  (void)EVP_DigestInit_ex(whole, EVP_sha1(), NULL);
  for(i = 0; i < upload->count; i++) {
    hash_part(upload, i, part, whole, chunk);
    (void)pthread_mutex_lock(&upload->lock);
    upload->hashed = i + 1;
    while(upload->hashed - upload->begun >= upload->window)
      (void)pthread_cond_wait(&upload->room, &upload->lock);
    (void)pthread_mutex_unlock(&upload->lock);
    (void)curl_multi_wakeup(upload->multi);
  }
  (void)EVP_DigestFinal_ex(whole, upload->sha1, NULL);
  EVP_MD_CTX_free(part);
  EVP_MD_CTX_free(whole);
  free(chunk);
  return NULL;
}

/* The network. */

static size_t on_read(char *data, size_t size, size_t count, void *argument)
{
  struct slot *slot = argument;
  ssize_t length;

  size *= count;
  if((int64_t)size > slot->left)
    size = (size_t)slot->left;
  if(size == 0)
    return 0;
  length = pread(slot->upload->file, data, size, (off_t)slot->offset);
  if(length <= 0)
    return CURL_READFUNC_ABORT;
  slot->offset += length;
  slot->left -= length;
  return (size_t)length;
}

static void open_slot(struct slot *slot, struct upload *upload)
{
  memset(slot, 0, sizeof(*slot));
  slot->upload = upload;
  slot->easy = request(upload->part_url, &slot->reply);
  (void)curl_easy_setopt(slot->easy, CURLOPT_UPLOAD, 1L);
  (void)curl_easy_setopt(slot->easy, CURLOPT_UPLOAD_BUFFERSIZE,
                         UPLOAD_BUFFER);
  (void)curl_easy_setopt(slot->easy, CURLOPT_READFUNCTION, on_read);
  (void)curl_easy_setopt(slot->easy, CURLOPT_READDATA, slot);
  (void)curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
}

static void send_part(struct slot *slot, int64_t index)
{
  struct upload *upload = slot->upload;
  char line[128];

  slot->busy = 1;
  slot->index = index;
  slot->offset = index * upload->part_size;
  slot->left = part_length(upload, index);
  slot->reply.length = 0;
  (void)snprintf(line, sizeof(line),
                 "Content-Range: bytes %" PRId64 "-%" PRId64 "/%" PRId64,
                 slot->offset, slot->offset + slot->left - 1, upload->size);
  curl_slist_free_all(slot->headers);
  slot->headers = common_headers(add(NULL, line));
  slot->headers =
      add(slot->headers, "Content-Type: application/octet-stream");
  slot->headers = add_digest(slot->headers, upload->parts[index].sha1);
  (void)curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers);
  (void)curl_easy_setopt(slot->easy, CURLOPT_INFILESIZE_LARGE,
                         (curl_off_t)slot->left);
  (void)curl_multi_add_handle(upload->multi, slot->easy);
}

/* The next part that is hashed but not being sent, or -1. */
static int64_t next_part(struct upload *upload)
{
  int64_t index = -1;

  (void)pthread_mutex_lock(&upload->lock);
  if(upload->begun < upload->hashed) {
    index = upload->begun++;
    (void)pthread_cond_signal(&upload->room);
  }
  (void)pthread_mutex_unlock(&upload->lock);
  return index;
}

/* {"part":{...}}: the commit needs the inner object. */
static void take_reply(struct slot *slot, CURLcode result)
{
  const char *part;
  long status = 0;
  size_t length;
  char *json;

  (void)curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
  if(result != CURLE_OK)
    die("sending a part", curl_easy_strerror(result));
  if(status != 200)
    die("sending a part", slot->reply.data ? slot->reply.data : "no answer");
  part = find(slot->reply.data, "part");
  length = strcspn(part, "}") + 1;
  json = check(malloc(length + 1));
  memcpy(json, part, length);
  json[length] = '\0';
  slot->upload->parts[slot->index].json = json;
  slot->busy = 0;
}

static int64_t collect(struct upload *upload)
{
  CURLMsg *message;
  int64_t count = 0;
  int left;

  for(message = curl_multi_info_read(upload->multi, &left); message;
      message = curl_multi_info_read(upload->multi, &left)) {
    char *slot = NULL;
    CURLcode result = message->data.result;
    CURL *easy = message->easy_handle;

    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
    (void)curl_multi_remove_handle(upload->multi, easy);
    take_reply((struct slot *)(void *)slot, result);
    count++;
  }
  return count;
}

static void send_parts(struct upload *upload, int connections)
{
  struct slot slots[CONNECTIONS_MAX];
  int64_t done = 0;
  int running;
  int i;

  for(i = 0; i < connections; i++)
    open_slot(&slots[i], upload);
  while(done < upload->count) {
    int64_t ended;

    for(i = 0; i < connections; i++) {
      int64_t index = slots[i].busy ? -1 : next_part(upload);

      if(index >= 0)
        send_part(&slots[i], index);
    }
    (void)curl_multi_perform(upload->multi, &running);
    ended = collect(upload);
    done += ended;
    if(ended == 0)
      (void)curl_multi_poll(upload->multi, NULL, 0, 1000, NULL);
  }
  for(i = 0; i < connections; i++) {
    curl_easy_cleanup(slots[i].easy);
    curl_slist_free_all(slots[i].headers);
    free(slots[i].reply.data);
  }
}

static void report(const struct upload *upload, double seconds)
{
  struct rusage usage;
  char hex[2 * SHA1_SIZE + 1];
  int i;

  (void)getrusage(RUSAGE_SELF, &usage);
  for(i = 0; i < SHA1_SIZE; i++)
    (void)snprintf(hex + (size_t)2 * (size_t)i, 3, "%02x", upload->sha1[i]);
  (void)printf("{\"bytes\":%" PRId64 ",\"seconds\":%.6f,\"cpu\":%.6f,"
               "\"peak_memory\":%" PRId64 ",\"sha1\":\"%s\"}\n",
               upload->size, seconds,
               (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                   (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) /
                       1e6,
               (int64_t)usage.ru_maxrss * 1024, hex);
}

static void open_file(struct upload *upload, const char *path)
{
  struct stat status;

  upload->file = open(path, O_RDONLY | O_CLOEXEC);
  if(upload->file < 0 || fstat(upload->file, &status) != 0)
    die(path, strerror(errno));
  upload->size = (int64_t)status.st_size;
}

static void close_upload(struct upload *upload)
{
  int64_t i;

  for(i = 0; i < upload->count; i++)
    free(upload->parts[i].json);
  free(upload->parts);
  free(upload->part_url);
  free(upload->commit_url);
  (void)curl_multi_cleanup(upload->multi);
  (void)close(upload->file);
}

int main(int count, char **arguments)
{
  int connections = count > 2 ? (int)strtol(arguments[2], NULL, 10) : 4;
  struct upload upload;
  double before = now();
  pthread_t thread;

  if(count < 2 || connections < 1 || connections > CONNECTIONS_MAX)
    die("usage", "floor FILE [CONNECTIONS]");
  memset(&upload, 0, sizeof(upload));
  open_file(&upload, arguments[1]);
  upload.window = (int64_t)AHEAD * connections;
  (void)pthread_mutex_init(&upload.lock, NULL);
  (void)pthread_cond_init(&upload.room, NULL);
  upload.multi = check(curl_multi_init());
  create_session(&upload);
  if(pthread_create(&thread, NULL, hash_parts, &upload) != 0)
    die("starting a thread", "it failed");
  send_parts(&upload, connections);
  (void)pthread_join(thread, NULL);
  commit(&upload);
  report(&upload, now() - before);
  close_upload(&upload);
  return 0;
}
