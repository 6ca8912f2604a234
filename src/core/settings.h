/* settings: how one client reaches the service.
 * SPDX-License-Identifier: MIT */
#ifndef BU_SETTINGS_H
#define BU_SETTINGS_H

#include "error.h"
#include "origin.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct curl_slist;

/* Constant from the first submit on, except what is shared.
 * Reference-counted. */
struct bu_settings {
  char *ca_file; /* NULL: the system's */
  char *proxy;   /* NULL: as the environment says */
  char *user_agent;
  struct curl_slist *headers; /* of every request with a token */
  struct bu_origins *origins;
  double connect_timeout; /* seconds */
  long low_speed_limit;   /* bytes a second ... */
  long low_speed_time;    /* ... for so many seconds is a stall */
  double reply_timeout;   /* seconds, see reply.h */
  size_t reply_limit;     /* bytes of a reply's body */
  int http2;
  int has_password_in_environment; /* for a proxy that the environment names */
  int nice; /* of the threads; the settings that start them decide */
  unsigned references; /* atomic */
  pthread_mutex_t lock;
  struct {
    char *token;             /* or NULL */
    double backed_off_until; /* by bu_now */
    int proxy_accepted;      /* it let something pass */
    int proxy_refused;       /* it won't be asked again */
  } shared;                  /* under the lock */
};

struct bu_settings *bu_settings_new(void); /* the defaults, or NULL */
struct bu_settings *bu_settings_acquire(struct bu_settings *settings);
void bu_settings_release(struct bu_settings *settings); /* NULL is fine */

/* BU_ECAFILE for a file of authorities that can't be one, such as a pipe,
 * whose reading would never end. One that is missing is left to libcurl. */
int bu_settings_check_ca_file(const struct bu_settings *settings,
                              struct bu_error *error);

/* What is slow enough for a stall, in bytes a second; 0: nothing is. Far below
 * what a limit (0: none) lets one sender send, whose pauses are our own. */
long bu_settings_stall_speed(const struct bu_settings *settings,
                             int64_t bytes_per_second);

/* No exchange with these settings begins before that time (by bu_now); those
 * on the network go on. For a service that asks for a pause. An earlier time
 * than was set before changes nothing. */
void bu_settings_back_off(struct bu_settings *settings, double until);
double bu_settings_backed_off_until(struct bu_settings *settings);

/* Notes that the proxy refused the sign-in: another try with the same password
 * could lock the account. No exchange with these settings begins then. */
void bu_settings_refuse_proxy(struct bu_settings *settings);
int bu_settings_is_proxy_refused(struct bu_settings *settings);
/* Notes that there was an answer other than a refusal. */
void bu_settings_accept_proxy(struct bu_settings *settings);
/* Whether a password for a proxy is still to be tried, by one exchange. */
int bu_settings_has_untried_password(struct bu_settings *settings);

/* The token of all requests that begin from now on, also of those that wait in
 * the engine; NULL for none. BU_EINVALID for one that can't be in a header. */
int bu_settings_set_token(struct bu_settings *settings, const char *token,
                          struct bu_error *error);
/* A copy to be freed. NULL with *error clear when there is none, with *error
 * filled when out of memory. */
char *bu_settings_token(struct bu_settings *settings, struct bu_error *error);

#endif
