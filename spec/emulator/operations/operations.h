/* The operations that are not uploads. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_OPERATIONS_H
#define EM_OPERATIONS_H

#include "base/base.h"

/* oauth.c */
void em_token_finish(struct em_request *request);
void em_revoke_finish(struct em_request *request);

/* folder.c */
void em_get_folder_finish(struct em_request *request);
void em_list_folder_finish(struct em_request *request);
void em_create_folder_finish(struct em_request *request);

/* file.c */
void em_get_file_finish(struct em_request *request);
void em_download_finish(struct em_request *request);
void em_get_user_finish(struct em_request *request);

/* trash.c */
void em_delete_file_finish(struct em_request *request);
void em_restore_file_finish(struct em_request *request);
void em_get_trashed_file_finish(struct em_request *request);
void em_delete_trashed_file_finish(struct em_request *request);

/* control.c */
void em_control_finish(struct em_request *request);

#endif
