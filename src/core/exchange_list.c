/* exchange_list: exchanges in the order in which they came.
 * SPDX-License-Identifier: MIT */
#include "platform.h"

#include "exchange_list.h"

#include "exchange.h"

#include <stddef.h>

void bu_exchange_list_append(struct bu_exchange_list *list,
                             struct bu_exchange *exchange)
{
  exchange->next = NULL;
  if(list->last)
    list->last->next = exchange;
  else
    list->first = exchange;
  list->last = exchange;
}

void bu_exchange_list_remove(struct bu_exchange_list *list,
                             struct bu_exchange *exchange)
{
  struct bu_exchange *before = NULL;
  struct bu_exchange *at;

  for(at = list->first; at != exchange; at = at->next)
    before = at;
  if(before)
    before->next = exchange->next;
  else
    list->first = exchange->next;
  if(list->last == exchange)
    list->last = before;
  exchange->next = NULL;
}
