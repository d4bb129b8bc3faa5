/* SPDX-License-Identifier: MIT */
#pragma once

/* Items and feeds as JSON: what `picketctl parse` prints. */

#include <jansson.h>

#include "base/buffer.h"
#include "model/model.h"

/* Appends {"id","link","title","summary","content","authors","categories","published","updated",
 * "enclosures":[{"url","type","length"}]}; unknown is null or []. 0 or -ENOMEM. */
int feed_item_append_json(const Item *item, Buffer *out) _warn_unused_;
/* The same as a new reference; NULL when memory is out. */
json_t *feed_item_to_json(const Item *item);
/* {"format","title","link","description","language","updated","ttl"}. */
json_t *feed_info_to_json(const FeedInfo *info);
