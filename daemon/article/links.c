/* SPDX-License-Identifier: MIT */

#include "article/links.h"

#include <errno.h>

#include "article/article.h"
#include "article/outline.h"
#include "article/page.h"
#include "base/str.h"
#include "base/url.h"

/* Does <link type> name a feed? Generic types are used for feeds too, and only fetching tells. What
 * goes on behind them is another format: "application/json+oembed". */
static bool is_feed_type(const char *type) {
        static const char *const types[] = { "application/rss+xml", "application/atom+xml",
                "application/feed+json", "application/json", "application/rdf+xml",
                "application/rss", "application/atom", "application/xml", "text/xml",
                "text/rss+xml", "text/rss", "application/x-rss+xml", "text/rdf" };
        const size_t n = strcspn(type, "; \t");

        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (strlen(types[i]) == n && strncasecmp(type, types[i], n) == 0)
                        return true;

        return false;
}

static bool is_declared(const PageElement *e) {
        const char *type = element_attribute(e->node, "type");

        if (element_attribute_has(e->node, "rel", "feed"))
                return true;
        return element_attribute_has(e->node, "rel", "alternate") && type && is_feed_type(type);
}

/* By one part of the path, its ending, or the query of the systems that have feeds there. */
static bool looks_like_feed(const char *href) {
        static const char *const parts[] = { "feed", "feeds", "rss", "rss2", "atom", "rss.xml",
                "atom.xml", "feed.xml", "index.rdf", "feed.json", "rss.php", "feed.atom" };
        static const char *const endings[] = { ".rss", ".atom", ".rdf", "rss.xml", "feed.xml",
                "atom.xml" };
        static const char *const queries[] = { "feed=rss", "feed=atom", "format=rss", "format=feed",
                "type=rss", "type=100" };
        const char *query = strchr(href, '?');
        const size_t n_path = strcspn(href, "?#");

        for (size_t i = 0, n; i < n_path; i += n + 1) {
                n = strcspn(href + i, "/?#");
                for (size_t k = 0; k < ELEMENTSOF(parts); k++)
                        if (strlen(parts[k]) == n && strncasecmp(href + i, parts[k], n) == 0)
                                return true;
        }
        for (size_t k = 0; k < ELEMENTSOF(endings); k++) {
                const size_t n = strlen(endings[k]);

                if (n_path > n && strncasecmp(href + n_path - n, endings[k], n) == 0)
                        return true;
        }
        for (size_t k = 0; query && k < ELEMENTSOF(queries); k++)
                if (strcasestr(query, queries[k]))
                        return true;

        return startswith_nocase(href, "http://feeds.") ||
                startswith_nocase(href, "https://feeds.");
}

int article_feed_links(const void *p, size_t n_bytes, const char *base_url,
        const char *content_type, FeedLinkCallback on_link, void *userdata) {
        _cleanup_(xml_doc_freep) XmlDoc *doc = NULL;
        _cleanup_(outline_done) Outline outline = {};
        _cleanup_free_ char *base = NULL;
        int r;

        r = page_parse(p, MIN(n_bytes, ARTICLE_BYTES_MAX), content_type, &doc, /* ret_cut= */ NULL);
        if (r >= 0)
                r = outline_build(doc, &outline);
        if (r >= 0)
                r = outline_base_url(&outline, base_url, &base);
        if (r < 0) /* a page without an element has no link */
                return r == -ENODATA ? 0 : r;

        for (size_t i = 0; i < outline.n_elements; i++) {
                const PageElement *e = outline.elements + i;
                const char *href = element_attribute(e->node, "href");
                _cleanup_free_ char *url = NULL;
                FeedLinkKind kind;

                if (!href)
                        continue;
                if (element_is(e, "link") && is_declared(e))
                        kind = FEED_LINK_DECLARED;
                else if (element_is(e, "a") && looks_like_feed(href))
                        kind = FEED_LINK_LIKELY;
                else
                        continue;

                r = url_resolve(base, href, &url);
                if (r >= 0)
                        r = url_check_fetchable(url);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        continue;
                r = on_link(kind, url, element_attribute(e->node, "title"), userdata);
                if (r < 0)
                        return r;
        }

        return 0;
}
