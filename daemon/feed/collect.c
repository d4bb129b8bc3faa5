/* SPDX-License-Identifier: MIT */

/* At any time the collector is in one of three moods: it skips an element without a rule, with all
 * it holds; it gathers the text of an element, markup inside it included; or it looks at elements
 * one by one, at the place that the innermost entered one opened. Depths tell when each ends. */

#include "feed/collect.h"

#include <errno.h>

#include "feed/collect-parts.h"
#include "text/utf8.h"

int collector_new(const char *url, Warnings *warnings, Collector **ret) {
        _cleanup_(collector_freep) Collector *collector = NULL;
        int r;

        collector = new0(Collector, 1);
        if (!collector)
                return -ENOMEM;

        collector->warnings = warnings;
        r = entry_init(&collector->feed);
        if (r >= 0)
                r = entry_init(&collector->item);
        if (r >= 0)
                r = free_and_strdup(&collector->addresses.url, url);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(collector);
        return 0;
}

Collector *collector_free(Collector *collector) {
        if (!collector)
                return NULL;

        addresses_done(&collector->addresses);
        entry_done(&collector->feed);
        entry_done(&collector->item);
        buffer_done(&collector->raw);
        buffer_done(&collector->plain);
        buffer_done(&collector->person);
        return mfree(collector);
}

void collector_set_reader(Collector *collector, const XmlReader *reader) {
        collector->reader = reader;
}

void collector_warn(Collector *collector, const char *what, const char *detail) {
        warnings_add(collector->warnings,
                collector->reader ? xml_reader_line(collector->reader) : 0, what, detail);
}

/* --- places --- */

static Place place_now(const Collector *collector) {
        return collector->n_places > 0 ? collector->places[collector->n_places - 1].place
                                       : PLACE_FEED;
}

bool collector_enter(Collector *collector, Place place, unsigned depth) {
        if (collector->n_places == PLACES_MAX)
                return false;

        collector->places[collector->n_places].place = place;
        collector->places[collector->n_places].depth = depth;
        collector->n_places++;
        return true;
}

bool collector_in_item(const Collector *collector) {
        return collector->n_places > 0;
}

/* Whom an element at this place speaks of. Authors of the feed are persons outside any item. */
Entry *collector_entry(Collector *collector) {
        return collector_in_item(collector) && collector->places[0].place == PLACE_ITEM
                ? &collector->item
                : &collector->feed;
}

LabelList *collector_authors(Collector *collector) {
        Entry *entry = collector_entry(collector);

        for (size_t i = 0; i < collector->n_places; i++)
                if (collector->places[i].place == PLACE_SOURCE)
                        return &entry->source_authors;
        return &entry->authors;
}

/* --- elements --- */

static int item_start(Collector *collector, const XmlElement *element) {
        _cleanup_free_ char *about = NULL;
        int r;

        collector->is_feed = true;
        if (collector->n_items >= FEED_ITEMS_MAX ||
                !collector_enter(collector, PLACE_ITEM, element->depth)) {
                collector_warn(
                        collector, "more items than are read of one feed, ignoring the rest", NULL);
                collector->skip_depth = element->depth;
                return 0;
        }

        entry_reset(&collector->item);
        if (element->n_attributes == 0)
                return 0;
        r = collector_read_cdf(collector, element);
        if (r >= 0)
                r = xml_attribute(element, NS_RDF, "about", &about);
        if (r >= 0 && !about && collector->rules == &rules_rss)
                r = xml_attribute(element, NS_HOME, "about", &about);
        if (r < 0 || isempty(about))
                return r;

        /* In RSS 1.0 the item's address is its identity, and <link> need not be there. */
        r = entry_set_text(&collector->item, PART_ID, 4, about, strlen(about));
        if (r >= 0 && (startswith_nocase(about, "http://") || startswith_nocase(about, "https://")))
                r = collector_set_link(collector, 1, about);
        return r;
}

/* Is the author whose text is being gathered a person with parts (Atom)? What was gathered so far
 * is what indents them. */
static bool author_is_person(Collector *collector, const XmlElement *element) {
        if (collector->rule->action != ACTION_AUTHOR || collector->mute_depth > 0)
                return false;
        if (element->name != NAME_NAME && element->name != NAME_EMAIL && element->name != NAME_URI)
                return false;
        if (!collector_enter(collector, PLACE_PERSON, collector->gather_depth))
                return false;

        collector->gather_depth = 0;
        collector->author_priority = collector->rule->priority;
        buffer_reset(&collector->person);
        collector->person_priority = 0;
        return true;
}

static bool says_yes(char *value) {
        bool yes;

        return parse_boolean(strstrip(value), &yes) < 0 || yes;
}

/* Lists of RDF: each of its elements is a value. */
static int next_of_list(Collector *collector) {
        unsigned depth = collector->gather_depth;
        int r;

        r = collector_gathered(collector);
        collector->gather_depth = depth;
        buffer_reset(&collector->raw);
        return r;
}

static int gathering_start(Collector *collector, const XmlElement *element) {
        Action action = collector->rule->action;

        collector->has_elements = true;
        if (collector->mute_depth > 0)
                return 0;
        if (element->name == NAME_SCRIPT || element->name == NAME_STYLE)
                collector->mute_depth = element->depth;
        if (element->name != NAME_BLOCK)
                return 0;
        if (element->ns == NS_RDF && (action == ACTION_AUTHOR || action == ACTION_CATEGORY))
                return next_of_list(collector);
        return collector_on_text(" ", 1, collector);
}

static int gather_instead(Collector *collector, const XmlElement *element, const Rule *rule) {
        collector_gather(collector, element, rule);
        return 0;
}

/* Elements that say all by attributes have their content skipped. */
static int element_start(Collector *collector, const XmlElement *element, const Rule *rule) {
        _cleanup_free_ char *value = NULL;
        int r = 0;

        switch (rule->action) {
        case ACTION_ENTER:
                collector->is_feed = true;
                return element->name == NAME_CHANNEL ? collector_read_language(collector, element)
                                                     : 0;
        case ACTION_ITEM:
                return item_start(collector, element);
        case ACTION_SOURCE:
                if (!collector_enter(collector, PLACE_SOURCE, element->depth))
                        collector->skip_depth = element->depth;
                return 0;
        case ACTION_MEDIUM:
                r = collector_read_enclosure(collector, element);
                if (r < 0 || collector_enter(collector, PLACE_MEDIA, element->depth))
                        return MIN(r, 0);
                break;
        case ACTION_CREDIT:
                r = collector_read_credit(element);
                if (r > 0)
                        break;
                if (r >= 0)
                        collector_gather(collector, element, rule);
                return r;
        case ACTION_TEXT:
                collector_gather(collector, element, rule);
                return rule->ns == NS_MEDIA ? collector_media_kind(collector, element) : 0;
        case ACTION_DATE:
        case ACTION_MINUTES:
        case ACTION_SKIP_HOUR:
        case ACTION_SKIP_DAY:
        case ACTION_PERIOD:
        case ACTION_FREQUENCY:
        case ACTION_AUTHOR:
        case ACTION_KEYWORDS:
        case ACTION_ORIGIN:
                collector_gather(collector, element, rule);
                return 0;
        case ACTION_PLAIN:
                collector_gather(collector, element, rule);
                collector->kind = TEXT_PLAIN;
                return 0;
        case ACTION_TYPED:
                collector_gather(collector, element, rule);
                r = collector_typed_kind(collector, element);
                if (r <= 0)
                        return r;
                collector->gather_depth = 0;
                if (r == 2)
                        return 0;
                break;
        case ACTION_ADDRESS:
                r = xml_attribute(element, NS_HOME, "href", &value);
                if (r >= 0 && value) {
                        r = collector_read_atom_link(collector, element, rule);
                        if (r > 0)
                                return gather_instead(collector, element, rule);
                        break;
                }
                if (r >= 0)
                        r = xml_attribute(element, NS_RDF, "resource", &value);
                if (r >= 0 && value) {
                        r = collector_set_link(collector, rule->priority, value);
                        break;
                }
                if (r >= 0)
                        collector_gather(collector, element, rule);
                return r;
        case ACTION_GUID:
                r = xml_attribute(element, NS_HOME, "isPermaLink", &value);
                collector->permalink = !value || says_yes(value);
                collector_gather(collector, element, rule);
                collector->kind = TEXT_PLAIN;
                return r;
        case ACTION_ATOM_LINK:
                r = collector_read_atom_link(collector, element, rule);
                if (r > 0)
                        return gather_instead(collector, element, rule);
                break;
        case ACTION_CATEGORY:
                r = collector_read_category(collector, element, rule);
                if (r > 0)
                        break;
                if (r >= 0)
                        collector_gather(collector, element, rule);
                return r;
        case ACTION_ENCLOSURE:
                r = collector_read_enclosure(collector, element);
                if (r > 0)
                        return gather_instead(collector, element, rule);
                break;
        }

        collector->skip_depth = element->depth;
        return MIN(r, 0);
}

/* --- ends --- */

static int item_end(Collector *collector) {
        const FeedHandler *handler = &collector->warnings->handler;
        Item item;

        if (entry_is_empty(&collector->item)) {
                collector_warn(collector, "an item without any content, ignoring it", NULL);
                return 0;
        }

        collector->n_items++;
        item = entry_item(&collector->item, &collector->feed);
        return handler->on_item(&item, handler->userdata);
}

static int place_leave(Collector *collector) {
        Place place = place_now(collector);
        LabelList *authors = collector_authors(collector);
        Entry *entry = collector_entry(collector);

        collector->n_places--;
        switch (place) {
        case PLACE_ITEM:
                return item_end(collector);
        case PLACE_PERSON:
                return entry_add_author(
                        entry, authors, collector->author_priority, buffer_str(&collector->person));
        case PLACE_FEED:
        case PLACE_SOURCE:
        case PLACE_MEDIA:
        case PLACE_MAX:
                break;
        }
        return 0;
}

/* --- the three callbacks --- */

int collector_on_start(const XmlElement *element, void *userdata) {
        Collector *collector = userdata;
        XmlNs ns = element->ns == collector->home ? NS_HOME : element->ns;
        const Rule *rule;
        int r;

        if (element->n_attributes > 0) {
                _cleanup_free_ char *base = NULL;

                r = xml_attribute(element, NS_XML, "base", &base);
                if (r >= 0 && base)
                        r = addresses_enter(&collector->addresses, element->depth, base);
                if (r < 0)
                        return r;
        }
        if (element->depth == 1) {
                r = collector_root(collector, element);
                if (r < 0)
                        return r;
                collector->skip_depth = 0;
                return 0;
        }

        if (collector->gather_depth > 0 && !author_is_person(collector, element))
                return gathering_start(collector, element);

        rule = rule_index_find(&collector->index, place_now(collector), ns, element->name);
        if (collector->skip_depth > 0) {
                /* Items count wherever they are found. */
                if (!rule || rule->action != ACTION_ITEM)
                        return 0;
                collector->skip_depth = 0;
        }
        if (!rule) {
                collector->skip_depth = element->depth;
                return 0;
        }
        return element_start(collector, element, rule);
}

int collector_on_text(const char *p, size_t n_bytes, void *userdata) {
        Collector *collector = userdata;
        size_t n_room;

        if (collector->gather_depth == 0 || collector->mute_depth > 0)
                return 0;

        n_room = COLLECT_RAW_BYTES_MAX - collector->raw.n_bytes;
        if (n_bytes > n_room) {
                collector->cut = true;
                n_bytes = utf8_cut(p, n_bytes, n_room);
        }
        return n_bytes > 0 ? buffer_append(&collector->raw, p, n_bytes) : 0;
}

int collector_on_end(unsigned depth, void *userdata) {
        Collector *collector = userdata;
        int r = 0;

        if (collector->gather_depth == depth)
                r = collector_gathered(collector);
        else if (collector->mute_depth == depth)
                collector->mute_depth = 0;
        else if (collector->skip_depth == depth)
                collector->skip_depth = 0;
        else if (collector->n_places > 0 &&
                collector->places[collector->n_places - 1].depth == depth)
                r = place_leave(collector);

        addresses_leave(&collector->addresses, depth);
        return r;
}

/* --- what is known --- */

bool collector_is_feed(const Collector *collector) {
        return collector->is_feed;
}

size_t collector_n_items(const Collector *collector) {
        return collector->n_items;
}

FeedInfo collector_info(const Collector *collector) {
        return entry_feed_info(&collector->feed, collector->format);
}
