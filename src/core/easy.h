/* easy: an exchange on the network, as a libcurl easy handle.
 * SPDX-License-Identifier: MIT */
#ifndef BU_EASY_H
#define BU_EASY_H

#include "exchange.h"
#include "pace.h"

#include <curl/curl.h>

/* Everything here is for the I/O thread alone. */
struct bu_easy;

/* Makes exchange->easy, ready for curl_multi_add_handle, to send by the pace,
 * which will be about so many bytes a second (0: no limit). NULL with
 * exchange->error filled; close it all the same. */
CURL *bu_easy_open(struct bu_exchange *exchange, struct bu_pace *pace,
                   int64_t bytes_per_second);

CURL *bu_easy_handle(const struct bu_easy *easy);
/* The exchange that the handle was made for. */
struct bu_exchange *bu_easy_exchange(CURL *handle);

/* What the pace will be for one under way; 0: no limit. */
void bu_easy_limit_speed(struct bu_easy *easy, int64_t bytes_per_second);

/* Whether its reply has taken too long, see bu_reply_is_late. */
int bu_easy_is_late(struct bu_easy *easy, double now, double *wake);

/* Fills status, seconds and reached, or error, and frees exchange->easy. The
 * handle must not be in a multi any more. */
void bu_easy_close(struct bu_exchange *exchange, CURLcode result);

#endif
