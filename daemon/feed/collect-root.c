/* SPDX-License-Identifier: MIT */

/* What the root says: the format, and with it the rules; the language. */

#include <errno.h>

#include "feed/collect-parts.h"

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
                if (startswith(version + strspn(version, " "), versions[i].version))
                        return versions[i].format;

        if (version)
                collector_warn(collector, "an unknown version of RSS, reading as 2.0", version);
        else
                collector_warn(collector, "RSS without a version, reading as 2.0", NULL);
        return FEED_RSS20;
}

static void collector_set_format(
        Collector *collector, FeedFormat format, const Rules *rules, XmlNs home) {
        collector->format = format;
        collector->home = home;
        collector->rules = rules;
        rule_index_init(&collector->index, rules);
}

int collector_read_language(Collector *collector, const XmlElement *element) {
        _cleanup_free_ char *language = NULL;
        const char *trimmed;
        int r;

        r = xml_attribute(element, NS_XML, "lang", &language);
        if (r < 0 || !language)
                return r;

        trimmed = strstrip(language);
        return entry_set_text(&collector->feed, PART_LANGUAGE, 1, trimmed, strlen(trimmed));
}

int collector_read_cdf(Collector *collector, const XmlElement *element) {
        _cleanup_free_ char *href = NULL, *modified = NULL;
        int r;

        if (collector->rules != &rules_rss)
                return 0;
        r = xml_attribute(element, NS_HOME, "href", &href);
        if (r >= 0)
                r = xml_attribute(element, NS_HOME, "lastmod", &modified);
        if (r >= 0)
                r = collector_set_link(collector, 4, href);
        if (r >= 0 && modified)
                collector_set_date(collector, PART_UPDATED, 4, strstrip(modified));
        return r;
}

int collector_root(Collector *collector, const XmlElement *element) {
        _cleanup_free_ char *version = NULL;
        int r;

        r = xml_attribute(element, NS_HOME, "version", &version);
        if (r >= 0)
                r = collector_read_language(collector, element);
        if (r < 0)
                return r;

        collector->is_feed = true;
        if (element->name == NAME_URLSET)
                collector_set_format(collector, FEED_SITEMAP, &rules_sitemap, NS_HOME);
        else if (element->name == NAME_FEED || element->name == NAME_ENTRY) {
                bool old = (xml_declares(element, "purl.org/atom/ns") &&
                                   !xml_declares(element, "w3.org/2005/atom")) ||
                        (version && startswith(version, "0.3"));

                collector_set_format(
                        collector, old ? FEED_ATOM03 : FEED_ATOM10, &rules_atom, NS_ATOM);
                if (element->name == NAME_ENTRY && !collector_enter(collector, PLACE_ITEM, 1))
                        return -EINVAL;
        } else if (element->name == NAME_RDF) {
                bool old = xml_declares(element, "netscape.com/rdf/simple");

                collector->is_feed = false;
                collector_set_format(collector, old ? FEED_RSS090 : FEED_RSS10, &rules_rss, NS_RSS);
        } else {
                collector_set_format(collector, rss_format(collector, version), &rules_rss, NS_RSS);
                return collector_read_cdf(collector, element);
        }
        return 0;
}
