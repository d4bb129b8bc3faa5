/* SPDX-License-Identifier: MIT */
#pragma once

/* What an element means, as tables: one row says that an element of this name and namespace, met
 * at this place, tells that part of an item or feed, and how good it is at it. An element without a
 * row is left out with all it holds, so that the title of an image never becomes the item's. */

#include "feed/entry.h"
#include "feed/vocabulary.h"

/* Where an element stands: what it speaks of. */
typedef enum Place {
        PLACE_FEED,
        PLACE_ITEM,
        PLACE_SOURCE, /* the feed that an item was taken over from (Atom) */
        PLACE_PERSON, /* an author, of any of the above (Atom) */
        PLACE_MEDIA,  /* one medium of an item (Media RSS) */
        PLACE_MAX,
} Place;

typedef enum Action {
        ACTION_ENTER,     /* holds elements of the same place */
        ACTION_ITEM,      /* begins an item */
        ACTION_SOURCE,    /* begins a source */
        ACTION_TEXT,      /* its text is the part; markup as in RSS */
        ACTION_PLAIN,     /* its text is the part; no markup */
        ACTION_TYPED,     /* its text is the part, in what its attribute `type` says (Atom) */
        ACTION_DATE,      /* its text is the date */
        ACTION_MINUTES,   /* its text is a number of minutes */
        ACTION_SKIP_HOUR, /* its text is an hour of the day (UTC) without news */
        ACTION_SKIP_DAY,  /* its text is a day of the week without news */
        ACTION_PERIOD,    /* its text is "hourly", "daily" ... */
        ACTION_FREQUENCY, /* its text is how often in that period */
        ACTION_ADDRESS,   /* its text (or `href`, `rdf:resource`) is the link */
        ACTION_GUID,      /* the id of RSS, which may be the link as well */
        ACTION_ATOM_LINK, /* `rel` and `href` (or its text): link or enclosure */
        ACTION_AUTHOR,    /* an author: its text, or a person when it holds a name or address */
        ACTION_CREDIT,    /* an author when `role` says so (Media RSS) */
        ACTION_CATEGORY,  /* its text, or `label`, `term` or `text` is a category */
        ACTION_KEYWORDS,  /* its text is categories, between commas */
        ACTION_ENCLOSURE, /* `url`, `type`, `length` (or what RDF and others call them), or its text
                           */
        ACTION_ORIGIN,    /* its text is where the enclosure lies that was moved elsewhere */
        ACTION_MEDIUM,    /* the same, and begins a medium */
} Action;

typedef struct Rule {
        Place place;
        XmlNs ns;
        XmlName name;
        Action action;
        Part part; /* where there is one */
        /* 1 to 9: the highest wins, of equals the first. Authors and categories are lists: those
         * of the highest priority are kept, all of them. */
        uint8_t priority;
} Rule;

/* A format is its rows; the first that fits counts, and those of the modules (Dublin Core, Media
 * RSS, ...) are good in all. */
typedef struct Rules {
        const Rule *rules;
        size_t n_rules;
} Rules;

extern const Rules rules_rss, rules_atom, rules_sitemap, rules_modules;

/* The rows of a format and of the modules, the format's first, by what they say: every element of
 * a feed is looked up. */
typedef struct RuleIndex {
        const Rules *format;
        uint8_t rows[PLACE_MAX][XML_NS_MAX][XML_NAME_MAX]; /* from 1; 0: none */
} RuleIndex;

void rule_index_init(RuleIndex *index, const Rules *format);
/* NULL without one. */
const Rule *rule_index_find(const RuleIndex *index, Place place, XmlNs ns, XmlName name);
