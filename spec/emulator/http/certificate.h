/* An own CA and a server certificate, made at each start. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_CERTIFICATE_H
#define EM_CERTIFICATE_H

#include "base/base.h"

struct em_certificate {
  char *ca;    /* PEM: what clients trust */
  char *chain; /* PEM: server certificate and CA */
  char *key;   /* PEM: of the server certificate */
};

/* `host` is an address or a name beside the loopback ones. */
int em_certificate_create(struct em_certificate *certificate,
                          const char *host);
void em_certificate_free(struct em_certificate *certificate);

#endif
