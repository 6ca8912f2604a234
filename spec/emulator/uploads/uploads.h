/* The operations that upload. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_UPLOADS_H
#define EM_UPLOADS_H

#include "base/base.h"

/* preflight.c */
void em_preflight_finish(struct em_request *request);

/* create_session.c */
void em_create_session_begin(struct em_request *request);
void em_create_session_finish(struct em_request *request);

/* session_operations.c */
void em_get_session_finish(struct em_request *request);
void em_list_parts_finish(struct em_request *request);
void em_abort_finish(struct em_request *request);
void em_log_event_finish(struct em_request *request);

/* upload_part.c */
void em_upload_part_begin(struct em_request *request);
void em_upload_part_data(struct em_request *request, const char *bytes,
                         size_t size);
void em_upload_part_finish(struct em_request *request);
void em_upload_part_cleanup(struct em_request *request);

/* commit.c */
void em_commit_begin(struct em_request *request);
void em_commit_finish(struct em_request *request);

/* plan.c */
void em_plan_finish(struct em_request *request);

/* direct_upload.c */
void em_direct_upload_begin(struct em_request *request);
void em_direct_upload_data(struct em_request *request, const char *bytes,
                           size_t size);
void em_direct_upload_finish(struct em_request *request);
void em_direct_upload_cleanup(struct em_request *request);

#endif
