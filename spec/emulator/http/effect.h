/* Applies faults to requests. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_EFFECT_H
#define EM_EFFECT_H

#include "base/base.h"

enum em_effect {
  EM_EFFECT_CONTINUE, /* go on normally */
  EM_EFFECT_REPLY,    /* reply now, before reading the body */
  EM_EFFECT_CLOSE     /* close the connection */
};

/* Called after the headers, for each piece of the body, after the body, and
   before the reply is sent. em_effect_begin may set the reply. */
enum em_effect em_effect_begin(struct em_request *request);
enum em_effect em_effect_data(struct em_request *request);
enum em_effect em_effect_end(struct em_request *request);
enum em_effect em_effect_reply(struct em_request *request);

#endif
