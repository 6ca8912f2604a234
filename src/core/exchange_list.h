/* exchange_list: exchanges in the order in which they came.
 * SPDX-License-Identifier: MIT */
#ifndef BU_EXCHANGE_LIST_H
#define BU_EXCHANGE_LIST_H

struct bu_exchange;

/* Linked by the exchanges themselves, so that adding one can't fail; an
 * exchange is in one list at a time. Zeroed is empty. Not locked. */
struct bu_exchange_list {
  struct bu_exchange *first;
  struct bu_exchange *last;
};

void bu_exchange_list_append(struct bu_exchange_list *list,
                             struct bu_exchange *exchange);
/* The exchange must be in the list. */
void bu_exchange_list_remove(struct bu_exchange_list *list,
                             struct bu_exchange *exchange);

#endif
