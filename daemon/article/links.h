/* SPDX-License-Identifier: MIT */
#pragma once

/* The feeds that a page points to. */

#include "base/macro.h"

typedef enum FeedLinkKind {
        FEED_LINK_DECLARED, /* <link rel=alternate> of a feed's type (RFC 5988, autodiscovery) */
        FEED_LINK_LIKELY,   /* <a> to an address that looks like one */
        FEED_LINK_KIND_MAX,
} FeedLinkKind;

/* @url is absolute and can be fetched, @title may be NULL; both are lent. A negative result ends
 * the search. */
typedef int (*FeedLinkCallback)(
        FeedLinkKind kind, const char *url, const char *title, void *userdata);

/* Tells each, in the order of the page, which may name one several times. @base_url and
 * @content_type may be NULL. 0; -EBADMSG: no HTML page; -ENOMEM or what @on_link returned. */
int article_feed_links(const void *p, size_t n_bytes, const char *base_url,
        const char *content_type, FeedLinkCallback on_link, void *userdata) _warn_unused_;
