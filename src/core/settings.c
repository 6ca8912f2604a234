/* settings: how one client reaches the service.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "settings.h"

#include "compat.h"
#include "request.h"
#include "version.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void settings_destroy(struct bu_settings *settings)
{
  free(settings->ca_file);
  free(settings->proxy);
  free(settings->user_agent);
  curl_slist_free_all(settings->headers);
  bu_origins_free(settings->origins);
  if(settings->shared.token)
    OPENSSL_cleanse(settings->shared.token, strlen(settings->shared.token));
  free(settings->shared.token);
  pthread_mutex_destroy(&settings->lock);
  free(settings);
}

/* The variables that libcurl reads. */
static int settings_find_password_in_environment(void)
{
  static const char *const names[] = {"https_proxy", "HTTPS_PROXY",
                                      "http_proxy", "all_proxy", "ALL_PROXY"};
  size_t i;

  for(i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    const char *proxy = getenv(names[i]);

    if(proxy && strchr(proxy, '@'))
      return 1;
  }
  return 0;
}

struct bu_settings *bu_settings_new(void)
{
  struct bu_settings *settings = calloc(1, sizeof(*settings));

  if(!settings)
    return NULL;
  if(pthread_mutex_init(&settings->lock, NULL) != 0) {
    free(settings);
    return NULL;
  }
  settings->references = 1;
  settings->connect_timeout = 30;
  settings->low_speed_limit = 1;
  settings->low_speed_time = 60;
  settings->reply_timeout = 120;
  settings->reply_limit = 8u << 20;
  settings->has_password_in_environment =
      settings_find_password_in_environment();
  settings->origins = bu_origins_new();
  if(settings->origins && bu_string_assign(&settings->user_agent,
                                           "boxupload/" BU_VERSION) == BU_OK)
    return settings;
  settings_destroy(settings);
  return NULL;
}

struct bu_settings *bu_settings_acquire(struct bu_settings *settings)
{
  bu_ref(&settings->references);
  return settings;
}

void bu_settings_release(struct bu_settings *settings)
{
  if(settings && bu_unref(&settings->references))
    settings_destroy(settings);
}

int bu_settings_check_ca_file(const struct bu_settings *settings,
                              struct bu_error *error)
{
  struct stat status;

  if(!settings->ca_file || stat(settings->ca_file, &status) != 0 ||
     S_ISREG(status.st_mode))
    return BU_OK;
  return bu_error_set(error, BU_ECAFILE, "%.200s: not a regular file",
                      settings->ca_file);
}

long bu_settings_stall_speed(const struct bu_settings *settings,
                             int64_t bytes_per_second)
{
  if(bytes_per_second > 0 && settings->low_speed_limit > bytes_per_second / 2)
    return (long)(bytes_per_second / 2);
  return settings->low_speed_limit;
}

void bu_settings_back_off(struct bu_settings *settings, double until)
{
  bu_lock(&settings->lock);
  if(until > settings->shared.backed_off_until)
    settings->shared.backed_off_until = until;
  bu_unlock(&settings->lock);
}

double bu_settings_backed_off_until(struct bu_settings *settings)
{
  double time;

  bu_lock(&settings->lock);
  time = settings->shared.backed_off_until;
  bu_unlock(&settings->lock);
  return time;
}

void bu_settings_refuse_proxy(struct bu_settings *settings)
{
  bu_lock(&settings->lock);
  settings->shared.proxy_refused = 1;
  bu_unlock(&settings->lock);
}

int bu_settings_is_proxy_refused(struct bu_settings *settings)
{
  int is_refused;

  bu_lock(&settings->lock);
  is_refused = settings->shared.proxy_refused;
  bu_unlock(&settings->lock);
  return is_refused;
}

void bu_settings_accept_proxy(struct bu_settings *settings)
{
  bu_lock(&settings->lock);
  settings->shared.proxy_accepted = 1;
  bu_unlock(&settings->lock);
}

int bu_settings_has_untried_password(struct bu_settings *settings)
{
  int is_untried = settings->proxy ? strchr(settings->proxy, '@') != NULL
                                   : settings->has_password_in_environment;

  if(!is_untried)
    return 0;
  bu_lock(&settings->lock);
  is_untried =
      !settings->shared.proxy_accepted && !settings->shared.proxy_refused;
  bu_unlock(&settings->lock);
  return is_untried;
}

int bu_settings_set_token(struct bu_settings *settings, const char *token,
                          struct bu_error *error)
{
  int code = BU_OK;

  if(token && (!*token || !bu_header_value_is_clean(token)))
    return bu_error_set(error, BU_EINVALID,
                        "the token is empty or has a control character in "
                        "it");
  bu_lock(&settings->lock);
  if(bu_string_assign(&settings->shared.token, token) != 0)
    code = bu_error_memory(error);
  bu_unlock(&settings->lock);
  return code;
}

char *bu_settings_token(struct bu_settings *settings, struct bu_error *error)
{
  char *copy = NULL;

  bu_error_clear(error);
  bu_lock(&settings->lock);
  if(settings->shared.token &&
     bu_string_assign(&copy, settings->shared.token) != 0)
    bu_error_memory(error);
  bu_unlock(&settings->lock);
  return copy;
}
