/* The state that all requests share. */
/* SPDX-License-Identifier: MIT */
#include "http/emulator.h"
#include "base/lock.h"

void em_emulator_settings(struct em_emulator *emulator,
                          struct em_settings *out)
{
  em_lock(&emulator->settings_lock);
  *out = emulator->settings;
  em_unlock(&emulator->settings_lock);
}
