/* Creates a CA and a server certificate. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_CERTIFICATE_H
#define EM_CERTIFICATE_H

#include "base/base.h"

struct em_certificate {
  char *ca;    /* PEM: for clients to trust */
  char *chain; /* PEM: server certificate and CA */
  char *key;   /* PEM: the server's private key */
};

/* The certificate is valid for `host` and for the loopback addresses. */
int em_certificate_create(struct em_certificate *certificate,
                          const char *host);
void em_certificate_free(struct em_certificate *certificate);

#endif
