/* The state that all requests share. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_EMULATOR_H
#define EM_EMULATOR_H

#include "base/base.h"
#include "base/random.h"
#include "base/wait.h"
#include "config/option.h"
#include "faults/faults.h"
#include "http/certificate.h"
#include "http/listener.h"
#include "http/log.h"
#include "store/jwt_key.h"
#include "store/root.h"
#include "store/session.h"
#include "store/store.h"
#include "store/token.h"

struct em_emulator {
  struct em_options options;
  pthread_mutex_t settings_lock;
  struct em_settings settings; /* protected by settings_lock */
  struct em_stop stop;
  struct em_random random;
  struct em_root root;
  struct em_tokens tokens;
  struct em_store store;
  struct em_sessions sessions;
  struct em_log log;
  struct em_faults faults;
  struct em_certificate certificate;
  struct em_server server;
  struct em_jwt_key *jwt_key; /* NULL without --jwt */
};

/* Copies the current settings. */
void em_emulator_settings(struct em_emulator *emulator,
                          struct em_settings *out);

#endif
