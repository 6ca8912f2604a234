/* settings: how one client reaches the service.
 * SPDX-License-Identifier: MIT */
#ifndef BU_SETTINGS_H
#define BU_SETTINGS_H

#include "error.h"
#include "origin.h"

#include <stddef.h>

struct curl_slist;

/* Written before the first submit and constant from then on; only the token
 * changes, under a lock of its own. Reference-counted. */
struct bu_settings {
  char *ca_file; /* NULL: the system's */
  char *proxy;   /* NULL: as the environment says */
  char *user_agent;
  struct curl_slist *headers; /* sent with every request */
  struct bu_origins *origins;
  double connect_timeout; /* seconds */
  long low_speed_limit;   /* bytes a second ... */
  long low_speed_time;    /* ... for so many seconds is a stall */
  size_t reply_limit;     /* bytes of a reply's body */
  int http2;
  int nice; /* of the threads, if these settings are those that start them */
  struct bu_settings_private *hidden;
};

struct bu_settings *bu_settings_new(void); /* the defaults, or NULL */
struct bu_settings *bu_settings_acquire(struct bu_settings *settings);
void bu_settings_release(struct bu_settings *settings); /* NULL is fine */

/* No exchange with these settings begins before then, by bu_now; those on
 * the network go on. For a service that asks to be left alone. A later time
 * stays. */
void bu_settings_back_off(struct bu_settings *settings, double until);
double bu_settings_backed_off_until(struct bu_settings *settings);

/* Replaces *field by a copy of value (NULL: none). 0 or BU_EMEMORY. */
int bu_settings_copy(char **field, const char *value);

/* The token that requests carry from now on, those that wait in the engine
 * too; NULL for none. BU_EINVALID for bytes that no header may have. */
int bu_settings_set_token(struct bu_settings *settings, const char *token,
                          struct bu_error *error);
/* A copy to be freed, or NULL when there is none (*error is clear) or no
 * memory (*error is filled). */
char *bu_settings_token(struct bu_settings *settings, struct bu_error *error);

#endif
