/* error: what went wrong, for the binding to pass on.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "error.h"

#include "compat.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void bu_error_clear(struct bu_error *error)
{
  memset(error, 0, sizeof(*error));
}

int bu_error_set(struct bu_error *error, enum bu_code code,
                 const char *format, ...)
{
  va_list arguments;

  bu_error_clear(error);
  error->code = code;
  va_start(arguments, format);
  (void)vsnprintf(error->text, sizeof(error->text), format, arguments);
  va_end(arguments);
  return code;
}

int bu_error_system(struct bu_error *error, int sys, const char *what)
{
  const size_t most = 300; /* bytes of `what` */
  size_t length = strlen(what);
  char text[128];

  if(length > most)
    what += length - most;
  bu_strerror(sys, text, sizeof(text));
  bu_error_set(error,
               sys == EMFILE || sys == ENFILE ? BU_EDESCRIPTORS : BU_ESYSTEM,
               "%s%s: %s", length > most ? "..." : "", what, text);
  error->sys = sys;
  return (int)error->code;
}

int bu_error_memory(struct bu_error *error)
{
  return bu_error_set(error, BU_EMEMORY, "out of memory");
}

int bu_error_forked(struct bu_error *error)
{
  return bu_error_set(error, BU_EFORKED,
                      "this client was made before a fork: make a new one in "
                      "the child process");
}

const char *bu_code_name(enum bu_code code)
{
  switch(code) {
  case BU_OK:
    return "ok";
  case BU_EMEMORY:
    return "memory";
  case BU_EINVALID:
    return "invalid";
  case BU_ESYSTEM:
    return "system";
  case BU_ECHANGED:
    return "changed";
  case BU_ETOUCHED:
    return "touched";
  case BU_ENETWORK:
    return "network";
  case BU_ETIMEOUT:
    return "timeout";
  case BU_ETLS:
    return "tls";
  case BU_ECERTIFICATE:
    return "certificate";
  case BU_ECERTIFICATE_DATE:
    return "certificate_date";
  case BU_ECERTIFICATE_HOST:
    return "certificate_host";
  case BU_ECAFILE:
    return "ca_file";
  case BU_EPROXY:
    return "proxy_auth";
  case BU_ETUNNEL:
    return "proxy_refused";
  case BU_ELIMIT:
    return "limit";
  case BU_EEARLY:
    return "early_reply";
  case BU_EUNTRUSTED:
    return "untrusted";
  case BU_ECANCELED:
    return "canceled";
  case BU_ELOCKED:
    return "locked";
  case BU_EFORKED:
    return "forked";
  case BU_ECRYPTO:
    return "crypto";
  case BU_EDESCRIPTORS:
    return "descriptors";
  case BU_EUNSAFE:
    return "unsafe_state";
  case BU_ELINK:
    return "symbolic_link";
  }
  return "unknown";
}
