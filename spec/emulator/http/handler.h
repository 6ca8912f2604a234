/* Handles a request, from its headers to its reply. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_HANDLER_H
#define EM_HANDLER_H

#include "base/base.h"
#include "http/request.h"

struct em_request *em_handler_open(struct em_emulator *emulator,
                                   enum em_listener_id listener,
                                   struct MHD_Connection *connection,
                                   const char *path, const char *method);
void em_handler_close(struct em_request *request);

/* Called in this order. MHD_NO closes the connection. */
enum MHD_Result em_handler_headers(struct em_request *request);
enum MHD_Result em_handler_data(struct em_request *request, const char *bytes,
                                size_t size);
enum MHD_Result em_handler_end(struct em_request *request);

#endif
