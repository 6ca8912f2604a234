/* The emulator: everything that its requests share. */
/* SPDX-License-Identifier: MIT */
#include "http/emulator.h"

void em_tuning_now(struct em_emulator *emulator, struct em_tuning *out)
{
  pthread_mutex_lock(&emulator->tuning_lock);
  *out = emulator->tuning;
  pthread_mutex_unlock(&emulator->tuning_lock);
}
