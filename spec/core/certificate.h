/* certificate: a key and a certificate of its own, for a TLS server.
 * SPDX-License-Identifier: MIT */
#ifndef SPEC_CERTIFICATE_H
#define SPEC_CERTIFICATE_H

#define CERTIFICATE_PEM_MAX 4096

/* Both in PEM. */
struct certificate {
  char key[CERTIFICATE_PEM_MAX];
  char chain[CERTIFICATE_PEM_MAX];
};

/* Signed by itself; valid from and until so many seconds after now, for the
 * names of an OpenSSL subjectAltName such as "IP:127.0.0.1". NULL: for nobody,
 * by any name. */
void certificate_make(struct certificate *certificate, long from, long until,
                      const char *names);

#endif
