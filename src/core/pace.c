/* pace: when those that send may send more, under a common limit.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "pace.h"

#include <stddef.h>

/* Of one turn, in seconds. */
#define TURN 0.02
/* How far back the time counts that nobody used: a thread wakes up late. */
#define CREDIT 0.1

static int64_t pace_charge(struct bu_pace *pace, int64_t wanted, double now)
{
  double rate = (double)pace->bytes_per_second;
  double most = rate * TURN < 1 ? 1 : rate * TURN;
  int64_t bytes = (double)wanted < most ? wanted : (int64_t)most;

  if(pace->next < now - CREDIT)
    pace->next = now - CREDIT;
  pace->next += (double)bytes / rate;
  return bytes;
}

static void pace_push(struct bu_pace *pace, struct bu_turn *turn)
{
  turn->next = NULL;
  turn->waits = 1;
  if(pace->last)
    pace->last->next = turn;
  else
    pace->first = turn;
  pace->last = turn;
}

int64_t bu_pace_take(struct bu_pace *pace, struct bu_turn *turn,
                     int64_t wanted, double now)
{
  int64_t bytes;

  if(pace->bytes_per_second <= 0)
    return wanted;
  if(turn->granted > 0) {
    bytes = wanted < turn->granted ? wanted : turn->granted;
    turn->granted -= bytes;
    return bytes;
  }
  if(!pace->first && now >= pace->next)
    return pace_charge(pace, wanted, now);
  turn->wanted = wanted;
  if(!turn->waits)
    pace_push(pace, turn);
  return 0;
}

struct bu_turn *bu_pace_pop(struct bu_pace *pace, double now)
{
  struct bu_turn *turn = pace->first;
  int is_limited = pace->bytes_per_second > 0;

  if(!turn || (is_limited && now < pace->next))
    return NULL;
  bu_pace_leave(pace, turn);
  if(is_limited)
    turn->granted = pace_charge(pace, turn->wanted, now);
  return turn;
}

void bu_pace_wake(const struct bu_pace *pace, double *wake)
{
  double next = pace->bytes_per_second > 0 ? pace->next : 0;

  if(pace->first && next < *wake)
    *wake = next;
}

void bu_pace_leave(struct bu_pace *pace, struct bu_turn *turn)
{
  struct bu_turn *before = NULL;
  struct bu_turn *at = pace->first;

  if(!turn->waits)
    return;
  while(at != turn) {
    before = at;
    at = at->next;
  }
  if(before)
    before->next = turn->next;
  else
    pace->first = turn->next;
  if(pace->last == turn)
    pace->last = before;
  turn->waits = 0;
}
