/* SPDX-License-Identifier: MIT */
#pragma once

/* Bytes to items. A parser takes a feed as it arrives, in chunks of any size, and hands out each
 * item as soon as it is complete; its memory does not grow with the feed. Nothing is trusted: see
 * the limits. Knows nothing of HTTP beyond the Content-Type. */

#include "model/model.h"

/* --- limits, each with its reason --- */

/* Bytes of markup and text that one feed may have, after inflation: the largest honest archives
 * seen are a few MiB. picketd's poll stops there; `picketctl parse` reads any length. */
#define FEED_BYTES_MAX (UINT64_C(16) * 1024 * 1024)
/* Text of one field of an item; what is over is cut at a character. */
#define FEED_FIELD_BYTES_MAX ((size_t) 512 * 1024)
/* Elements inside each other; real feeds stay below 20. */
#define FEED_DEPTH_MAX 256
/* Items read of one feed; archives with ten thousand are honest. */
#define FEED_ITEMS_MAX 50000

typedef struct FeedParser FeedParser;

typedef struct FeedHandler {
        /* A complete item, lent until the callback returns. Negative stops the parser with that
         * error. */
        int (*on_item)(const Item *item, void *userdata);
        /* Something was repaired or cut: what was done, in words, and the line (0: unknown). May be
         * NULL. */
        void (*on_warning)(unsigned line, const char *message, void *userdata);
        void *userdata;
} FeedHandler;

/* XPath 1.0 expressions for a page that offers no feed: what selects the items, and seen from each
 * of them its parts. All but the first may be NULL. */
typedef struct FeedXPath {
        const char *item, *title, *link, *summary, *date;
} FeedXPath;

typedef struct FeedOptions {
        const char *url;          /* base of relative links; may be NULL */
        const char *content_type; /* as the server said, or NULL */
        const FeedXPath *xpath;   /* NULL: a feed, of any format */
} FeedOptions;

/* Is this an expression, and with @elements one that selects elements? 0, -EINVAL (*ret_message, a
 * literal, says why, *ret_offset where) or -ENOMEM. */
int feed_xpath_check(const char *expression, bool elements, size_t *ret_offset,
        const char **ret_message) _warn_unused_;

int feed_parser_new(
        const FeedOptions *options, const FeedHandler *handler, FeedParser **ret) _warn_unused_;
FeedParser *feed_parser_free(FeedParser *parser);
DEFINE_POINTER_CLEANUP(FeedParser, feed_parser_free);

/* Takes the next bytes. 0; -EBADMSG: this is no feed, see feed_parser_error(); what the handler
 * returned; -ENOMEM. After an error the parser takes no more. */
int feed_parser_push(FeedParser *parser, const void *p, size_t n_bytes) _warn_unused_;
/* The end of the feed: the last items come out here. Errors as above; a feed that was cut off is a
 * warning, and its complete items count. */
int feed_parser_finish(FeedParser *parser) _warn_unused_;

/* What the feed said of itself; complete after feed_parser_finish(). Lent by the parser. */
const FeedInfo *feed_parser_info(const FeedParser *parser);
/* Why it is no feed, for people: "an HTML page, not a feed" ...; NULL without an error. */
const char *feed_parser_error(const FeedParser *parser);
/* After feed_parser_finish(): did the bytes end before the feed did? */
bool feed_parser_is_cut(const FeedParser *parser);
size_t feed_parser_n_items(const FeedParser *parser);
