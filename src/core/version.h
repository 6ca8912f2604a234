/* version: of the whole project.
 * SPDX-License-Identifier: MIT */
#ifndef BU_VERSION_H
#define BU_VERSION_H

#define BU_VERSION "0.1.0"

#endif
