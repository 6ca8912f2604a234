/* Included by every source file of the emulator. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_BASE_H
#define EM_BASE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EM_VERSION "1.0"

struct em_emulator;
struct em_request;

#if defined(__GNUC__)
#define EM_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define EM_PRINTF(text, first)
#endif

#endif
