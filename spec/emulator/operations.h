/* The functions behind the table of operations. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_OPERATIONS_H
#define EM_OPERATIONS_H

#include "base.h"

/* oauth.c */
void em_token_finish(struct em_request *request);
void em_revoke_finish(struct em_request *request);

/* folder.c */
void em_get_folder_finish(struct em_request *request);
void em_get_items_finish(struct em_request *request);
void em_create_folder_finish(struct em_request *request);

/* file.c */
void em_get_file_finish(struct em_request *request);
void em_delete_file_finish(struct em_request *request);
void em_download_finish(struct em_request *request);
void em_get_user_finish(struct em_request *request);

/* preflight.c */
void em_preflight_finish(struct em_request *request);

/* create.c */
void em_create_begin(struct em_request *request);
void em_create_finish(struct em_request *request);

/* status.c */
void em_get_session_finish(struct em_request *request);
void em_list_parts_finish(struct em_request *request);
void em_abort_finish(struct em_request *request);
void em_log_finish(struct em_request *request);

/* part.c */
void em_part_begin(struct em_request *request);
void em_part_data(struct em_request *request, const char *bytes, size_t size);
void em_part_finish(struct em_request *request);
void em_part_forget(struct em_request *request);

/* commit.c */
void em_commit_begin(struct em_request *request);
void em_commit_finish(struct em_request *request);

/* plan.c */
void em_plan_finish(struct em_request *request);

/* upload.c */
void em_upload_begin(struct em_request *request);
void em_upload_data(struct em_request *request, const char *bytes,
                    size_t size);
void em_upload_finish(struct em_request *request);
void em_upload_forget(struct em_request *request);

/* control.c */
void em_control_finish(struct em_request *request);

#endif
