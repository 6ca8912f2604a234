/* The settings as JSON, for the control paths. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_SETTINGS_H
#define EM_SETTINGS_H

#include "base/base.h"
#include "config/option.h"

/* Changes the settings that the object names; 0, or -1 with a reason. */
int em_settings_set(struct em_settings *settings, json_t *object,
                    char *reason, size_t size);
json_t *em_settings_json(const struct em_settings *settings);

#endif
