/* A request: its state, headers and query. */
/* SPDX-License-Identifier: MIT */
#include "http/request.h"

const char *em_request_header(struct em_request *request, const char *name)
{
  return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND,
                                     name);
}

const char *em_request_query(struct em_request *request, const char *name)
{
  return MHD_lookup_connection_value(request->connection,
                                     MHD_GET_ARGUMENT_KIND, name);
}

void em_request_cleanup(struct em_request *request)
{
  if(request->operation && request->operation->cleanup)
    request->operation->cleanup(request);
}
