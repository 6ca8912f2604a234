/* lane: how many exchanges of one upload may be on the network at once.
 * SPDX-License-Identifier: MIT */
#ifndef BU_LANE_H
#define BU_LANE_H

/* Reference-counted. */
struct bu_lane;

struct bu_lane *bu_lane_new(unsigned width); /* or NULL */
struct bu_lane *bu_lane_acquire(struct bu_lane *lane);
void bu_lane_release(struct bu_lane *lane); /* NULL is fine */

void bu_lane_set_width(struct bu_lane *lane, unsigned width);
/* 1 and a place taken, or 0: the lane is full. NULL is never full. */
int bu_lane_enter(struct bu_lane *lane);
void bu_lane_leave(struct bu_lane *lane);

#endif
