/* SPDX-License-Identifier: MIT */

/* Elements of other vocabularies that mean the same in every format. They come after the format's
 * own, which has priority 5 to 9; content:encoded is the exception, being the only full text that
 * RSS has. */

#include "feed/rules.h"

static const Rule rules[] = {
        /* Dublin Core: https://www.dublincore.org/specifications/dublin-core/dcmi-terms/ */
        { PLACE_FEED, NS_DC, NAME_TITLE, ACTION_TEXT, PART_TITLE, 4 },
        { PLACE_FEED, NS_DC, NAME_DESCRIPTION, ACTION_TEXT, PART_SUMMARY, 4 },
        { PLACE_FEED, NS_DC, NAME_LANGUAGE, ACTION_PLAIN, PART_LANGUAGE, 4 },
        { PLACE_FEED, NS_DC, NAME_DATE, ACTION_DATE, PART_UPDATED, 4 },
        { PLACE_FEED, NS_DCTERMS, NAME_MODIFIED, ACTION_DATE, PART_UPDATED, 4 },
        { PLACE_ITEM, NS_DC, NAME_TITLE, ACTION_TEXT, PART_TITLE, 4 },
        { PLACE_ITEM, NS_DC, NAME_DESCRIPTION, ACTION_TEXT, PART_SUMMARY, 4 },
        { PLACE_ITEM, NS_DC, NAME_IDENTIFIER, ACTION_PLAIN, PART_ID, 3 },
        { PLACE_ITEM, NS_DC, NAME_DATE, ACTION_DATE, PART_PUBLISHED, 4 },
        { PLACE_ITEM, NS_DC, NAME_CREATOR, ACTION_AUTHOR, 0, 0 },
        { PLACE_ITEM, NS_DC, NAME_AUTHOR, ACTION_AUTHOR, 0, 0 },
        { PLACE_ITEM, NS_DC, NAME_SUBJECT, ACTION_CATEGORY, 0, 0 },
        { PLACE_ITEM, NS_DCTERMS, NAME_ISSUED, ACTION_DATE, PART_PUBLISHED, 3 },
        { PLACE_ITEM, NS_DCTERMS, NAME_CREATED, ACTION_DATE, PART_PUBLISHED, 2 },
        { PLACE_ITEM, NS_DCTERMS, NAME_MODIFIED, ACTION_DATE, PART_UPDATED, 4 },
        { PLACE_ITEM, NS_DCTERMS, NAME_CREATOR, ACTION_AUTHOR, 0, 0 },

        /* Content: https://web.resource.org/rss/1.0/modules/content/, and its forerunner. */
        { PLACE_ITEM, NS_CONTENT, NAME_ENCODED, ACTION_TEXT, PART_CONTENT, 9 },
        { PLACE_ITEM, NS_XHTML, NAME_BODY, ACTION_PLAIN, PART_CONTENT, 4 },

        /* Atom inside RSS: https://www.rssboard.org/rss-profile#namespace-elements-atom */
        { PLACE_FEED, NS_ATOM, NAME_LINK, ACTION_ATOM_LINK, PART_LINK, 4 },
        { PLACE_FEED, NS_ATOM, NAME_UPDATED, ACTION_DATE, PART_UPDATED, 5 },
        { PLACE_ITEM, NS_ATOM, NAME_TITLE, ACTION_TYPED, PART_TITLE, 5 },
        { PLACE_ITEM, NS_ATOM, NAME_LINK, ACTION_ATOM_LINK, PART_LINK, 5 },
        { PLACE_ITEM, NS_ATOM, NAME_ID, ACTION_PLAIN, PART_ID, 5 },
        { PLACE_ITEM, NS_ATOM, NAME_SUMMARY, ACTION_TYPED, PART_SUMMARY, 5 },
        { PLACE_ITEM, NS_ATOM, NAME_CONTENT, ACTION_TYPED, PART_CONTENT, 6 },
        { PLACE_ITEM, NS_ATOM, NAME_PUBLISHED, ACTION_DATE, PART_PUBLISHED, 5 },
        { PLACE_ITEM, NS_ATOM, NAME_UPDATED, ACTION_DATE, PART_UPDATED, 6 },
        { PLACE_ITEM, NS_ATOM, NAME_AUTHOR, ACTION_PERSON, 0, 0 },
        { PLACE_ITEM, NS_ATOM, NAME_CATEGORY, ACTION_CATEGORY, 0, 0 },
        { PLACE_PERSON, NS_ATOM, NAME_NAME, ACTION_PLAIN, PART_TITLE, 9 },
        { PLACE_PERSON, NS_ATOM, NAME_EMAIL, ACTION_PLAIN, PART_TITLE, 1 },

        /* Media RSS: https://www.rssboard.org/media-rss. Titles and descriptions inside
         * media:content are the medium's, those beside it may serve. */
        { PLACE_ITEM, NS_MEDIA, NAME_GROUP, ACTION_ENTER, 0, 0 },
        { PLACE_ITEM, NS_MEDIA, NAME_CONTENT, ACTION_ENCLOSURE, 0, 0 },
        { PLACE_ITEM, NS_MEDIA, NAME_TITLE, ACTION_TEXT, PART_TITLE, 2 },
        { PLACE_ITEM, NS_MEDIA, NAME_DESCRIPTION, ACTION_TEXT, PART_SUMMARY, 2 },
        { PLACE_ITEM, NS_MEDIA, NAME_CATEGORY, ACTION_CATEGORY, 0, 0 },

        /* Podcasts: https://podcasters.apple.com/support/823-podcast-requirements */
        { PLACE_FEED, NS_ITUNES, NAME_SUMMARY, ACTION_TEXT, PART_SUMMARY, 3 },
        { PLACE_ITEM, NS_ITUNES, NAME_TITLE, ACTION_TEXT, PART_TITLE, 3 },
        { PLACE_ITEM, NS_ITUNES, NAME_SUMMARY, ACTION_TEXT, PART_SUMMARY, 3 },
        { PLACE_ITEM, NS_ITUNES, NAME_SUBTITLE, ACTION_TEXT, PART_SUMMARY, 2 },
        { PLACE_ITEM, NS_ITUNES, NAME_AUTHOR, ACTION_AUTHOR, 0, 0 },
};

const Rules rules_modules = { rules, ELEMENTSOF(rules) };

const Rule *rules_find(const Rules *table, Place place, XmlNs ns, XmlName name) {
        for (size_t i = 0; i < table->n_rules; i++) {
                const Rule *rule = &table->rules[i];

                if (rule->name == name && rule->ns == ns && rule->place == place)
                        return rule;
        }

        return NULL;
}
