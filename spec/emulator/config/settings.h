/* Settings as JSON: what the control paths read and change. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_SETTINGS_H
#define EM_SETTINGS_H

#include "base/base.h"
#include "config/option.h"

/* Changes the settings named in the object. Returns 0, or -1 and the reason.
   */
int em_settings_set(struct em_settings *settings, json_t *object,
                    char *reason, size_t size);
json_t *em_settings_json(const struct em_settings *settings);

#endif
