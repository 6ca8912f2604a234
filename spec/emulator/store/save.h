/* Saves an upload as a new file or a new version. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_SAVE_H
#define EM_SAVE_H

#include "base/base.h"
#include "config/option.h"
#include "store/store.h"

/* What the client said about the file. The strings belong to the caller. */
struct em_attributes {
  const char *name;          /* NULL: none given */
  const char *description;   /* NULL: none given */
  time_t content_created_at; /* -1: none given */
  time_t content_modified_at;
};

/* A finished upload. */
struct em_finished_upload {
  struct em_destination destination;
  struct em_attributes attributes;
  const char *user;
  const char *path; /* of the uploaded bytes; renamed */
  const char *sha1;
  int64_t size;
  int64_t part_size;
  const struct em_settings *settings;
  const char *if_match; /* NULL: none given */
  const char *if_none_match;
};

/* `out` is the saved file, or the item that already has the name. */
enum em_store_result em_store_save(struct em_store *store,
                                   const struct em_finished_upload *upload,
                                   json_t **out);

#endif
