/* pin: keeps this module, and libcurl with it, in memory.
 * SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr */
#endif
#ifdef __APPLE__
#define _DARWIN_C_SOURCE
#endif
#include "platform.h"

#include "pin.h"

#include <dlfcn.h>
#include <stddef.h>

void bu_pin(void)
{
#ifdef RTLD_NODELETE
  static const char here = 0;
  Dl_info info;
  void *module;

  if(dladdr(&here, &info) == 0 || !info.dli_fname)
    return;
  module = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  /* RTLD_NODELETE stays in force after dlclose. */
  if(module)
    dlclose(module);
#endif
}
