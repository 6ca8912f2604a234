/* A file or a folder. */
/* SPDX-License-Identifier: MIT */
#include "store/item.h"
#include "base/number.h"
#include "store/name.h"

int em_id_parse(const char *text, int64_t *out)
{
  size_t length = strlen(text);
  if(!length || length > 18 || strspn(text, "0123456789") != length)
    return -1;
  if(length > 1 && text[0] == '0')
    return -1;
  return em_number_parse(text, out);
}

void em_item_free(struct em_item *item)
{
  if(!item)
    return;
  free(item->name);
  free(item->folded_name);
  free(item->description);
  free(item->part_digests);
  json_decref(item->versions);
  json_decref(item->shown);
  free(item);
}

int em_item_rename(struct em_item *item, const char *name)
{
  char *copy = strdup(name);
  char *folded_name = em_name_fold(name);
  if(!copy || !folded_name) {
    free(copy);
    free(folded_name);
    return -1;
  }
  free(item->name);
  free(item->folded_name);
  item->name = copy;
  item->folded_name = folded_name;
  return 0;
}
