/* SPDX-License-Identifier: MIT */
#pragma once

/* JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), as it arrives. */

#include "feed/warnings.h"

typedef struct JsonFeed JsonFeed;

/* Bytes of items held back while nothing has told yet whether it is a feed at all and who its
 * authors are: members come in any order. */
#define JSONFEED_HELD_BYTES_MAX ((size_t) 1024 * 1024)

/* @warnings, which also has the handler of items, outlives it. */
int json_feed_new(const FeedOptions *options, Warnings *warnings, JsonFeed **ret) _warn_unused_;
JsonFeed *json_feed_free(JsonFeed *feed);
DEFINE_POINTER_CLEANUP(JsonFeed, json_feed_free);

/* As feed_parser_push() and feed_parser_finish(). */
int json_feed_push(JsonFeed *feed, const void *p, size_t n_bytes) _warn_unused_;
int json_feed_finish(JsonFeed *feed) _warn_unused_;

bool json_feed_is_cut(const JsonFeed *feed);
size_t json_feed_n_items(const JsonFeed *feed);
/* Lent until the next push. */
FeedInfo json_feed_info(const JsonFeed *feed);
