/* SPDX-License-Identifier: MIT */
#pragma once

/* Items and feeds as JSON: what `picketctl parse` prints. */

#include <jansson.h>

#include "model/model.h"

/* {"id","link","title","summary","content","authors","categories","published","updated",
 * "enclosures":[{"url","type","length"}]}; unknown is null or []. A new reference; NULL when memory
 * is out. */
json_t *feed_item_to_json(const Item *item);
/* {"format","title","link","description","language","updated","ttl"}. */
json_t *feed_info_to_json(const FeedInfo *info);
