/* exchange_test: the parts of an exchange that need no network.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "exchange.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* One whose body is `length` bytes of memory. */
static struct bu_exchange *exchange_of(const void *data, size_t length)
{
  struct bu_settings *settings = bu_settings_new();
  struct bu_exchange *exchange;
  struct bu_request request;
  struct bu_error error;

  assert_int_equal(
      bu_request_init(&request, "PUT", "https://box.com/", &error), BU_OK);
  bu_source_memory(&request.body, data, length);
  request.has_body = 1;
  exchange = bu_exchange_new(&request, settings);
  assert_non_null(exchange);
  assert_null(request.url);
  bu_settings_release(settings);
  return exchange;
}

static void assert_header(const struct bu_exchange *exchange,
                          const char *name, const char *expected)
{
  size_t length = 0;
  const char *value = bu_exchange_header(exchange, name, &length);

  if(!expected) {
    assert_null(value);
    return;
  }
  assert_non_null(value);
  assert_int_equal(length, strlen(expected));
  assert_memory_equal(value, expected, length);
}

static void test_headers(void **state)
{
  static const char head[] = "HTTP/1.1 200 OK\r\n"
                             "Content-Length: 12\r\n"
                             "RETRY-AFTER:3\r\n"
                             "x-blank:   \t \r\n"
                             "x-two: a: b \r\n"
                             "x-two: second\r\n"
                             "x-long-name: y\r\n"
                             "no colon here\r\n"
                             "\r\n";
  struct bu_exchange *exchange = exchange_of("", 0);

  (void)state;
  assert_header(exchange, "retry-after", NULL);
  assert_int_equal(
      bu_buffer_append(&exchange->headers, head, sizeof(head) - 1), BU_OK);
  assert_header(exchange, "content-length", "12");
  assert_header(exchange, "Retry-After", "3");
  assert_header(exchange, "x-blank", "");
  assert_header(exchange, "X-Two", "a: b");
  assert_header(exchange, "x-long", NULL);
  assert_header(exchange, "x-long-name", "y");
  assert_header(exchange, "no colon here", NULL);
  assert_header(exchange, "missing", NULL);
  bu_exchange_release(exchange);
}

/* The search for blanks stops at the end of the head. */
static void test_a_cut_head(void **state)
{
  static const char *const heads[] = {"", "x", "x:", "x: ", "x: y", "x: y\r"};
  static const char *const values[] = {NULL, NULL, "", "", "y", "y"};
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
    struct bu_exchange *exchange = exchange_of("", 0);

    assert_int_equal(
        bu_buffer_append(&exchange->headers, heads[i], strlen(heads[i])),
        BU_OK);
    assert_header(exchange, "x", values[i]);
    bu_exchange_release(exchange);
  }
}

static void test_when_a_hash_is_needed(void **state)
{
  struct bu_error error;
  struct bu_exchange *exchange = exchange_of("abc", 3);

  (void)state;
  assert_false(bu_exchange_needs_hash(exchange));
  exchange->request.digest_header = BU_DIGEST_SHA;
  assert_true(bu_exchange_needs_hash(exchange));
  exchange->has_sha1 = 1;
  assert_false(bu_exchange_needs_hash(exchange));
  exchange->file_digest = bu_digest_new(BU_SHA1, &error);
  assert_true(bu_exchange_needs_hash(exchange));
  bu_exchange_release(exchange);
}

static void assert_sha1(const unsigned char *value, const char *expected)
{
  char hex[BU_HEX_MAX];

  bu_hex(hex, value, BU_SHA1_SIZE);
  assert_string_equal(hex, expected);
}

static void test_hash_of_memory(void **state)
{
  struct bu_exchange *exchange = exchange_of("abc", 3);

  (void)state;
  bu_exchange_hash(exchange);
  assert_int_equal(exchange->error.code, BU_OK);
  assert_true(exchange->has_sha1);
  assert_sha1(exchange->sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
  bu_exchange_release(exchange);
}

static void hash_slice(struct bu_file *file, int64_t offset, int64_t length,
                       struct bu_digest *file_digest, enum bu_code expected)
{
  struct bu_exchange *exchange = exchange_of("", 0);

  bu_source_file(&exchange->request.body, file, offset, length);
  exchange->file_digest = bu_digest_acquire(file_digest);
  bu_exchange_hash(exchange);
  assert_int_equal(exchange->error.code, expected);
  bu_exchange_release(exchange);
}

static void test_parts_feed_the_digest_of_the_file(void **state)
{
  static unsigned char data[700000];
  struct bu_error error;
  struct bu_digest *file_digest = bu_digest_new(BU_SHA1, &error);
  unsigned char value[BU_DIGEST_MAX];
  char path[CHECK_PATH_MAX];
  char expected[41];
  struct bu_file *file;

  (void)state;
  check_fill(data, sizeof(data), 3);
  check_file(path, data, sizeof(data));
  file = bu_file_open(path, &error);
  assert_non_null(file);
  hash_slice(file, 0, 300000, file_digest, BU_OK);
  hash_slice(file, 600000, 100000, file_digest, BU_EINVALID);
  hash_slice(file, 300000, 300000, file_digest, BU_OK);
  hash_slice(file, 300000, 300000, file_digest, BU_EINVALID);
  hash_slice(file, 600000, 100000, file_digest, BU_OK);
  check_sha1(expected, data, sizeof(data));
  assert_int_equal(bu_digest_value(file_digest, value, &error), BU_SHA1_SIZE);
  assert_sha1(value, expected);
  bu_file_release(file);
  bu_digest_release(file_digest);
  assert_int_equal(unlink(path), 0);
}

static void test_a_file_that_changed_is_not_hashed(void **state)
{
  struct bu_error error;
  struct bu_digest *file_digest = bu_digest_new(BU_SHA1, &error);
  char path[CHECK_PATH_MAX];
  struct bu_file *file;

  (void)state;
  check_file(path, "0123456789", 10);
  file = bu_file_open(path, &error);
  assert_non_null(file);
  check_write(path, "0123456789+", 11);
  hash_slice(file, 0, 10, file_digest, BU_ECHANGED);
  bu_file_release(file);
  bu_digest_release(file_digest);
  assert_int_equal(unlink(path), 0);
}

static const struct timespec past[2] = {{1000, 0}, {1000, 0}};

/* Its bytes may be the same: only the owner can tell. */
static void test_a_file_that_was_touched_is_hashed(void **state)
{
  struct bu_error error;
  struct bu_digest *file_digest = bu_digest_new(BU_SHA1, &error);
  char path[CHECK_PATH_MAX];
  struct bu_file *file;

  (void)state;
  check_file(path, "0123456789", 10);
  file = bu_file_open(path, &error);
  assert_non_null(file);
  assert_int_equal(utimensat(AT_FDCWD, path, past, 0), 0);
  hash_slice(file, 0, 5, file_digest, BU_OK);
  assert_int_equal(unlink(path), 0);
  hash_slice(file, 5, 5, file_digest, BU_OK);
  bu_file_release(file);
  bu_digest_release(file_digest);
}

#define MAPPED 16384

/* A new file's memory; *descriptor is open for it. */
static char *mapped(char *path, int *descriptor)
{
  char *memory;

  check_file(path, "", 0);
  *descriptor = open(path, O_RDWR | O_CLOEXEC);
  assert_true(*descriptor >= 0);
  assert_int_equal(ftruncate(*descriptor, MAPPED), 0);
  memory =
      mmap(NULL, MAPPED, PROT_READ | PROT_WRITE, MAP_SHARED, *descriptor, 0);
  assert_true(memory != MAP_FAILED);
  return memory;
}

/* Whether this file system notices a store through a mapping at all. Leaves a
 * page behind to which more stores aren't noticed. */
static int notices_a_store(int descriptor, char *memory)
{
  struct stat status;

  memory[0] = 'a';
  assert_int_equal(fsync(descriptor), 0);
  assert_int_equal(futimens(descriptor, past), 0);
  memory[0] = 'b';
  assert_int_equal(fstat(descriptor, &status), 0);
  assert_int_equal(futimens(descriptor, past), 0);
  return status.st_mtim.tv_sec != past[1].tv_sec;
}

static void test_a_store_after_the_hash_is_noticed(void **state)
{
  struct bu_error error;
  struct bu_digest *file_digest = bu_digest_new(BU_SHA1, &error);
  char path[CHECK_PATH_MAX];
  struct bu_file *file;
  int descriptor;
  char *memory = mapped(path, &descriptor);
  int is_noticed = notices_a_store(descriptor, memory);

  (void)state;
  file = bu_file_open(path, &error);
  assert_non_null(file);
  memory[0] = 'c';
  hash_slice(file, 0, MAPPED, file_digest, BU_OK);
  memory[0] = 'd';
  if(is_noticed)
    assert_int_equal(bu_file_check(file, &error), BU_ETOUCHED);
  bu_file_release(file);
  bu_digest_release(file_digest);
  assert_int_equal(munmap(memory, MAPPED), 0);
  assert_int_equal(close(descriptor), 0);
  assert_int_equal(unlink(path), 0);
}

static void test_cancel_stops_a_hash(void **state)
{
  struct bu_exchange *exchange = exchange_of("abc", 3);

  (void)state;
  assert_false(bu_exchange_is_canceled(exchange));
  bu_exchange_cancel(exchange);
  assert_true(bu_exchange_is_canceled(exchange));
  bu_exchange_hash(exchange);
  assert_int_equal(exchange->error.code, BU_ECANCELED);
  assert_false(exchange->has_sha1);
  bu_exchange_release(exchange);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_headers),
      cmocka_unit_test(test_a_cut_head),
      cmocka_unit_test(test_when_a_hash_is_needed),
      cmocka_unit_test(test_hash_of_memory),
      cmocka_unit_test(test_parts_feed_the_digest_of_the_file),
      cmocka_unit_test(test_a_file_that_changed_is_not_hashed),
      cmocka_unit_test(test_a_file_that_was_touched_is_hashed),
      cmocka_unit_test(test_a_store_after_the_hash_is_noticed),
      cmocka_unit_test(test_cancel_stops_a_hash)};

  return RUN(tests);
}
