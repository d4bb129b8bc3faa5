/* SPDX-License-Identifier: MIT */

/* What the attributes and the text of an element say, once its rule is known. */

#include <errno.h>

#include "feed/collect-parts.h"
#include "text/date.h"
#include "text/markup.h"
#include "text/utf8.h"

/* --- addresses --- */

/* Links that stand in where no element names a page: see also the tables. */
enum {
        LINK_CONTENT_PRIORITY = 1, /* where an entry's content lies */
        LINK_SELF_PRIORITY = 2,    /* where the entry itself lies */
        LINK_GUID_PRIORITY = 3,    /* an id that is a permanent address */
};

static int collector_resolve(Collector *collector, const char *reference, char **ret) {
        int r;

        /* Links of RSS are thought of as on the publisher's site, those of Atom as RFC 3986 says.
         */
        r = addresses_resolve(&collector->addresses, entry_text(&collector->feed, PART_LINK),
                collector->rules == &rules_rss, reference, ret);
        if (r >= 0 && !*ret && reference[strspn(reference, " \t\r\n")] != '\0')
                collector_warn(
                        collector, "an address that cannot be resolved, ignoring it", reference);
        return r;
}

int collector_set_link(Collector *collector, unsigned priority, const char *reference) {
        _cleanup_free_ char *url = NULL;
        Entry *entry = collector_entry(collector);
        int r;

        if (isempty(reference) || !entry_wants(entry, PART_LINK, priority))
                return 0;

        r = collector_resolve(collector, reference, &url);
        if (r < 0 || !url)
                return r;
        return entry_set_text(entry, PART_LINK, priority, url, strlen(url));
}

static int add_enclosure(
        Collector *collector, const char *reference, const char *type, char *length) {
        _cleanup_free_ char *url = NULL;
        uint64_t n_bytes = LENGTH_UNKNOWN;
        int r;

        if (isempty(reference) || !collector_in_item(collector))
                return 0;
        r = collector_resolve(collector, reference, &url);
        if (r < 0 || !url)
                return r;

        /* Many write 0 for what they do not know. */
        if (length && (parse_u64(strstrip(length), &n_bytes) < 0 || n_bytes == 0))
                n_bytes = LENGTH_UNKNOWN;
        return entry_add_enclosure(&collector->item, url, type, n_bytes);
}

/* A registered relation may also be written as an address (RFC 4287, 4.2.7.2); where the registry
 * lies has changed since, the relation has always come last. */
static const char *relation_name(const char *rel) {
        const char *p;

        p = startswith_nocase(rel, "http://www.iana.org/assignments/")
                ?: startswith_nocase(rel, "https://www.iana.org/assignments/");
        if (!p)
                return rel;
        for (size_t n = strcspn(p, "/#"); p[n] != '\0'; n = strcspn(p, "/#"))
                p += n + 1;
        return p;
}

/* Relations of HTML that say of an address that it is the page's own. */
static bool relation_is_own(const char *relation) {
        static const char *const own[] = { "self", "canonical", "permalink", "bookmark" };

        for (size_t i = 0; i < ELEMENTSOF(own); i++)
                if (streq_nocase(relation, own[i]))
                        return true;
        return false;
}

/* Of several alternates, that for people comes first: it need not say so. */
static bool type_is_page(const char *type) {
        return isempty(type) || startswith_nocase(type, "text/html") ||
                startswith_nocase(type, "application/xhtml");
}

int collector_read_atom_link(Collector *collector, const XmlElement *element, const Rule *rule) {
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

        relation = rel ? relation_name(strstrip(rel)) : "alternate";
        if (startswith_nocase(relation, "alternate "))
                relation = "alternate"; /* one of several, as in HTML */
        if (streq_nocase(relation, "alternate") || streq(relation, ""))
                return isempty(href)
                        ? 1
                        : collector_set_link(collector,
                                  type_is_page(type) ? rule->priority : rule->priority - 1u, href);
        if (streq_nocase(relation, "enclosure"))
                return add_enclosure(collector, href, type, length);
        /* An entry without a page has itself at least; what a feed's own link is for, its address
         * is not. */
        if (relation_is_own(relation) && collector_in_item(collector))
                return collector_set_link(collector, LINK_SELF_PRIORITY, href);
        return 0;
}

/* The first of these attributes that is there, in no namespace or in those of RDF and its
 * enclosures. */
static int attribute_of(
        const XmlElement *element, const char *const *names, size_t n_names, char **ret) {
        static const XmlNs spaces[] = { NS_HOME, NS_ENCLOSURE, NS_RDF };
        int r = 0;

        *ret = NULL;
        for (size_t i = 0; i < n_names && r >= 0 && !*ret; i++)
                for (size_t k = 0; k < ELEMENTSOF(spaces) && r >= 0 && !*ret; k++)
                        r = xml_attribute(element, spaces[k], names[i], ret);
        return r;
}

int collector_read_enclosure(Collector *collector, const XmlElement *element) {
        static const char *const urls[] = { "url", "href", "resource" };
        static const char *const types[] = { "type" };
        static const char *const lengths[] = { "length", "fileSize" };
        _cleanup_free_ char *url = NULL, *type = NULL, *length = NULL;
        int r;

        r = attribute_of(element, urls, ELEMENTSOF(urls), &url);
        if (r < 0 || !url)
                return r < 0 ? r : 1;
        r = attribute_of(element, types, ELEMENTSOF(types), &type);
        if (r >= 0)
                r = attribute_of(element, lengths, ELEMENTSOF(lengths), &length);
        return r < 0 ? r : add_enclosure(collector, url, type, length);
}

/* --- labels --- */

static int plain_label(Collector *collector, TextKind kind, const char *raw, size_t n_bytes) {
        int r;

        buffer_reset(&collector->plain);
        r = entry_plain_text(kind, raw, n_bytes, ENTRY_LABEL_BYTES_MAX, &collector->plain);
        return r < 0 ? r : 0;
}

static int add_category(
        Collector *collector, TextKind kind, unsigned priority, const char *raw, size_t n_bytes) {
        int r;

        r = plain_label(collector, kind, raw, n_bytes);
        if (r < 0 || !collector_in_item(collector))
                return r;
        return entry_add_label(&collector->item, &collector->item.categories, priority,
                ENTRY_CATEGORIES_MAX, buffer_str(&collector->plain));
}

static int add_keywords(Collector *collector) {
        const char *p = buffer_str(&collector->raw);

        for (;;) {
                size_t n = strcspn(p, ",");
                int r = add_category(collector, TEXT_HTML, collector->rule->priority, p, n);

                if (r < 0 || p[n] == '\0')
                        return r;
                p += n + 1;
        }
}

/* 1 when the attributes told the category; its text does not matter then. */
int collector_read_category(Collector *collector, const XmlElement *element, const Rule *rule) {
        _cleanup_free_ char *label = NULL, *term = NULL, *text = NULL;
        const char *s;
        int r;

        r = xml_attribute(element, NS_HOME, "label", &label);
        if (r >= 0)
                r = xml_attribute(element, NS_HOME, "term", &term);
        if (r >= 0)
                r = xml_attribute(element, NS_HOME, "text", &text); /* iTunes */
        if (r < 0)
                return r;

        s = !isempty(label) ? label : !isempty(term) ? term : text;
        if (isempty(s))
                return 0;
        r = add_category(collector, TEXT_PLAIN, rule->priority, s, strlen(s));
        return r < 0 ? r : 1;
}

/* Of those who made a medium, only who wrote it stands in for the item's author. */
int collector_read_credit(const XmlElement *element) {
        static const char *const roles[] = { "author", "writer", "journalist", "reporter" };
        _cleanup_free_ char *role = NULL;
        int r;

        r = xml_attribute(element, NS_HOME, "role", &role);
        if (r < 0)
                return r;

        for (size_t i = 0; role && i < ELEMENTSOF(roles); i++)
                if (streq_nocase(strstrip(role), roles[i]))
                        return 0;
        return 1;
}

/* --- text --- */

static bool type_is_text(const char *type) {
        return startswith_nocase(type, "text/") || endswith(type, "+xml") || endswith(type, "/xml");
}

static bool type_is_xhtml(const char *type) {
        return streq_nocase(type, "xhtml") || startswith_nocase(type, "application/xhtml+xml");
}

static bool type_is_html(const char *type) {
        return streq_nocase(type, "html") || startswith_nocase(type, "text/html");
}

/* What RFC 4287, 3.1 and 4.1.3.3 say of `type`: text, html (escaped once more) or xhtml (inline);
 * media types of XML and text stand inline as well, all others in base64, and are no text. Atom 0.3
 * wrote media types everywhere, and `mode`: xml (inline, unless said), escaped or base64. Of
 * content that lies elsewhere (`src`) the address is all there is. XHTML is inline: where no
 * element is, it was escaped by mistake. What is no type at all ("escaped"), or none that a title
 * can have, is one as well: it is text, with or without markup. */
int collector_typed_kind(Collector *collector, const XmlElement *element) {
        _cleanup_free_ char *type_copy = NULL, *mode = NULL, *src = NULL;
        const char *type;
        bool html, xhtml;
        int r;

        r = xml_attribute(element, NS_HOME, "type", &type_copy);
        if (r >= 0)
                r = xml_attribute(element, NS_HOME, "mode", &mode);
        if (r >= 0 && element->name == NAME_CONTENT)
                r = xml_attribute(element, NS_HOME, "src", &src);
        if (r < 0)
                return r;

        type = type_copy ? strstrip(type_copy) : "text";
        if (!isempty(src)) {
                if (!type_copy || type_is_html(type) || type_is_page(type))
                        r = collector_set_link(collector, LINK_CONTENT_PRIORITY, src);
                return r < 0 ? r : 1;
        }

        if (startswith_nocase(type, "multipart/"))
                return 2;

        html = type_is_html(type);
        xhtml = type_is_xhtml(type);
        if (!html && !xhtml && !streq(type, "") && !streq_nocase(type, "text") &&
                !type_is_text(type)) {
                if (element->name == NAME_CONTENT && strchr(type, '/'))
                        return 1;
                html = !streq_nocase(type, "plain");
        }

        if (mode && streq_nocase(strstrip(mode), "base64"))
                collector->kind = html || xhtml ? TEXT_BASE64_HTML : TEXT_BASE64_PLAIN;
        else if (mode ? streq_nocase(strstrip(mode), "xml") : collector->format == FEED_ATOM03)
                collector->kind = TEXT_PLAIN;
        else
                collector->kind = html ? TEXT_HTML : TEXT_PLAIN;
        collector->xhtml = xhtml || (html && collector->kind == TEXT_PLAIN);
        return 0;
}

int collector_media_kind(Collector *collector, const XmlElement *element) {
        _cleanup_free_ char *type = NULL;
        int r;

        r = xml_attribute(element, NS_HOME, "type", &type);
        if (r >= 0 && type && (streq_nocase(type, "plain") || streq_nocase(type, "text/plain")))
                collector->kind = TEXT_PLAIN;
        return r;
}

void collector_gather(Collector *collector, const XmlElement *element, const Rule *rule) {
        collector->gather_depth = element->depth;
        collector->mute_depth = 0;
        collector->rule = rule;
        collector->cut = collector->xhtml = collector->has_elements = false;
        collector->kind = TEXT_HTML;
        buffer_reset(&collector->raw);
}

static int gathered_text(Collector *collector) {
        const Rule *rule = collector->rule;
        Entry *entry = collector_entry(collector);
        int r;

        if (rule->place != PLACE_PERSON && !entry_wants(entry, rule->part, rule->priority))
                return 0;

        if (collector->xhtml && !collector->has_elements && collector->kind == TEXT_PLAIN)
                collector->kind = TEXT_HTML;
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

void collector_set_date(Collector *collector, Part part, unsigned priority, const char *s) {
        usec_t t;

        if (isempty(s))
                return;
        if (date_parse(s, &t) < 0)
                collector_warn(collector, "a date that cannot be read, ignoring it", s);
        else
                entry_set_time(collector_entry(collector), part, priority, t);
}

static void gathered_minutes(Collector *collector, const char *s) {
        uint64_t minutes;

        if (isempty(s))
                return;
        if (parse_u64(s, &minutes) < 0 || minutes > UINT32_MAX)
                collector_warn(
                        collector, "a number of minutes that cannot be read, ignoring it", s);
        else
                entry_set_time(collector_entry(collector), collector->rule->part,
                        collector->rule->priority, minutes * USEC_PER_MINUTE);
}

/* When the feed is worth a look. What cannot be read asks for nothing. */
static void gathered_rhythm(Collector *collector, const char *s) {
        static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
                "Friday", "Saturday" };
        static const struct {
                const char *word;
                usec_t span;
        } periods[] = { { "hourly", USEC_PER_HOUR }, { "daily", USEC_PER_DAY },
                { "weekly", 7 * USEC_PER_DAY }, { "monthly", 30 * USEC_PER_DAY },
                { "yearly", 365 * USEC_PER_DAY } };
        Entry *feed = &collector->feed;
        uint64_t n;

        switch ((int) collector->rule->action) {
        case ACTION_SKIP_HOUR: /* 24 is midnight to some */
                if (parse_u64(s, &n) >= 0 && n <= 24)
                        feed->skip_hours |= UINT32_C(1) << (n % 24);
                break;
        case ACTION_SKIP_DAY:
                for (size_t i = 0; i < ELEMENTSOF(days); i++)
                        if (streq_nocase(s, days[i]))
                                feed->skip_days |= UINT32_C(1) << i;
                break;
        case ACTION_PERIOD:
                for (size_t i = 0; i < ELEMENTSOF(periods); i++)
                        if (streq_nocase(s, periods[i].word))
                                feed->period_usec = periods[i].span;
                break;
        case ACTION_FREQUENCY:
                if (parse_u64(s, &n) >= 0 && n > 0)
                        feed->frequency = n;
                break;
        }
}

static int gathered_guid(Collector *collector) {
        const char *s;
        int r;

        r = gathered_text(collector);
        if (r < 0)
                return r;

        s = buffer_str(&collector->plain);
        if (collector->permalink &&
                (s[0] == '/' || startswith_nocase(s, "http://") ||
                        startswith_nocase(s, "https://")))
                return collector_set_link(collector, LINK_GUID_PRIORITY, s);
        return 0;
}

static int gathered_author(Collector *collector) {
        const char *raw = buffer_str(&collector->raw);
        size_t n_bytes = collector->raw.n_bytes;
        int r;

        r = plain_label(collector, TEXT_PLAIN, raw, n_bytes);
        if (r >= 0 && text_has_markup(raw, n_bytes) && !memchr(raw, '@', n_bytes))
                r = plain_label(collector, TEXT_HTML, raw, n_bytes);
        return r < 0 ? r
                     : entry_add_author(collector_entry(collector), collector_authors(collector),
                               collector->rule->priority, buffer_str(&collector->plain));
}

/* FeedBurner's and Pheedo's: where the enclosure was before they moved it to themselves. */
static int gathered_origin(Collector *collector, const char *reference) {
        _cleanup_free_ char *url = NULL;
        int r;

        r = collector_resolve(collector, reference, &url);
        return r < 0 || !url ? r : entry_move_enclosure(&collector->item, url);
}

/* Good for one use: what is cut off at the end stays counted. */
static char *raw_stripped(Collector *collector) {
        return collector->raw.data ? strstrip(collector->raw.data) : (char *) "";
}

int collector_gathered(Collector *collector) {
        collector->gather_depth = 0;
        switch (collector->rule->action) {
        case ACTION_TEXT:
        case ACTION_PLAIN:
        case ACTION_TYPED:
                return gathered_text(collector);
        case ACTION_GUID:
                return gathered_guid(collector);
        case ACTION_DATE:
                collector_set_date(collector, collector->rule->part, collector->rule->priority,
                        raw_stripped(collector));
                return 0;
        case ACTION_MINUTES:
                gathered_minutes(collector, raw_stripped(collector));
                return 0;
        case ACTION_SKIP_HOUR:
        case ACTION_SKIP_DAY:
        case ACTION_PERIOD:
        case ACTION_FREQUENCY:
                gathered_rhythm(collector, raw_stripped(collector));
                return 0;
        case ACTION_ADDRESS:
                return collector_set_link(
                        collector, collector->rule->priority, raw_stripped(collector));
        case ACTION_ATOM_LINK:
                return collector_set_link(
                        collector, collector->rule->priority - 2u, raw_stripped(collector));
        case ACTION_ENCLOSURE:
                if (collector->has_elements)
                        return 0;
                return add_enclosure(
                        collector, raw_stripped(collector), /* type= */ NULL, /* length= */ NULL);
        case ACTION_ORIGIN:
                return gathered_origin(collector, raw_stripped(collector));
        case ACTION_AUTHOR:
        case ACTION_CREDIT:
                return gathered_author(collector);
        case ACTION_CATEGORY:
                return add_category(collector, TEXT_HTML, collector->rule->priority,
                        buffer_str(&collector->raw), collector->raw.n_bytes);
        case ACTION_KEYWORDS:
                return add_keywords(collector);
        case ACTION_ENTER:
        case ACTION_ITEM:
        case ACTION_SOURCE:
        case ACTION_MEDIUM:
                break;
        }

        return 0;
}
