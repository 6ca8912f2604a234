/* Rules for the names of files and folders. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_NAME_H
#define EM_NAME_H

#include "base/base.h"

#define EM_NAME_MAX 255 /* characters, not bytes */

enum em_name_result { EM_NAME_OK, EM_NAME_INVALID, EM_NAME_TOO_LONG };

enum em_name_result em_name_check(const char *name);

/* Returns a copy in Unicode's normalization form C. Composes the letters of
   Latin-1 only. */
char *em_name_compose(const char *name);

/* Returns a copy for comparing names without regard to case. */
char *em_name_fold(const char *name);

#endif
