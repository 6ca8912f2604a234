/* pin: keeps this module, and libcurl with it, in memory.
 * SPDX-License-Identifier: MIT */
#ifndef BU_PIN_H
#define BU_PIN_H

/* libcurl resolves names in threads of its own, and a cancel doesn't wait for
 * them (CURLOPT_QUICK_EXIT). If the host unloaded this module at exit, such a
 * thread would crash. */
void bu_pin(void);

#endif
