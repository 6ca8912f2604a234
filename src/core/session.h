/* session: a Box upload session, its parts and its requests.
 * SPDX-License-Identifier: MIT */
#ifndef BU_SESSION_H
#define BU_SESSION_H

#include "error.h"
#include "request.h"
#include "semaphore.h"

#include <stdint.h>

/* The URLs that the service gave in `session_endpoints`. */
enum bu_endpoint {
  BU_UPLOAD_PART,
  BU_LIST_PARTS,
  BU_STATUS,
  BU_COMMIT,
  BU_ABORT,
  BU_PLAN,
  BU_ENDPOINTS
};

#define BU_SIZE_UNKNOWN (-1)

struct bu_session {
  int64_t file_size; /* bytes, or BU_SIZE_UNKNOWN: no parts can be sent */
  int64_t part_size; /* bytes; Box chooses it */
  int64_t total_parts;
  char *urls[BU_ENDPOINTS]; /* NULL where the service gave none */
  struct bu_semaphore *semaphore;
};

/* Box's field name of an endpoint: "upload_part", ... */
const char *bu_endpoint_name(enum bu_endpoint endpoint);

/* BU_EINVALID unless the parts cover the file exactly: part_size * total_parts
 * >= file_size > part_size * (total_parts - 1). */
int bu_session_init(struct bu_session *session, int64_t file_size,
                    int64_t part_size, int64_t total_parts,
                    struct bu_error *error);
void bu_session_free(struct bu_session *session);
int bu_session_set_url(struct bu_session *session, enum bu_endpoint endpoint,
                       const char *url, struct bu_error *error);

/* The length of the part at this offset, or -1 with *error filled where no
 * part begins. */
int64_t bu_session_part(const struct bu_session *session, int64_t offset,
                        struct bu_error *error);

/* Each makes a request that the caller frees or submits, or returns a code
 * with *error filled and nothing to free. */

/* PUT of the part at offset; the caller sets the body, which must have the
 * part's length. */
int bu_session_upload(const struct bu_session *session, int64_t offset,
                      struct bu_request *request, struct bu_error *error);
/* GET of a page of the stored parts; -1 leaves offset or limit out. */
int bu_session_parts(const struct bu_session *session, int64_t offset,
                     int64_t limit, struct bu_request *request,
                     struct bu_error *error);
int bu_session_status(const struct bu_session *session,
                      struct bu_request *request, struct bu_error *error);
struct bu_commit {
  const unsigned char *sha1; /* of the whole file, binary */
  const char *if_match;      /* an etag, or NULL */
  const char *if_none_match; /* an etag, or NULL */
  const char *fields;        /* of the file in the reply, comma-separated; or
                                NULL */
};

/* The caller sets the JSON body. */
int bu_session_commit(const struct bu_session *session,
                      const struct bu_commit *commit,
                      struct bu_request *request, struct bu_error *error);
int bu_session_abort(const struct bu_session *session,
                     struct bu_request *request, struct bu_error *error);
/* The caller sets the JSON body. */
int bu_session_plan(const struct bu_session *session,
                    struct bu_request *request, struct bu_error *error);

#endif
