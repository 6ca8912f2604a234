/* The JSON representations of files and folders. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_ITEM_JSON_H
#define EM_ITEM_JSON_H

#include "base/base.h"
#include "store/tree.h"

/* Box's standard and mini representations ("File (Full)" and "File (Mini)"
   of the API reference). Callers hold the lock of the store. */
json_t *em_item_json(struct em_tree *tree, const struct em_item *item);
/* Notes the item's present version among its versions. */
int em_item_note_version(struct em_item *item);

/* The file as it is, with all its versions. */
json_t *em_item_history_json(struct em_tree *tree,
                             const struct em_item *item);

json_t *em_item_mini_json(const struct em_item *item);

/* What a lookup shows of an item: its state before the last upload while that
   lags, then NULL for a new file. Counts a look. */
json_t *em_item_look(struct em_tree *tree, struct em_item *item);

/* Turns a standard representation into a mini one. */
void em_item_make_mini(json_t *object);

/* Keeps only the listed fields; type, id and etag always stay, as at Box. */
void em_item_select_fields(json_t *object, const char *fields);

#endif
