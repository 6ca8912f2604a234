/* session_test: the parts of a session, and its requests.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "digest.h"
#include "session.h"

#include <curl/curl.h>
#include <string.h>

#define BASE "https://upload.box.com/api/2.0/files/upload_sessions/ABC"

/* 10 bytes in parts of 4: 4, 4, 2. */
static void begin(struct bu_session *session)
{
  struct bu_error error;
  int i;

  assert_int_equal(bu_session_init(session, 10, 4, 3, &error), BU_OK);
  for(i = 0; i < BU_ENDPOINTS; i++)
    assert_int_equal(
        bu_session_set_url(session, (enum bu_endpoint)i, BASE, &error),
        BU_OK);
}

static void assert_request(const struct bu_request *request,
                           const char *method, const char *url)
{
  assert_string_equal(request->method, method);
  assert_string_equal(request->url, url);
  assert_true(request->authorize);
}

static void assert_header(const struct bu_request *request, const char *line)
{
  const struct curl_slist *at;

  for(at = request->headers; at; at = at->next) {
    if(strcmp(at->data, line) == 0)
      return;
  }
  fail_msg("no header \"%s\"", line);
}

static void test_good_grids(void **state)
{
  static const int64_t grids[][3] = {{1, 1, 1},
                                     {1, 8388608, 1},
                                     {8388608, 8388608, 1},
                                     {8388609, 8388608, 2},
                                     {20000000, 8388608, 3},
                                     {(int64_t)5 << 40, 536870912, 10240},
                                     {(int64_t)1 << 53, (int64_t)1 << 53, 1},
                                     {(int64_t)1 << 53, 1, (int64_t)1 << 53}};
  struct bu_session session;
  struct bu_error error;
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(grids) / sizeof(grids[0]); i++) {
    assert_int_equal(bu_session_init(&session, grids[i][0], grids[i][1],
                                     grids[i][2], &error),
                     BU_OK);
    bu_session_free(&session);
  }
}

static void test_bad_grids(void **state)
{
  static const int64_t grids[][3] = {
      {0, 4, 0},
      {0, 4, 1},
      {-2, 4, 1},
      {10, 0, 1},
      {10, -4, 3},
      {10, 4, 2},
      {10, 4, 4},
      {10, 4, 0},
      {10, 4, -3},
      {8, 4, 3},
      {10, INT64_MAX, 1},
      {10, INT64_MIN, 1},
      {INT64_MAX, 1, INT64_MAX},
      {10, (int64_t)1 << 53, INT64_MAX},
      {((int64_t)1 << 53) + 1, 1, ((int64_t)1 << 53) + 1}};
  struct bu_session session;
  struct bu_error error;
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(grids) / sizeof(grids[0]); i++) {
    assert_int_equal(bu_session_init(&session, grids[i][0], grids[i][1],
                                     grids[i][2], &error),
                     BU_EINVALID);
    bu_session_free(&session);
  }
}

static void test_parts_of_the_grid(void **state)
{
  static const int64_t none[] = {-4, -1, 1,         3,        5,
                                 10, 12, INT64_MAX, INT64_MIN};
  struct bu_session session;
  struct bu_error error;
  size_t i;

  (void)state;
  begin(&session);
  assert_int_equal(bu_session_part(&session, 0, &error), 4);
  assert_int_equal(bu_session_part(&session, 4, &error), 4);
  assert_int_equal(bu_session_part(&session, 8, &error), 2);
  for(i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
    assert_int_equal(bu_session_part(&session, none[i], &error), -1);
    assert_int_equal(error.code, BU_EINVALID);
  }
  bu_session_free(&session);
}

static void test_upload(void **state)
{
  struct bu_session session;
  struct bu_request request;
  struct bu_error error;

  (void)state;
  begin(&session);
  assert_int_equal(bu_session_upload(&session, 4, &request, &error), BU_OK);
  assert_request(&request, "PUT", BASE);
  assert_header(&request, "Content-Range: bytes 4-7/10");
  assert_header(&request, "Content-Type: application/octet-stream");
  assert_int_equal(request.digest_header, BU_DIGEST_SHA);
  bu_request_free(&request);
  assert_int_equal(bu_session_upload(&session, 8, &request, &error), BU_OK);
  assert_header(&request, "Content-Range: bytes 8-9/10");
  bu_request_free(&request);
  assert_int_equal(bu_session_upload(&session, 5, &request, &error),
                   BU_EINVALID);
  bu_session_free(&session);
}

/* As after opening a session by its id alone: it has a status and a list of
 * parts, but can't take parts. */
static void test_a_file_of_unknown_size(void **state)
{
  struct bu_session session;
  struct bu_request request;
  struct bu_error error;

  (void)state;
  assert_int_equal(bu_session_init(&session, BU_SIZE_UNKNOWN, 4, 3, &error),
                   BU_OK);
  assert_int_equal(bu_session_part(&session, 0, &error), -1);
  assert_int_equal(error.code, BU_EINVALID);
  assert_int_equal(bu_session_upload(&session, 0, &request, &error),
                   BU_EINVALID);
  bu_session_free(&session);
  assert_int_equal(bu_session_init(&session, BU_SIZE_UNKNOWN, 0, 3, &error),
                   BU_EINVALID);
  bu_session_free(&session);
}

static void assert_parts_url(const struct bu_session *session, int64_t offset,
                             int64_t limit, const char *url)
{
  struct bu_request request;
  struct bu_error error;

  assert_int_equal(bu_session_parts(session, offset, limit, &request, &error),
                   BU_OK);
  assert_request(&request, "GET", url);
  bu_request_free(&request);
}

static void test_parts(void **state)
{
  struct bu_session session;
  struct bu_error error;

  (void)state;
  begin(&session);
  assert_parts_url(&session, -1, -1, BASE);
  assert_parts_url(&session, 0, -1, BASE "?offset=0");
  assert_parts_url(&session, -1, 5, BASE "?limit=5");
  assert_parts_url(&session, 7, 1000, BASE "?offset=7&limit=1000");
  assert_int_equal(
      bu_session_set_url(&session, BU_LIST_PARTS, BASE "?a=b", &error),
      BU_OK);
  assert_parts_url(&session, 7, 1000, BASE "?a=b&offset=7&limit=1000");
  assert_parts_url(&session, -1, -1, BASE "?a=b");
  bu_session_free(&session);
}

static void test_commit(void **state)
{
  struct bu_session session;
  struct bu_request request;
  struct bu_error error;
  unsigned char sha1[BU_SHA1_SIZE] = {0};
  struct bu_commit commit = {sha1, "\"3\"", NULL, NULL};

  (void)state;
  begin(&session);
  assert_int_equal(bu_session_commit(&session, &commit, &request, &error),
                   BU_OK);
  assert_request(&request, "POST", BASE);
  assert_header(&request, "Digest: sha=AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
  assert_header(&request, "Content-Type: application/json");
  assert_header(&request, "If-Match: \"3\"");
  bu_request_free(&request);
  commit.if_match = NULL;
  commit.if_none_match = "\"4\"";
  commit.fields = "id,sha1";
  assert_int_equal(bu_session_commit(&session, &commit, &request, &error),
                   BU_OK);
  assert_request(&request, "POST", BASE "?fields=id,sha1");
  assert_int_equal(request.reply_limit, 256 << 10);
  assert_header(&request, "If-None-Match: \"4\"");
  bu_request_free(&request);
  commit.if_match = "3\r\nX: y";
  assert_int_equal(bu_session_commit(&session, &commit, &request, &error),
                   BU_EINVALID);
  bu_session_free(&session);
}

static void test_the_others(void **state)
{
  struct bu_session session;
  struct bu_request request;
  struct bu_error error;

  (void)state;
  begin(&session);
  assert_int_equal(bu_session_status(&session, &request, &error), BU_OK);
  assert_request(&request, "GET", BASE);
  bu_request_free(&request);
  assert_int_equal(bu_session_abort(&session, &request, &error), BU_OK);
  assert_request(&request, "DELETE", BASE);
  bu_request_free(&request);
  assert_int_equal(bu_session_plan(&session, &request, &error), BU_OK);
  assert_request(&request, "POST", BASE);
  assert_header(&request, "Content-Type: application/json");
  bu_request_free(&request);
  bu_session_free(&session);
}

static void test_a_url_that_the_service_did_not_give(void **state)
{
  struct bu_session session;
  struct bu_request request;
  struct bu_error error;

  (void)state;
  assert_int_equal(bu_session_init(&session, 10, 4, 3, &error), BU_OK);
  assert_int_equal(bu_session_plan(&session, &request, &error), BU_EINVALID);
  assert_non_null(strstr(error.text, "plan"));
  assert_int_equal(bu_session_set_url(&session, BU_ABORT, "a\r\nb", &error),
                   BU_OK);
  assert_int_equal(bu_session_abort(&session, &request, &error), BU_EINVALID);
  bu_session_free(&session);
  bu_session_free(&session);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_good_grids),
      cmocka_unit_test(test_bad_grids),
      cmocka_unit_test(test_parts_of_the_grid),
      cmocka_unit_test(test_a_file_of_unknown_size),
      cmocka_unit_test(test_upload),
      cmocka_unit_test(test_parts),
      cmocka_unit_test(test_commit),
      cmocka_unit_test(test_the_others),
      cmocka_unit_test(test_a_url_that_the_service_did_not_give)};

  return RUN(tests);
}
