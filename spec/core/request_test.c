/* request_test: what may be in a request.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "request.h"

#include <curl/curl.h>

#define URL "https://api.box.com/2.0"

static void test_copies_method_and_url(void **state)
{
  struct bu_request request;
  struct bu_error error;
  char url[] = URL;

  (void)state;
  assert_int_equal(bu_request_init(&request, "GET", url, &error), BU_OK);
  url[0] = 'x';
  assert_string_equal(request.method, "GET");
  assert_string_equal(request.url, URL);
  assert_true(request.authorize);
  assert_false(request.has_body);
  assert_null(request.headers);
  bu_request_free(&request);
  assert_null(request.url);
  bu_request_free(&request);
}

static void test_refuses_bad_methods_and_urls(void **state)
{
  static const char *const methods[] = {"", "G ET", "GET\r\n", "GET/",
                                        "\x80"};
  static const char *const urls[] = {"",         URL "\r\nX: y", URL "\n",
                                     URL "/a b", URL "/\x01",    URL "/\x7f"};
  struct bu_request request;
  struct bu_error error;
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
    assert_int_equal(bu_request_init(&request, methods[i], URL, &error),
                     BU_EINVALID);
  for(i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
    assert_int_equal(bu_request_init(&request, "GET", urls[i], &error),
                     BU_EINVALID);
}

static void test_headers_keep_their_order(void **state)
{
  struct bu_request request;
  struct bu_error error;

  (void)state;
  assert_int_equal(bu_request_init(&request, "PUT", URL, &error), BU_OK);
  assert_int_equal(bu_request_header(&request, "If-Match", "\"1\"", &error),
                   BU_OK);
  assert_int_equal(bu_request_header(&request, "X-Empty", "", &error), BU_OK);
  assert_int_equal(bu_request_header(&request, "X-Utf8", "\xc3\xa9", &error),
                   BU_OK);
  assert_string_equal(request.headers->data, "If-Match: \"1\"");
  assert_string_equal(request.headers->next->data, "X-Empty;");
  assert_string_equal(request.headers->next->next->data, "X-Utf8: \xc3\xa9");
  bu_request_free(&request);
}

static void test_nobody_smuggles_a_header_in(void **state)
{
  static const char *const names[] = {"",     "a b",      "a:b", "a\r\nb",
                                      "a\tb", "\xc3\xa9", "a;",  "(a)"};
  static const char *const values[] = {"x\r\ny: z", "x\ny", "x\r",
                                       "\x01",      "x\ty", "\x7f"};
  struct curl_slist *headers = NULL;
  struct bu_error error;
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    assert_int_equal(bu_header_append(&headers, names[i], "x", &error),
                     BU_EINVALID);
  for(i = 0; i < sizeof(values) / sizeof(values[0]); i++)
    assert_int_equal(bu_header_append(&headers, "X", values[i], &error),
                     BU_EINVALID);
  assert_null(headers);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_copies_method_and_url),
      cmocka_unit_test(test_refuses_bad_methods_and_urls),
      cmocka_unit_test(test_headers_keep_their_order),
      cmocka_unit_test(test_nobody_smuggles_a_header_in)};

  return RUN(tests);
}
