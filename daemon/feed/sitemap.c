/* SPDX-License-Identifier: MIT */

/* Sitemaps (https://www.sitemaps.org/protocol.html) with Google's news elements
 * (https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap). A sitemap
 * says nothing of itself: the name and language of <news:publication> are each article's. An index
 * of sitemaps is refused by the sieve. */

#include "feed/rules.h"

static const Rule rules[] = {
        /* place, element, what it is, of which part, priority */
        { PLACE_FEED, NS_HOME, NAME_URL, ACTION_ITEM, 0, 0 },

        { PLACE_ITEM, NS_HOME, NAME_LOC, ACTION_ADDRESS, PART_LINK, 8 },
        { PLACE_ITEM, NS_HOME, NAME_LASTMOD, ACTION_DATE, PART_UPDATED, 9 },

        { PLACE_ITEM, NS_NEWS, NAME_NEWS, ACTION_ENTER, 0, 0 },
        { PLACE_ITEM, NS_NEWS, NAME_TITLE, ACTION_TEXT, PART_TITLE, 9 },
        { PLACE_ITEM, NS_NEWS, NAME_PUBLICATION_DATE, ACTION_DATE, PART_PUBLISHED, 9 },
        { PLACE_ITEM, NS_NEWS, NAME_KEYWORDS, ACTION_KEYWORDS, 0, 9 },
        { PLACE_ITEM, NS_NEWS, NAME_GENRES, ACTION_KEYWORDS, 0, 9 },
};

const Rules rules_sitemap = { rules, ELEMENTSOF(rules) };
