/* SPDX-License-Identifier: MIT */

/* Elements of other vocabularies that mean the same in every format. They stand in where the
 * format's own, which have priority 5 to 9, are missing, and never displace them. Two exceptions:
 * content:encoded is the only full text that RSS has, and feedburner:origLink is what <link> was
 * before FeedBurner (or Pheedo) put its own address there. Of equals the first counts; so what is
 * said of the item comes before what is said of one of its media. Vocabularies without a row
 * (Slash, wfw, thr, GeoRSS, Creative Commons, activity ...) say nothing that an alert needs. */

#include "feed/rules.h"

static const Rule rules[] = {
        /* place, element, what it is, of which part, priority */

        /* Dublin Core: https://www.dublincore.org/specifications/dublin-core/dcmi-terms/ */
        { PLACE_FEED, NS_DC, NAME_TITLE, ACTION_TEXT, PART_TITLE, 4 },
        { PLACE_FEED, NS_DC, NAME_DESCRIPTION, ACTION_TEXT, PART_SUMMARY, 4 },
        { PLACE_FEED, NS_DC, NAME_LANGUAGE, ACTION_PLAIN, PART_LANGUAGE, 4 },
        { PLACE_FEED, NS_DC, NAME_MODIFIED, ACTION_DATE, PART_UPDATED, 4 },
        { PLACE_FEED, NS_DC, NAME_DATE, ACTION_DATE, PART_UPDATED, 3 },
        { PLACE_FEED, NS_DC, NAME_ISSUED, ACTION_DATE, PART_UPDATED, 2 },
        { PLACE_ITEM, NS_DC, NAME_TITLE, ACTION_TEXT, PART_TITLE, 4 },
        { PLACE_ITEM, NS_DC, NAME_DESCRIPTION, ACTION_TEXT, PART_SUMMARY, 4 },
        { PLACE_ITEM, NS_DC, NAME_ABSTRACT, ACTION_TEXT, PART_SUMMARY, 3 },
        { PLACE_ITEM, NS_DC, NAME_IDENTIFIER, ACTION_PLAIN, PART_ID, 3 },
        { PLACE_ITEM, NS_DC, NAME_ISSUED, ACTION_DATE, PART_PUBLISHED, 4 },
        { PLACE_ITEM, NS_DC, NAME_DATE, ACTION_DATE, PART_PUBLISHED, 3 },
        { PLACE_ITEM, NS_DC, NAME_AVAILABLE, ACTION_DATE, PART_PUBLISHED, 2 },
        { PLACE_ITEM, NS_DC, NAME_CREATED, ACTION_DATE, PART_PUBLISHED, 1 },
        { PLACE_ITEM, NS_DC, NAME_MODIFIED, ACTION_DATE, PART_UPDATED, 4 },
        { PLACE_ITEM, NS_DC, NAME_CREATOR, ACTION_AUTHOR, 0, 9 }, /* the author of most blogs */
        { PLACE_ITEM, NS_DC, NAME_AUTHOR, ACTION_AUTHOR, 0, 9 },
        { PLACE_ITEM, NS_DC, NAME_SUBJECT, ACTION_CATEGORY, 0, 9 },

        /* FOAF in Dublin Core, and others: <dc:creator><foaf:Person><foaf:name>. */
        { PLACE_PERSON, NS_OTHER, NAME_NAME, ACTION_PLAIN, PART_TITLE, 2 },

        /* PRISM, of scientific publishers. */
        { PLACE_ITEM, NS_PRISM, NAME_PUBLICATION_DATE, ACTION_DATE, PART_PUBLISHED, 2 },
        { PLACE_ITEM, NS_PRISM, NAME_MODIFIED, ACTION_DATE, PART_UPDATED, 3 },
        { PLACE_ITEM, NS_PRISM, NAME_URL, ACTION_ADDRESS, PART_LINK, 4 },

        /* Syndication: https://web.resource.org/rss/1.0/modules/syndication/ */
        { PLACE_FEED, NS_SYNDICATION, NAME_UPDATEPERIOD, ACTION_PERIOD, 0, 0 },
        { PLACE_FEED, NS_SYNDICATION, NAME_UPDATEFREQUENCY, ACTION_FREQUENCY, 0, 0 },

        /* Content: https://web.resource.org/rss/1.0/modules/content/, and its forerunner. */
        { PLACE_ITEM, NS_CONTENT, NAME_ENCODED, ACTION_TEXT, PART_CONTENT, 8 },
        { PLACE_ITEM, NS_YANDEX, NAME_FULLTEXT, ACTION_TEXT, PART_CONTENT, 5 },
        { PLACE_ITEM, NS_XHTML, NAME_BODY, ACTION_PLAIN, PART_CONTENT, 4 },
        { PLACE_ITEM, NS_XHTML, NAME_BLOCK, ACTION_PLAIN, PART_CONTENT, 3 }, /* a <div> */

        /* Atom inside RSS: https://www.rssboard.org/rss-profile#namespace-elements-atom */
        { PLACE_FEED, NS_ATOM, NAME_ENTRY, ACTION_ITEM, 0, 0 },
        { PLACE_FEED, NS_ATOM, NAME_TITLE, ACTION_TYPED, PART_TITLE, 5 },
        { PLACE_FEED, NS_ATOM, NAME_SUBTITLE, ACTION_TYPED, PART_SUMMARY, 5 },
        { PLACE_FEED, NS_ATOM, NAME_LINK, ACTION_ATOM_LINK, PART_LINK, 5 },
        { PLACE_FEED, NS_ATOM, NAME_UPDATED, ACTION_DATE, PART_UPDATED, 5 },
        { PLACE_ITEM, NS_ATOM, NAME_TITLE, ACTION_TYPED, PART_TITLE, 5 },
        { PLACE_ITEM, NS_ATOM, NAME_LINK, ACTION_ATOM_LINK, PART_LINK, 5 },
        { PLACE_ITEM, NS_ATOM, NAME_ID, ACTION_PLAIN, PART_ID, 5 },
        { PLACE_ITEM, NS_ATOM, NAME_SUMMARY, ACTION_TYPED, PART_SUMMARY, 5 },
        { PLACE_ITEM, NS_ATOM, NAME_CONTENT, ACTION_TYPED, PART_CONTENT, 6 },
        { PLACE_ITEM, NS_ATOM, NAME_PUBLISHED, ACTION_DATE, PART_PUBLISHED, 5 },
        { PLACE_ITEM, NS_ATOM, NAME_ISSUED, ACTION_DATE, PART_PUBLISHED, 5 },
        { PLACE_ITEM, NS_ATOM, NAME_UPDATED, ACTION_DATE, PART_UPDATED, 6 },
        { PLACE_ITEM, NS_ATOM, NAME_MODIFIED, ACTION_DATE, PART_UPDATED, 5 },
        { PLACE_ITEM, NS_ATOM, NAME_AUTHOR, ACTION_AUTHOR, 0, 9 },
        { PLACE_ITEM, NS_ATOM, NAME_CATEGORY, ACTION_CATEGORY, 0, 9 },
        { PLACE_ITEM, NS_ATOM, NAME_SOURCE, ACTION_SOURCE, 0, 0 },
        { PLACE_SOURCE, NS_ATOM, NAME_AUTHOR, ACTION_AUTHOR, 0, 9 },
        { PLACE_PERSON, NS_ATOM, NAME_NAME, ACTION_PLAIN, PART_TITLE, 9 },
        { PLACE_PERSON, NS_ATOM, NAME_EMAIL, ACTION_PLAIN, PART_TITLE, 1 },

        /* https://github.com/rubys/feedvalidator/wiki/FeedBurner */
        { PLACE_ITEM, NS_FEEDBURNER, NAME_ORIGLINK, ACTION_ADDRESS, PART_LINK, 9 },
        { PLACE_ITEM, NS_FEEDBURNER, NAME_ORIGENCLOSURELINK, ACTION_ORIGIN, 0, 0 },

        /* Enclosures of RSS 1.0: http://www.xs4all.nl/~foz/mod_enclosure.html */
        { PLACE_ITEM, NS_ENCLOSURE, NAME_ENCLOSURE, ACTION_ENCLOSURE, 0, 0 },

        /* Media RSS: https://www.rssboard.org/media-rss */
        { PLACE_FEED, NS_MEDIA, NAME_TITLE, ACTION_TEXT, PART_TITLE, 1 },
        { PLACE_FEED, NS_MEDIA, NAME_DESCRIPTION, ACTION_TEXT, PART_SUMMARY, 1 },
        { PLACE_ITEM, NS_MEDIA, NAME_GROUP, ACTION_ENTER, 0, 0 },
        { PLACE_ITEM, NS_MEDIA, NAME_CONTENT, ACTION_MEDIUM, 0, 0 },
        { PLACE_ITEM, NS_MEDIA, NAME_TITLE, ACTION_TEXT, PART_TITLE, 2 },
        { PLACE_ITEM, NS_MEDIA, NAME_DESCRIPTION, ACTION_TEXT, PART_SUMMARY, 2 },
        { PLACE_ITEM, NS_MEDIA, NAME_TEXT, ACTION_TEXT, PART_CONTENT, 2 },
        { PLACE_ITEM, NS_MEDIA, NAME_CREDIT, ACTION_CREDIT, 0, 2 },
        { PLACE_ITEM, NS_MEDIA, NAME_CATEGORY, ACTION_CATEGORY, 0, 9 },
        { PLACE_ITEM, NS_MEDIA, NAME_KEYWORDS, ACTION_KEYWORDS, 0, 2 },
        { PLACE_MEDIA, NS_MEDIA, NAME_TITLE, ACTION_TEXT, PART_TITLE, 1 },
        { PLACE_MEDIA, NS_MEDIA, NAME_DESCRIPTION, ACTION_TEXT, PART_SUMMARY, 1 },
        { PLACE_MEDIA, NS_MEDIA, NAME_TEXT, ACTION_TEXT, PART_CONTENT, 1 },
        { PLACE_MEDIA, NS_MEDIA, NAME_CREDIT, ACTION_CREDIT, 0, 1 },
        { PLACE_MEDIA, NS_MEDIA, NAME_CATEGORY, ACTION_CATEGORY, 0, 1 },
        { PLACE_MEDIA, NS_MEDIA, NAME_KEYWORDS, ACTION_KEYWORDS, 0, 1 },

        /* Podcasts: https://podcasters.apple.com/support/823-podcast-requirements */
        { PLACE_FEED, NS_ITUNES, NAME_TITLE, ACTION_TEXT, PART_TITLE, 3 },
        { PLACE_FEED, NS_ITUNES, NAME_SUMMARY, ACTION_TEXT, PART_SUMMARY, 3 },
        { PLACE_FEED, NS_ITUNES, NAME_DESCRIPTION, ACTION_TEXT, PART_SUMMARY, 3 },
        { PLACE_FEED, NS_ITUNES, NAME_SUBTITLE, ACTION_TEXT, PART_SUMMARY, 2 },
        { PLACE_ITEM, NS_ITUNES, NAME_TITLE, ACTION_TEXT, PART_TITLE, 3 },
        { PLACE_ITEM, NS_ITUNES, NAME_SUMMARY, ACTION_TEXT, PART_SUMMARY, 3 },
        { PLACE_ITEM, NS_ITUNES, NAME_DESCRIPTION, ACTION_TEXT, PART_SUMMARY, 3 },
        { PLACE_ITEM, NS_ITUNES, NAME_SUBTITLE, ACTION_TEXT, PART_SUMMARY, 2 },
        { PLACE_ITEM, NS_ITUNES, NAME_AUTHOR, ACTION_AUTHOR, 0, 3 },
        { PLACE_ITEM, NS_ITUNES, NAME_KEYWORDS, ACTION_KEYWORDS, 0, 3 },
        { PLACE_ITEM, NS_ITUNES, NAME_CATEGORY, ACTION_CATEGORY, 0, 3 },
};

const Rules rules_modules = { rules, ELEMENTSOF(rules) };

static const Rule *rule_at(const Rules *format, size_t row) {
        return row < format->n_rules ? &format->rules[row]
                                     : &rules_modules.rules[row - format->n_rules];
}

void rule_index_init(RuleIndex *index, const Rules *format) {
        *index = (RuleIndex){ .format = format };

        /* Backwards, so that the first row of two stays. */
        for (size_t row = format->n_rules + rules_modules.n_rules; row > 0; row--) {
                const Rule *rule = rule_at(format, row - 1);

                assert(row <= UINT8_MAX);
                index->rows[rule->place][rule->ns][rule->name] = (uint8_t) row;
        }
}

const Rule *rule_index_find(const RuleIndex *index, Place place, XmlNs ns, XmlName name) {
        uint8_t row = index->rows[place][ns][name];

        return row > 0 ? rule_at(index->format, row - 1u) : NULL;
}
