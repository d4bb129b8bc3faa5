/* SPDX-License-Identifier: MIT */

/* RSS 0.90 to 0.94 (Netscape, UserLand), 1.0 (https://web.resource.org/rss/1.0/spec) and 2.0
 * (https://www.rssboard.org/rss-specification). One vocabulary that grew: what one version does not
 * know, its feeds do not use. NS_HOME is none, any of the namespaces of RSS, or whatever the root
 * or the channel has as its default.
 *
 * What came before RSS, the Channel Definition Format (https://www.w3.org/TR/NOTE-CDFsubmit.html),
 * has the same elements; it says the address and date of a channel or item in attributes. */

#include "feed/rules.h"

static const Rule rules[] = {
        /* place, element, what it is, of which part, priority */
        { PLACE_FEED, NS_HOME, NAME_CHANNEL, ACTION_ENTER, 0, 0 },
        { PLACE_FEED, NS_HOME, NAME_ITEM, ACTION_ITEM, 0, 0 },

        { PLACE_FEED, NS_HOME, NAME_TITLE, ACTION_TEXT, PART_TITLE, 9 },
        { PLACE_FEED, NS_HOME, NAME_LINK, ACTION_ADDRESS, PART_LINK, 8 },
        { PLACE_FEED, NS_HOME, NAME_DESCRIPTION, ACTION_TEXT, PART_SUMMARY, 9 },
        { PLACE_FEED, NS_HOME, NAME_LANGUAGE, ACTION_PLAIN, PART_LANGUAGE, 9 },
        { PLACE_FEED, NS_HOME, NAME_LASTBUILDDATE, ACTION_DATE, PART_UPDATED, 9 },
        { PLACE_FEED, NS_HOME, NAME_PUBDATE, ACTION_DATE, PART_UPDATED, 8 },
        { PLACE_FEED, NS_HOME, NAME_TTL, ACTION_MINUTES, PART_TTL, 9 },
        { PLACE_FEED, NS_HOME, NAME_SKIPHOURS, ACTION_ENTER, 0, 0 },
        { PLACE_FEED, NS_HOME, NAME_HOUR, ACTION_SKIP_HOUR, 0, 0 },
        { PLACE_FEED, NS_HOME, NAME_SKIPDAYS, ACTION_ENTER, 0, 0 },
        { PLACE_FEED, NS_HOME, NAME_DAY, ACTION_SKIP_DAY, 0, 0 },
        { PLACE_FEED, NS_HOME, NAME_ABSTRACT, ACTION_TEXT, PART_SUMMARY, 4 }, /* CDF */
        /* Common slips: Dublin Core and Atom without their prefix. */
        { PLACE_FEED, NS_HOME, NAME_ENTRY, ACTION_ITEM, 0, 0 },
        { PLACE_FEED, NS_HOME, NAME_SUBTITLE, ACTION_TEXT, PART_SUMMARY, 5 },
        { PLACE_FEED, NS_HOME, NAME_UPDATED, ACTION_DATE, PART_UPDATED, 5 },
        { PLACE_FEED, NS_HOME, NAME_DATE, ACTION_DATE, PART_UPDATED, 4 },

        { PLACE_ITEM, NS_HOME, NAME_TITLE, ACTION_TEXT, PART_TITLE, 9 },
        { PLACE_ITEM, NS_HOME, NAME_LINK, ACTION_ADDRESS, PART_LINK, 8 },
        { PLACE_ITEM, NS_HOME, NAME_GUID, ACTION_GUID, PART_ID, 9 },
        { PLACE_ITEM, NS_HOME, NAME_DESCRIPTION, ACTION_TEXT, PART_SUMMARY, 9 },
        { PLACE_ITEM, NS_HOME, NAME_PUBDATE, ACTION_DATE, PART_PUBLISHED, 9 },
        { PLACE_ITEM, NS_HOME, NAME_AUTHOR, ACTION_AUTHOR, 0, 9 },
        { PLACE_ITEM, NS_HOME, NAME_CATEGORY, ACTION_CATEGORY, 0, 9 },
        { PLACE_ITEM, NS_HOME, NAME_ENCLOSURE, ACTION_ENCLOSURE, 0, 0 },
        { PLACE_ITEM, NS_HOME, NAME_ABSTRACT, ACTION_TEXT, PART_SUMMARY, 4 }, /* CDF */
        /* Common slips: Dublin Core, Content and Atom without their prefix. */
        { PLACE_ITEM, NS_HOME, NAME_ENCODED, ACTION_TEXT, PART_CONTENT, 7 },
        { PLACE_ITEM, NS_HOME, NAME_CONTENT, ACTION_TEXT, PART_CONTENT, 5 },
        { PLACE_ITEM, NS_HOME, NAME_FULLTEXT, ACTION_TEXT, PART_CONTENT, 5 },
        { PLACE_ITEM, NS_HOME, NAME_BODY, ACTION_TEXT, PART_CONTENT, 4 },
        { PLACE_ITEM, NS_HOME, NAME_SUMMARY, ACTION_TEXT, PART_SUMMARY, 5 },
        { PLACE_ITEM, NS_HOME, NAME_ID, ACTION_PLAIN, PART_ID, 2 },
        { PLACE_ITEM, NS_HOME, NAME_CREATOR, ACTION_AUTHOR, 0, 9 },
        { PLACE_ITEM, NS_HOME, NAME_SUBJECT, ACTION_CATEGORY, 0, 9 },
        { PLACE_ITEM, NS_HOME, NAME_DATE, ACTION_DATE, PART_PUBLISHED, 5 },
        { PLACE_ITEM, NS_HOME, NAME_PUBLISHED, ACTION_DATE, PART_PUBLISHED, 5 },
        { PLACE_ITEM, NS_HOME, NAME_ISSUED, ACTION_DATE, PART_PUBLISHED, 5 },
        { PLACE_ITEM, NS_HOME, NAME_UPDATED, ACTION_DATE, PART_UPDATED, 5 },
        { PLACE_ITEM, NS_HOME, NAME_MODIFIED, ACTION_DATE, PART_UPDATED, 5 },
        { PLACE_ITEM, NS_HOME, NAME_LASTBUILDDATE, ACTION_DATE, PART_UPDATED, 4 },
        { PLACE_ITEM, NS_HOME, NAME_KEYWORDS, ACTION_KEYWORDS, 0, 3 },

        /* <author><name>, as in Atom. */
        { PLACE_PERSON, NS_HOME, NAME_NAME, ACTION_PLAIN, PART_TITLE, 9 },
        { PLACE_PERSON, NS_HOME, NAME_EMAIL, ACTION_PLAIN, PART_TITLE, 1 },
};

const Rules rules_rss = { rules, ELEMENTSOF(rules) };
