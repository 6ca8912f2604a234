/* pin: keeps this module, and libcurl with it, in memory.
 * SPDX-License-Identifier: MIT */
#ifndef BU_PIN_H
#define BU_PIN_H

/* libcurl looks names up in threads of its own, which a cancel doesn't wait
 * for (CURLOPT_QUICK_EXIT). A host that unloads its modules at exit would
 * take the code away under such a thread. */
void bu_pin(void);

#endif
