/* Names of files and folders: which are allowed, which are the same. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_NAME_H
#define EM_NAME_H

#include "base/base.h"

#define EM_NAME_MAX 255 /* characters, not bytes */

enum em_name_result { EM_NAME_OK, EM_NAME_INVALID, EM_NAME_TOO_LONG };

enum em_name_result em_name_check(const char *name);

/* A copy in which names that differ only in case are equal. */
char *em_name_fold(const char *name);

#endif
