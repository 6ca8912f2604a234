/* origin_test: which hosts may see a bearer token.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "origin.h"

static const char *const trusted[] = {"https://proxy.example:8443/2.0",
                                      "http://127.0.0.1:9000",
                                      "https://[::1]:9000/"};

static const struct {
  enum bu_code code;
  const char *url;
} cases[] = {{BU_OK, "https://api.box.com/2.0/files/content"},
             {BU_OK, "https://box.com"},
             {BU_OK, "https://BOX.COM/"},
             {BU_OK, "https://upload.app.box.com:443/x?y#z"},
             {BU_OK, "https://fupload-ec2apne1.app.box.com/api/2.0/files"},
             {BU_OK, "https://dl.boxcloud.com/d/1"},
             {BU_OK, "https://api.box-gov.com/2.0"},
             {BU_OK, "https://proxy.example/other/path"},
             {BU_OK, "https://PROXY.example:1/"},
             {BU_OK, "http://127.0.0.1:65535/"},
             {BU_OK, "https://[::1]/"},
             {BU_EUNTRUSTED, "http://api.box.com/2.0"},
             {BU_EUNTRUSTED, "https://notbox.com/"},
             {BU_EUNTRUSTED, "https://box.com.example/"},
             {BU_EUNTRUSTED, "https://box.com-example.org/"},
             {BU_EUNTRUSTED, "https://example.org/box.com"},
             {BU_EUNTRUSTED, "https://example.org?.box.com"},
             {BU_EUNTRUSTED, "https://example.org#.box.com"},
             {BU_EUNTRUSTED, "https://example.org/@api.box.com"},
             {BU_EUNTRUSTED, "https://com/"},
             {BU_EUNTRUSTED, "http://proxy.example/"},
             {BU_EUNTRUSTED, "https://127.0.0.1:9000/"},
             {BU_EUNTRUSTED, "https://sub.proxy.example/"},
             {BU_EUNTRUSTED, "http://127.0.0.2:9000/"},
             {BU_EINVALID, "https://user@api.box.com/"},
             {BU_EINVALID, "https://api.box.com@example.org/"},
             {BU_EINVALID, "https://api.box.com:pass@example.org/"},
             {BU_EINVALID, "ftp://api.box.com/"},
             {BU_EINVALID, "file:///etc/passwd"},
             {BU_EINVALID, "https://"},
             {BU_EINVALID, "https://api.box.com:99999/"},
             {BU_EINVALID, ""}};

static void test_who_may_see_a_token(void **state)
{
  struct bu_origins *origins = bu_origins_new();
  struct bu_error error;
  size_t i;

  (void)state;
  assert_non_null(origins);
  for(i = 0; i < sizeof(trusted) / sizeof(trusted[0]); i++)
    assert_int_equal(bu_origins_add(origins, trusted[i], &error), BU_OK);
  for(i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    int code = bu_origins_check(origins, cases[i].url, &error);

    if(code != (int)cases[i].code)
      fail_msg("%s: %s, not %s", cases[i].url,
               bu_code_name((enum bu_code)code), bu_code_name(cases[i].code));
  }
  bu_origins_free(origins);
}

static void test_only_web_urls_are_trusted(void **state)
{
  static const char *const bad[] = {"", "https://", "ftp://example.org/",
                                    "https://me:secret@example.org/"};
  struct bu_origins *origins = bu_origins_new();
  struct bu_error error;
  size_t i;

  (void)state;
  for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    assert_int_equal(bu_origins_add(origins, bad[i], &error), BU_EINVALID);
  assert_int_equal(bu_origins_check(origins, "https://example.org", &error),
                   BU_EUNTRUSTED);
  bu_origins_free(origins);
  bu_origins_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_who_may_see_a_token),
      cmocka_unit_test(test_only_web_urls_are_trusted)};

  return RUN(tests);
}
