/* What a fault does to the request that it fires on. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_EFFECT_H
#define EM_EFFECT_H

#include "base/base.h"

enum em_effect {
  EM_EFFECT_CONTINUE, /* as if nothing were */
  EM_EFFECT_REPLY,    /* answer now, without the body */
  EM_EFFECT_CLOSE     /* close the connection */
};

/* At the headers, at each piece of the body, at its end, and when the reply
   is made. The first may give the request its reply already. */
enum em_effect em_effect_begin(struct em_request *request);
enum em_effect em_effect_data(struct em_request *request);
enum em_effect em_effect_end(struct em_request *request);
enum em_effect em_effect_reply(struct em_request *request);

#endif
