/* SPDX-License-Identifier: MIT */
#pragma once

/* A page that offers no feed, read with XPath 1.0: one expression finds the items, the others, each
 * seen from an item, its parts. */

#include "feed/warnings.h"

typedef struct XPathFeed XPathFeed;

/* Steps that all expressions may take on one page together: each item of an honest list takes some
 * hundred, and so many take 50 ms at most. */
#define XPATH_STEPS_MAX 500000u

/* @options has an xpath; its expressions are as feed_xpath_check() found them good. @warnings,
 * which also has the handler of items, outlives it. 0, -EINVAL (a bad expression) or -ENOMEM. */
int xpath_feed_new(const FeedOptions *options, Warnings *warnings, XPathFeed **ret) _warn_unused_;
XPathFeed *xpath_feed_free(XPathFeed *feed);
DEFINE_POINTER_CLEANUP(XPathFeed, xpath_feed_free);

/* As feed_parser_push() and feed_parser_finish(). */
int xpath_feed_push(XPathFeed *feed, const void *p, size_t n_bytes) _warn_unused_;
int xpath_feed_finish(XPathFeed *feed) _warn_unused_;

size_t xpath_feed_n_items(const XPathFeed *feed);
/* Why there are no items; NULL without an error. */
const char *xpath_feed_error(const XPathFeed *feed);
FeedInfo xpath_feed_info(const XPathFeed *feed);
