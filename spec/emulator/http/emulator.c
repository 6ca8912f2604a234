/* The emulator: everything that its requests share. */
/* SPDX-License-Identifier: MIT */
#include "http/emulator.h"
#include "base/lock.h"

void em_tuning_now(struct em_emulator *emulator, struct em_tuning *out)
{
  em_lock(&emulator->tuning_lock);
  *out = emulator->tuning;
  em_unlock(&emulator->tuning_lock);
}
