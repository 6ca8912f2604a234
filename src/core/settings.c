/* settings: how one client reaches the service.
 * SPDX-License-Identifier: MIT */
#include "settings.h"

#include "compat.h"
#include "request.h"
#include "version.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

struct bu_settings_private {
  unsigned references;
  pthread_mutex_t lock;
  struct {
    char *token;
    double held; /* until then */
  } shared;      /* under the lock */
};

static void hidden_free(struct bu_settings_private *hidden)
{
  if(!hidden)
    return;
  if(hidden->shared.token)
    OPENSSL_cleanse(hidden->shared.token, strlen(hidden->shared.token));
  free(hidden->shared.token);
  (void)pthread_mutex_destroy(&hidden->lock);
  free(hidden);
}

static struct bu_settings_private *hidden_new(void)
{
  struct bu_settings_private *hidden = calloc(1, sizeof(*hidden));

  if(!hidden)
    return NULL;
  if(pthread_mutex_init(&hidden->lock, NULL) != 0) {
    free(hidden);
    return NULL;
  }
  hidden->references = 1;
  return hidden;
}

static void destroy(struct bu_settings *settings)
{
  free(settings->ca_file);
  free(settings->proxy);
  free(settings->user_agent);
  curl_slist_free_all(settings->headers);
  bu_origins_free(settings->origins);
  hidden_free(settings->hidden);
  free(settings);
}

struct bu_settings *bu_settings_new(void)
{
  struct bu_settings *settings = calloc(1, sizeof(*settings));

  if(!settings)
    return NULL;
  settings->connect_timeout = 30;
  settings->low_speed_limit = 1;
  settings->low_speed_time = 60;
  settings->reply_limit = 8u << 20;
  settings->hidden = hidden_new();
  settings->origins = bu_origins_new();
  if(settings->hidden && settings->origins &&
     bu_settings_copy(&settings->user_agent, "boxupload/" BU_VERSION) ==
         BU_OK)
    return settings;
  destroy(settings);
  return NULL;
}

struct bu_settings *bu_settings_acquire(struct bu_settings *settings)
{
  bu_ref(&settings->hidden->references);
  return settings;
}

void bu_settings_release(struct bu_settings *settings)
{
  if(settings && bu_unref(&settings->hidden->references))
    destroy(settings);
}

void bu_settings_back_off(struct bu_settings *settings, double until)
{
  struct bu_settings_private *hidden = settings->hidden;

  bu_lock(&hidden->lock);
  if(until > hidden->shared.held)
    hidden->shared.held = until;
  bu_unlock(&hidden->lock);
}

double bu_settings_backed_off_until(struct bu_settings *settings)
{
  struct bu_settings_private *hidden = settings->hidden;
  double held;

  bu_lock(&hidden->lock);
  held = hidden->shared.held;
  bu_unlock(&hidden->lock);
  return held;
}

int bu_settings_copy(char **field, const char *value)
{
  char *copy = NULL;

  if(value) {
    copy = strdup(value);
    if(!copy)
      return BU_EMEMORY;
  }
  free(*field);
  *field = copy;
  return BU_OK;
}

int bu_settings_set_token(struct bu_settings *settings, const char *token,
                          struct bu_error *error)
{
  struct bu_settings_private *hidden = settings->hidden;
  int code = BU_OK;

  if(token && (!*token || !bu_header_value_is_clean(token)))
    return bu_error_set(error, BU_EINVALID,
                        "the token is empty or has a control character in "
                        "it");
  bu_lock(&hidden->lock);
  if(bu_settings_copy(&hidden->shared.token, token) != BU_OK)
    code = bu_error_memory(error);
  bu_unlock(&hidden->lock);
  return code;
}

char *bu_settings_token(struct bu_settings *settings, struct bu_error *error)
{
  struct bu_settings_private *hidden = settings->hidden;
  char *copy = NULL;

  bu_error_clear(error);
  bu_lock(&hidden->lock);
  if(hidden->shared.token &&
     bu_settings_copy(&copy, hidden->shared.token) != BU_OK)
    (void)bu_error_memory(error);
  bu_unlock(&hidden->lock);
  return copy;
}
