/* check: what the unit tests share.
 * SPDX-License-Identifier: MIT */
#ifndef SPEC_CHECK_H
#define SPEC_CHECK_H

/* cmocka's header wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Runs a file's tests; a hang ends the process, which counts as a failure. */
#define RUN(tests) (check_watchdog(), cmocka_run_group_tests(tests, 0, 0))
void check_watchdog(void);

#define CHECK_PATH_MAX 64

/* A new temporary file with these bytes; path has CHECK_PATH_MAX of room. */
void check_file(char *path, const void *data, size_t length);
/* Replaces the bytes of a file, in place. */
void check_write(const char *path, const void *data, size_t length);

/* Bytes that look random and are the same each time. */
void check_fill(unsigned char *data, size_t length, unsigned seed);

/* The hex SHA-1 by another way than the code under test. */
void check_sha1(char hex[41], const void *data, size_t length);

/* Whether a descriptor can be read from now. */
int check_readable(int descriptor);

#endif
