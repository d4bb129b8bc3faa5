/* SPDX-License-Identifier: MIT */

/* At any time the collector is in one of three moods: it skips an element without a rule, with all
 * it holds; it gathers the text of an element, markup inside it included; or it looks at elements
 * one by one, at the place that the innermost entered one opened. Depths tell when each ends. */

#include "feed/collect.h"

#include <errno.h>

#include "text/date.h"
#include "text/markup.h"
#include "text/utf8.h"

#define PLACES_MAX 8 /* feed, item, source, person: one inside the other */

struct Collector {
        Warnings *warnings;
        const XmlReader *reader;
        Addresses addresses;

        const Rules *rules;
        FeedFormat format;
        XmlNs home; /* what NS_HOME is called when it is called by name */
        Entry feed, item;
        bool is_feed;
        size_t n_items;

        struct {
                Place place;
                unsigned depth;
        } places[PLACES_MAX];
        size_t n_places;

        unsigned skip_depth; /* 0: none */

        /* while an element's text is gathered */
        unsigned gather_depth, mute_depth;
        const Rule *rule;
        TextKind kind;
        bool permalink, cut;
        Buffer raw, plain;

        Buffer person; /* name, else address, of the person being read */
        unsigned person_priority;
};

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

static void collector_warn(Collector *collector, const char *what, const char *detail) {
        warnings_add(collector->warnings,
                collector->reader ? xml_reader_line(collector->reader) : 0, what, detail);
}

/* --- places --- */

static Place place_now(const Collector *collector) {
        return collector->n_places > 0 ? collector->places[collector->n_places - 1].place
                                       : PLACE_FEED;
}

static bool place_enter(Collector *collector, Place place, unsigned depth) {
        if (collector->n_places == PLACES_MAX)
                return false;

        collector->places[collector->n_places].place = place;
        collector->places[collector->n_places].depth = depth;
        collector->n_places++;
        return true;
}

static bool in_item(const Collector *collector) {
        return collector->n_places > 0;
}

/* Whom an element at this place speaks of. Authors of the feed are persons outside any item. */
static Entry *entry_now(Collector *collector) {
        return in_item(collector) && collector->places[0].place == PLACE_ITEM ? &collector->item
                                                                              : &collector->feed;
}

static LabelList *authors_now(Collector *collector) {
        Entry *entry = entry_now(collector);

        for (size_t i = 0; i < collector->n_places; i++)
                if (collector->places[i].place == PLACE_SOURCE)
                        return &entry->source_authors;
        return &entry->authors;
}

/* --- the root --- */

static FeedFormat rss_format(Collector *collector, const char *version) {
        static const struct {
                const char *version;
                FeedFormat format;
        } versions[] = {
                { "0.90", FEED_RSS090 },
                { "0.91", FEED_RSS091 },
                { "0.92", FEED_RSS092 },
                { "0.93", FEED_RSS093 },
                { "0.94", FEED_RSS094 },
                { "1.0", FEED_RSS10 },
                { "2", FEED_RSS20 },
        };

        for (size_t i = 0; version && i < ELEMENTSOF(versions); i++)
                if (startswith(version, versions[i].version))
                        return versions[i].format;

        if (version)
                collector_warn(collector, "an unknown version of RSS, reading as 2.0", version);
        else
                collector_warn(collector, "RSS without a version, reading as 2.0", NULL);
        return FEED_RSS20;
}

static int collector_root(Collector *collector, const XmlElement *element) {
        _cleanup_free_ char *version = NULL, *language = NULL;
        int r;

        r = xml_attribute(element, NS_HOME, "version", &version);
        if (r >= 0)
                r = xml_attribute(element, NS_XML, "lang", &language);
        if (r >= 0 && language) {
                const char *trimmed = strstrip(language);

                r = entry_set_text(&collector->feed, PART_LANGUAGE, 1, trimmed, strlen(trimmed));
        }
        if (r < 0)
                return r;

        collector->is_feed = true;
        if (element->name == NAME_FEED || element->name == NAME_ENTRY) {
                collector->rules = &rules_atom;
                collector->home = NS_ATOM;
                collector->format = xml_declares(element, "purl.org/atom/ns") ||
                                (version && startswith(version, "0.3"))
                        ? FEED_ATOM03
                        : FEED_ATOM10;
                if (element->name == NAME_ENTRY && !place_enter(collector, PLACE_ITEM, 1))
                        return -EINVAL;
                return 0;
        }

        collector->rules = &rules_rss;
        collector->home = NS_RSS;
        if (element->name == NAME_RDF) {
                collector->is_feed = false;
                collector->format =
                        xml_declares(element, "netscape.com/rdf/simple") ? FEED_RSS090 : FEED_RSS10;
        } else
                collector->format = rss_format(collector, version);
        return 0;
}

/* --- addresses --- */

static int collector_resolve(Collector *collector, const char *reference, char **ret) {
        int r;

        /* Links of RSS are thought of as on the publisher's site, those of Atom as RFC 3986 says.
         */
        r = addresses_resolve(&collector->addresses, entry_text(&collector->feed, PART_LINK),
                collector->rules == &rules_rss, reference, ret);
        if (r >= 0 && !*ret)
                collector_warn(
                        collector, "an address that cannot be resolved, ignoring it", reference);
        return r;
}

static int set_link(Collector *collector, unsigned priority, const char *reference) {
        _cleanup_free_ char *url = NULL;
        Entry *entry = entry_now(collector);
        int r;

        if (isempty(reference) || !entry_wants(entry, PART_LINK, priority))
                return 0;

        r = collector_resolve(collector, reference, &url);
        if (r < 0 || !url)
                return r;
        return entry_set_text(entry, PART_LINK, priority, url, strlen(url));
}

static int add_enclosure(
        Collector *collector, const char *reference, const char *type, const char *length) {
        _cleanup_free_ char *url = NULL;
        uint64_t n_bytes = LENGTH_UNKNOWN;
        int r;

        if (isempty(reference) || !in_item(collector))
                return 0;
        r = collector_resolve(collector, reference, &url);
        if (r < 0 || !url)
                return r;

        /* Many write 0 for what they do not know. */
        if (length && (parse_u64(length, &n_bytes) < 0 || n_bytes == 0))
                n_bytes = LENGTH_UNKNOWN;
        return entry_add_enclosure(&collector->item, url, type, n_bytes);
}

static int read_atom_link(Collector *collector, const XmlElement *element, const Rule *rule) {
        _cleanup_free_ char *rel = NULL, *href = NULL, *type = NULL, *length = NULL;
        const char *relation;
        int r;

        r = xml_attribute(element, NS_HOME, "rel", &rel);
        if (r >= 0)
                r = xml_attribute(element, NS_HOME, "href", &href);
        if (r >= 0)
                r = xml_attribute(element, NS_HOME, "type", &type);
        if (r >= 0)
                r = xml_attribute(element, NS_HOME, "length", &length);
        if (r < 0)
                return r;

        /* A registered relation may also be written as an address (RFC 4287, 4.2.7.2). */
        relation = rel ? strstrip(rel) : "alternate";
        relation = startswith_nocase(relation, "http://www.iana.org/assignments/relation/")
                ?: relation;
        if (streq_nocase(relation, "alternate") || streq(relation, ""))
                return set_link(collector, rule->priority, href);
        if (streq_nocase(relation, "enclosure"))
                return add_enclosure(collector, href, type, length);
        return 0;
}

static int read_enclosure(Collector *collector, const XmlElement *element) {
        _cleanup_free_ char *url = NULL, *type = NULL, *length = NULL, *size = NULL;
        int r;

        r = xml_attribute(element, NS_HOME, "url", &url);
        if (r >= 0)
                r = xml_attribute(element, NS_HOME, "type", &type);
        if (r >= 0)
                r = xml_attribute(element, NS_HOME, "length", &length);
        if (r >= 0)
                r = xml_attribute(element, NS_HOME, "fileSize", &size);
        return r < 0 ? r : add_enclosure(collector, url, type, length ?: size);
}

/* --- labels --- */

static int plain_label(Collector *collector, TextKind kind, const char *raw, size_t n_bytes) {
        int r;

        buffer_reset(&collector->plain);
        r = entry_plain_text(kind, raw, n_bytes, ENTRY_LABEL_BYTES_MAX, &collector->plain);
        return r < 0 ? r : 0;
}

static int add_category(Collector *collector, const char *raw, size_t n_bytes) {
        int r;

        r = plain_label(collector, TEXT_HTML, raw, n_bytes);
        if (r < 0 || !in_item(collector))
                return r;
        return entry_add_label(&collector->item, &collector->item.categories, ENTRY_CATEGORIES_MAX,
                buffer_str(&collector->plain));
}

/* 1 when the attributes told the category; its text does not matter then. */
static int read_category(Collector *collector, const XmlElement *element) {
        _cleanup_free_ char *label = NULL, *term = NULL;
        const char *s;
        int r;

        r = xml_attribute(element, NS_HOME, "label", &label);
        if (r >= 0)
                r = xml_attribute(element, NS_HOME, "term", &term);
        if (r < 0)
                return r;

        s = !isempty(label) ? label : term;
        if (isempty(s))
                return 0;
        r = add_category(collector, s, strlen(s));
        return r < 0 ? r : 1;
}

/* --- beginning to gather --- */

/* What RFC 4287, 3.1 and 4.1.3.3 say of `type`; Atom 0.3 wrote media types there, and `mode`. 1:
 * it holds no text. */
static int typed_kind(Collector *collector, const XmlElement *element) {
        _cleanup_free_ char *type_copy = NULL, *mode = NULL;
        const char *type;
        int r;

        r = xml_attribute(element, NS_HOME, "type", &type_copy);
        if (r >= 0)
                r = xml_attribute(element, NS_HOME, "mode", &mode);
        if (r < 0)
                return r;

        type = type_copy ? strstrip(type_copy) : "text";
        collector->kind = TEXT_PLAIN;
        if (mode && streq_nocase(mode, "base64"))
                collector->kind = TEXT_BASE64;
        else if (streq_nocase(type, "html") || startswith_nocase(type, "text/html"))
                collector->kind = TEXT_HTML;
        else if (!streq(type, "") && !streq_nocase(type, "text") && !streq_nocase(type, "xhtml") &&
                !startswith_nocase(type, "text/") && !endswith(type, "+xml") &&
                !endswith(type, "/xml"))
                return 1;
        return 0;
}

static int gather(Collector *collector, const XmlElement *element, const Rule *rule) {
        collector->gather_depth = element->depth;
        collector->mute_depth = 0;
        collector->rule = rule;
        collector->cut = false;
        collector->kind = TEXT_HTML;
        buffer_reset(&collector->raw);
        return 0;
}

static int item_start(Collector *collector, const XmlElement *element) {
        _cleanup_free_ char *about = NULL;
        int r;

        collector->is_feed = true;
        if (collector->n_items >= FEED_ITEMS_MAX ||
                !place_enter(collector, PLACE_ITEM, element->depth)) {
                collector_warn(
                        collector, "more items than are read of one feed, ignoring the rest", NULL);
                collector->skip_depth = element->depth;
                return 0;
        }

        entry_reset(&collector->item);
        r = xml_attribute(element, NS_RDF, "about", &about);
        if (r < 0 || isempty(about))
                return r;

        /* In RSS 1.0 the item's address is its identity, and <link> need not be there. */
        r = entry_set_text(&collector->item, PART_ID, 4, about, strlen(about));
        if (r >= 0 && (startswith_nocase(about, "http://") || startswith_nocase(about, "https://")))
                r = set_link(collector, 1, about);
        return r;
}

/* Elements that say all by attributes have their content skipped. */
static int element_start(Collector *collector, const XmlElement *element, const Rule *rule) {
        _cleanup_free_ char *value = NULL;
        int r = 0;

        switch (rule->action) {
        case ACTION_ENTER:
                collector->is_feed = true;
                return 0;
        case ACTION_ITEM:
                return item_start(collector, element);
        case ACTION_SOURCE:
                if (!place_enter(collector, PLACE_SOURCE, element->depth))
                        collector->skip_depth = element->depth;
                return 0;
        case ACTION_PERSON:
                if (!place_enter(collector, PLACE_PERSON, element->depth))
                        collector->skip_depth = element->depth;
                buffer_reset(&collector->person);
                collector->person_priority = 0;
                return 0;
        case ACTION_TEXT:
        case ACTION_DATE:
        case ACTION_MINUTES:
        case ACTION_AUTHOR:
                return gather(collector, element, rule);
        case ACTION_PLAIN:
                (void) gather(collector, element, rule);
                collector->kind = TEXT_PLAIN;
                return 0;
        case ACTION_TYPED:
                (void) gather(collector, element, rule);
                r = typed_kind(collector, element);
                if (r > 0) {
                        collector->gather_depth = 0;
                        break;
                }
                return r;
        case ACTION_ADDRESS:
                r = xml_attribute(element, NS_HOME, "href", &value);
                if (r >= 0 && value) {
                        r = read_atom_link(collector, element, rule);
                        break;
                }
                return r < 0 ? r : gather(collector, element, rule);
        case ACTION_GUID:
                r = xml_attribute(element, NS_HOME, "isPermaLink", &value);
                collector->permalink = !value || !streq_nocase(strstrip(value), "false");
                (void) gather(collector, element, rule);
                collector->kind = TEXT_PLAIN;
                return r;
        case ACTION_ATOM_LINK:
                r = read_atom_link(collector, element, rule);
                break;
        case ACTION_CATEGORY:
                r = read_category(collector, element);
                if (r > 0)
                        break;
                return r < 0 ? r : gather(collector, element, rule);
        case ACTION_ENCLOSURE:
                r = read_enclosure(collector, element);
                break;
        }

        collector->skip_depth = element->depth;
        return MIN(r, 0);
}

/* --- what was gathered --- */

static int gathered_text(Collector *collector) {
        const Rule *rule = collector->rule;
        Entry *entry = entry_now(collector);
        int r;

        if (rule->place != PLACE_PERSON && !entry_wants(entry, rule->part, rule->priority))
                return 0;

        buffer_reset(&collector->plain);
        r = entry_plain_text(collector->kind, buffer_str(&collector->raw), collector->raw.n_bytes,
                FEED_FIELD_BYTES_MAX, &collector->plain);
        if (r < 0)
                return r;
        if (r > 0 || collector->cut)
                collector_warn(collector, "a text that is too long, cut", NULL);

        if (rule->place == PLACE_PERSON) {
                if (collector->plain.n_bytes == 0 || rule->priority <= collector->person_priority)
                        return 0;
                collector->person_priority = rule->priority;
                buffer_reset(&collector->person);
                return buffer_append(
                        &collector->person, collector->plain.data, collector->plain.n_bytes);
        }
        return entry_set_text(entry, rule->part, rule->priority, buffer_str(&collector->plain),
                collector->plain.n_bytes);
}

static void gathered_date(Collector *collector, const char *s) {
        usec_t t;

        if (isempty(s))
                return;
        if (date_parse(s, &t) < 0)
                collector_warn(collector, "a date that cannot be read, ignoring it", s);
        else
                entry_set_time(
                        entry_now(collector), collector->rule->part, collector->rule->priority, t);
}

static void gathered_minutes(Collector *collector, const char *s) {
        uint64_t minutes;

        if (isempty(s))
                return;
        if (parse_u64(s, &minutes) < 0 || minutes > UINT32_MAX)
                collector_warn(
                        collector, "a number of minutes that cannot be read, ignoring it", s);
        else
                entry_set_time(entry_now(collector), collector->rule->part,
                        collector->rule->priority, minutes * USEC_PER_MINUTE);
}

static int gathered_guid(Collector *collector) {
        const char *s;
        int r;

        r = gathered_text(collector);
        if (r < 0)
                return r;

        s = buffer_str(&collector->plain);
        if (collector->permalink &&
                (startswith_nocase(s, "http://") || startswith_nocase(s, "https://")))
                return set_link(collector, 3, s);
        return 0;
}

static int gathered(Collector *collector) {
        const char *raw;
        int r;

        collector->gather_depth = 0;
        switch (collector->rule->action) {
        case ACTION_TEXT:
        case ACTION_PLAIN:
        case ACTION_TYPED:
                return gathered_text(collector);
        case ACTION_GUID:
                return gathered_guid(collector);
        case ACTION_DATE:
                gathered_date(collector, strstrip(collector->raw.data ?: (char[1]){}));
                return 0;
        case ACTION_MINUTES:
                gathered_minutes(collector, strstrip(collector->raw.data ?: (char[1]){}));
                return 0;
        case ACTION_ADDRESS:
                raw = strstrip(collector->raw.data ?: (char[1]){});
                return set_link(collector, collector->rule->priority, raw);
        case ACTION_AUTHOR:
                r = plain_label(
                        collector, TEXT_PLAIN, buffer_str(&collector->raw), collector->raw.n_bytes);
                if (r >= 0 &&
                        text_has_markup(buffer_str(&collector->raw), collector->raw.n_bytes) &&
                        !memchr(buffer_str(&collector->raw), '@', collector->raw.n_bytes))
                        r = plain_label(collector, TEXT_HTML, buffer_str(&collector->raw),
                                collector->raw.n_bytes);
                if (r < 0)
                        return r;
                return entry_add_author(entry_now(collector), authors_now(collector),
                        buffer_str(&collector->plain));
        case ACTION_CATEGORY:
                return add_category(collector, buffer_str(&collector->raw), collector->raw.n_bytes);
        case ACTION_ENTER:
        case ACTION_ITEM:
        case ACTION_SOURCE:
        case ACTION_PERSON:
        case ACTION_ATOM_LINK:
        case ACTION_ENCLOSURE:
                break;
        }

        return 0;
}

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
        LabelList *authors = authors_now(collector);
        Entry *entry = entry_now(collector);

        collector->n_places--;
        switch (place) {
        case PLACE_ITEM:
                return item_end(collector);
        case PLACE_PERSON:
                return entry_add_author(entry, authors, buffer_str(&collector->person));
        case PLACE_FEED:
        case PLACE_SOURCE:
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

        if (collector->gather_depth > 0) {
                if (collector->mute_depth > 0)
                        return 0;
                if (element->name == NAME_SCRIPT || element->name == NAME_STYLE)
                        collector->mute_depth = element->depth;
                if (element->name == NAME_BLOCK)
                        return collector_on_text(" ", 1, collector);
                return 0;
        }

        rule = rules_find(collector->rules, place_now(collector), ns, element->name)
                ?: rules_find(&rules_modules, place_now(collector), ns, element->name);
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
                r = gathered(collector);
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
        return (FeedInfo){
                .format = collector->format,
                .title = entry_text(&collector->feed, PART_TITLE),
                .link = entry_text(&collector->feed, PART_LINK),
                .description = entry_text(&collector->feed, PART_SUMMARY),
                .language = entry_text(&collector->feed, PART_LANGUAGE),
                .updated_usec = entry_time(&collector->feed, PART_UPDATED),
                .ttl_usec = entry_time(&collector->feed, PART_TTL),
        };
}
