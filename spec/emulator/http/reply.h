/* Builds and sends the reply to a request. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_REPLY_H
#define EM_REPLY_H

#include "base/base.h"

#include <microhttpd.h>

#define EM_REPLY_HEADERS 24

struct em_reply {
  unsigned int status; /* 0: none yet */
  json_t *json;        /* the body, unless text or file is */
  char *text;
  size_t text_size;
  int file; /* -1: none */
  int64_t file_offset;
  int64_t file_size;
  int64_t truncate_at; /* -1: never; bytes of the body */
  struct {
    char *name;
    char *value;
  } headers[EM_REPLY_HEADERS];
  size_t header_count;
};

void em_reply_init(struct em_reply *reply);
void em_reply_clear(struct em_reply *reply);

/* Each replaces the status and the body, and takes over `json`, `text` or
   `file`. */
void em_reply_json(struct em_reply *reply, unsigned int status, json_t *json);
void em_reply_text(struct em_reply *reply, unsigned int status, char *text,
                   size_t size);
void em_reply_empty(struct em_reply *reply, unsigned int status);
void em_reply_file(struct em_reply *reply, unsigned int status, int file,
                   int64_t offset, int64_t size);

/* Sets a header, replacing one with the same name. */
void em_reply_header(struct em_reply *reply, const char *name,
                     const char *format, ...) EM_PRINTF(3, 4);

/* Turns a JSON body into text. */
int em_reply_serialize(struct em_reply *reply);

/* Queues the reply, and hands its body over to libmicrohttpd. */
enum MHD_Result em_reply_send(struct em_reply *reply,
                              struct MHD_Connection *connection);

#endif
