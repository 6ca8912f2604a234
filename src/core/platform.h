/* platform: which interfaces the system's headers show. Every source includes
 * it first, for it must not depend on who compiles it how.
 * SPDX-License-Identifier: MIT */
#ifndef BU_PLATFORM_H
#define BU_PLATFORM_H

/* POSIX of 2008, and its XSI extensions. */
#undef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif
/* Files over 2 GiB, and dates after 2038, on 32-bit systems too. */
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif
#ifndef _TIME_BITS
#define _TIME_BITS 64
#endif

/* Checks of the C library's own, where the compiler optimises; the address
 * sanitizer has better ones. */
#if defined(__OPTIMIZE__) && !defined(_FORTIFY_SOURCE) &&                    \
    !defined(__SANITIZE_ADDRESS__)
#define _FORTIFY_SOURCE 2
#endif

#include <sys/types.h>

typedef char bu_off_t_has_64_bits[sizeof(off_t) >= 8 ? 1 : -1];

#endif
