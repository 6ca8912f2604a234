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

/* Runs a file's tests. A test that hangs ends the process, and fails. */
#define RUN(tests) (check_watchdog(), cmocka_run_group_tests(tests, 0, 0))
void check_watchdog(void);

#define CHECK_PATH_MAX 64

/* A new temporary file with these bytes; path has CHECK_PATH_MAX of room. */
void check_file(char *path, const void *data, size_t length);
/* A new temporary folder, with the same room for its path. 0, or -1. */
int check_folder(char *path);
/* Replaces the bytes of a file, in place. */
void check_write(const char *path, const void *data, size_t length);

/* Random-looking bytes, the same for the same seed. */
void check_fill(unsigned char *data, size_t length, unsigned seed);

/* The SHA-1 in hex, computed without the code under test. */
void check_sha1(char hex[41], const void *data, size_t length);

/* Whether the descriptor is readable now. */
int check_readable(int descriptor);

#endif
