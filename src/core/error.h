/* error: what went wrong, for the binding to pass on.
 * SPDX-License-Identifier: MIT */
#ifndef BU_ERROR_H
#define BU_ERROR_H

enum bu_code {
  BU_OK = 0,
  BU_EMEMORY,      /* out of memory */
  BU_EINVALID,     /* the caller's mistake; nothing was sent */
  BU_ESYSTEM,      /* a system call failed; see sys */
  BU_ECHANGED,     /* the source file is not what it was when it was opened */
  BU_ETOUCHED,     /* its times are others; its bytes may be the same */
  BU_ENETWORK,     /* no connection, or it broke; see curl */
  BU_ETIMEOUT,     /* connecting took too long, or bytes stopped moving */
  BU_ETLS,         /* the TLS handshake failed */
  BU_ECERTIFICATE, /* no trusted authority vouches for the server */
  BU_ECERTIFICATE_DATE, /* its certificate has expired, or isn't valid yet */
  BU_ECERTIFICATE_HOST, /* its certificate is for another host */
  BU_ECAFILE,           /* the file of trusted authorities can't be used */
  BU_EPROXY,       /* the proxy refused our user name or password, or none */
  BU_ETUNNEL,      /* the proxy doesn't let this client through to the host */
  BU_ELIMIT,       /* a reply larger than the limit set for it */
  BU_EEARLY,       /* success, answered before the whole body had left */
  BU_EUNTRUSTED,   /* the token must not go to that host */
  BU_ECANCELED,    /* by the caller, or because the engine was closed */
  BU_ELOCKED,      /* another process or another upload uses the journal */
  BU_EFORKED,      /* the engine belongs to the parent process */
  BU_ECRYPTO,      /* OpenSSL refuses; its configuration may forbid it */
  BU_EDESCRIPTORS, /* the process may open no more files and sockets */
  BU_EUNSAFE,      /* a file that others than its user may have written */
  BU_ELINK         /* a symbolic link where none is followed */
};

#define BU_ERROR_TEXT_MAX 512

struct bu_error {
  enum bu_code code;
  int sys;  /* errno, or 0 */
  int curl; /* CURLcode, or 0 */
  char text[BU_ERROR_TEXT_MAX];
};

void bu_error_clear(struct bu_error *error);

/* Fills *error and returns code, for `return bu_error_set(...)`. */
int bu_error_set(struct bu_error *error, enum bu_code code,
                 const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a failed system call: the text is "what: strerror(sys)", where
 * of a long `what` the end is left. BU_EDESCRIPTORS or BU_ESYSTEM. */
int bu_error_system(struct bu_error *error, int sys, const char *what);

/* Out of memory. */
int bu_error_memory(struct bu_error *error);
/* What belongs to the parent process was used in a child. */
int bu_error_forked(struct bu_error *error);

/* A short stable name: "network", "timeout", ... */
const char *bu_code_name(enum bu_code code);

#endif
