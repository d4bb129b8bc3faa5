/* SPDX-License-Identifier: MIT */

#include "article/metadata.h"

#include <errno.h>

#include "base/str.h"
#include "base/url.h"
#include "text/date.h"
#include "text/markup.h"
#include "text/utf8.h"

/* Titles and names beyond this are no titles. */
#define VALUE_BYTES_MAX ((size_t) 2048)

/* A shorter heading is a word, and the site's name may be one too. */
#define HEADING_BYTES_MIN 10
/* The headline is among the first. */
#define TITLE_HEADINGS_MAX 20

/* How far above a property its item may be. */
#define ITEM_LEVELS 64
#define HEADLINE_ELEMENTS_MAX 32

/* <meta property|name|itemprop=KEY content=...>. Dates in the meta elements of one site in five
 * have other names than Open Graph's. */
static const struct {
        const char *name;
        MetadataKey key;
        unsigned rank;
} metas[] = {
        { "og:title", METADATA_TITLE, 10 },
        { "twitter:title", METADATA_TITLE, 35 },
        { "og:url", METADATA_URL, 20 },
        { "og:site_name", METADATA_SITE, 10 },
        { "og:locale", METADATA_LANGUAGE, 20 },
        { "content-language", METADATA_LANGUAGE, 30 },
        { "article:published_time", METADATA_PUBLISHED, 10 },
        { "og:article:published_time", METADATA_PUBLISHED, 11 },
        { "datePublished", METADATA_PUBLISHED, 30 },
        { "parsely-pub-date", METADATA_PUBLISHED, 31 },
        { "pubdate", METADATA_PUBLISHED, 32 },
        { "publish-date", METADATA_PUBLISHED, 32 },
        { "publishdate", METADATA_PUBLISHED, 32 },
        { "publish_date", METADATA_PUBLISHED, 32 },
        { "sailthru.date", METADATA_PUBLISHED, 32 },
        { "article.published", METADATA_PUBLISHED, 32 },
        { "cXenseParse:recs:publishtime", METADATA_PUBLISHED, 32 },
        { "citation_publication_date", METADATA_PUBLISHED, 33 },
        { "DC.date.created", METADATA_PUBLISHED, 33 },
        { "DC.date.issued", METADATA_PUBLISHED, 33 },
        { "dcterms.date", METADATA_PUBLISHED, 33 },
        { "dcterms.issued", METADATA_PUBLISHED, 33 },
        { "dcterms.created", METADATA_PUBLISHED, 33 },
        { "DC.date", METADATA_PUBLISHED, 33 },
        { "date", METADATA_PUBLISHED, 34 },
        { "article:modified_time", METADATA_MODIFIED, 10 },
        { "og:updated_time", METADATA_MODIFIED, 11 },
        { "dateModified", METADATA_MODIFIED, 30 },
        { "dcterms.modified", METADATA_MODIFIED, 31 },
        { "DC.date.modified", METADATA_MODIFIED, 31 },
        { "last-modified", METADATA_MODIFIED, 32 },
        { "article.updated", METADATA_MODIFIED, 32 },
};

void metadata_done(Metadata *metadata) {
        for (size_t i = 0; i < METADATA_KEY_MAX; i++)
                free(metadata->values[i].text);
        *metadata = (Metadata){};
}

/* Makes *text what @key wants. 0, -EINVAL (it is not that) or -ENOMEM. */
static int metadata_check(const Metadata *metadata, MetadataKey key, char **text) {
        _cleanup_free_ char *url = NULL;
        usec_t t;
        int r;

        switch (key) {
        case METADATA_PUBLISHED:
        case METADATA_MODIFIED:
                return date_parse(*text, &t);
        case METADATA_URL:
                r = url_resolve(metadata->base_url, *text, &url);
                if (r < 0)
                        return r;
                r = url_check_fetchable(url);
                if (r < 0)
                        return r == -ENOMEM ? r : -EINVAL;
                free(*text);
                *text = TAKE_PTR(url);
                return 0;
        case METADATA_LANGUAGE:
                /* Open Graph writes en_US, RFC 5646 en-US. */
                for (char *s = *text; *s; s++) {
                        if (*s == '_')
                                *s = '-';
                        if (!ascii_isalpha(*s) && !ascii_isdigit(*s) && *s != '-')
                                return -EINVAL;
                }
                return 0;
        case METADATA_TITLE:
        case METADATA_SITE:
        case METADATA_BODY:
        case METADATA_KEY_MAX:
                break;
        }

        return 0;
}

int metadata_offer(Metadata *metadata, MetadataKey key, unsigned rank, const char *text) {
        MetadataValue *value = metadata->values + key;
        _cleanup_(buffer_done) Buffer folded = {};
        _cleanup_free_ char *copy = NULL;
        size_t n;
        int r;

        if (!text || (value->text && value->rank <= rank))
                return 0;

        n = strlen(text);
        n = utf8_cut(text, n, VALUE_BYTES_MAX);
        /* References are escaped twice now and then: "Kosovo&amp;#8217;s". */
        if (text_has_markup(text, n) && key != METADATA_URL)
                r = markup_to_text(text, n, &folded);
        else
                r = text_fold_space(text, n, &folded);
        if (r < 0)
                return r;
        if (folded.n_bytes == 0)
                return 0;

        copy = buffer_take(&folded);
        if (!copy)
                return -ENOMEM;
        r = metadata_check(metadata, key, &copy);
        if (r == -EINVAL)
                return 0;
        if (r < 0)
                return r;

        free(value->text);
        *value = (MetadataValue){ .text = TAKE_PTR(copy), .rank = rank };
        return 0;
}

usec_t metadata_time(const Metadata *metadata, MetadataKey key) {
        usec_t t;

        if (!metadata->values[key].text || date_parse(metadata->values[key].text, &t) < 0)
                return USEC_INFINITY;
        return t;
}

/* --- where the values stand --- */

/* Microdata: properties belong to the nearest item around, so an author's url is not the page's. */
static const PageElement *item_around(const PageElement *e) {
        const PageElement *up = e->parent;

        for (unsigned level = 0; up && level < ITEM_LEVELS; level++, up = up->parent)
                if (element_attribute(up->node, "itemscope") ||
                        element_attribute(up->node, "itemtype"))
                        return up;

        return NULL;
}

static bool is_article_item(const PageElement *item) {
        const char *type = element_attribute(item->node, "itemtype");

        return type && (endswith(type, "Article") || endswith(type, "Posting"));
}

static bool is_of_article(const PageElement *e) {
        const PageElement *item = item_around(e);

        return item && is_article_item(item);
}

/* The article that the page is of, among those that it leads to: the one with most prose; NULL
 * without any. */
static const PageElement *own_item(const Outline *outline) {
        const PageElement *own = NULL;

        for (size_t i = 0; i < outline->n_elements; i++) {
                const PageElement *e = outline->elements + i;

                if (e->n_running > (own ? own->n_running : 0) && is_article_item(e))
                        own = e;
        }

        return own;
}

/* Is @e a property of another article, or of a comment on this one? */
static bool is_of_other(const PageElement *e, const PageElement *own) {
        const PageElement *item = own ? item_around(e) : NULL;
        const char *type = item ? element_attribute(item->node, "itemtype") : NULL;

        return type && item != own && (is_article_item(item) || endswith(type, "Comment"));
}

static int read_meta(Metadata *metadata, const PageElement *e, const PageElement *own) {
        static const char *const attributes[] = { "property", "name", "itemprop", "http-equiv" };
        const char *content = element_attribute(e->node, "content");

        for (size_t i = 0; i < ELEMENTSOF(attributes); i++) {
                const char *name = element_attribute(e->node, attributes[i]);

                if (name && streq(attributes[i], "itemprop") && is_of_other(e, own))
                        continue;
                for (size_t k = 0; name && k < ELEMENTSOF(metas); k++)
                        if (streq_nocase(name, metas[k].name))
                                return metadata_offer(
                                        metadata, metas[k].key, metas[k].rank, content);
        }

        return 0;
}

static int offer_content(Metadata *metadata, MetadataKey key, unsigned rank, const PageElement *e) {
        xmlChar *content = xmlNodeGetContent(e->node);
        int r;

        if (!content)
                return -ENOMEM;
        r = metadata_offer(metadata, key, rank, (const char *) content);
        xmlFree(content);
        return r;
}

/* The first SITE_SEPARATORS stand before a site's name and nowhere else to speak of. */
#define SITE_SEPARATORS 7
#define SEPARATOR_BYTES_MAX 5
static const char *const separators[] = { " | ", " - ", " \xE2\x80\x93 ", " \xE2\x80\x94 ",
        " :: ", " \xC2\xBB ", " \xC2\xB7 ", ": ", "_" };

/* " | Site" and the like at the end of a <title>: the last separator counts, and only if more
 * stands before it than behind. */
static void strip_site(char *title) {
        char *last = NULL;
        size_t n_separator = 0;

        for (size_t i = 0; i < SITE_SEPARATORS; i++)
                for (char *s = title; (s = strstr(s, separators[i])); s++)
                        if (!last || s > last) {
                                last = s;
                                n_separator = strlen(separators[i]);
                        }

        if (last && (size_t) (last - title) > strlen(last + n_separator))
                *last = '\0';
}

/* The site's own name is cut off wherever it stands at the end. */
static void strip_known_site(char *title, const char *site) {
        size_t n_title = strlen(title), n_site = strlen(site), n;

        if (n_site == 0 || n_title <= n_site || !streq_nocase(title + n_title - n_site, site))
                return;

        n = n_title - n_site;
        while (n > 0 && strchr(" |-:", title[n - 1]))
                n--;
        for (size_t i = 0; i < 2; i++) {
                const char *dash = i == 0 ? " \xE2\x80\x93" : " \xE2\x80\x94";

                if (n > 4 && strncmp(title + n - 4, dash, 4) == 0)
                        n -= 4;
        }
        /* "Voice of Kosovo Today" of "Kosovo Today" is a title as it is. */
        if (n > 0 && n + 2 < n_title - n_site)
                title[n] = '\0';
}

static int read_time(Metadata *metadata, const PageElement *e, bool in_main) {
        const char *datetime = element_attribute(e->node, "datetime");

        if (element_attribute_has(e->node, "itemprop", "dateModified"))
                return metadata_offer(metadata, METADATA_MODIFIED, 40, datetime);
        if (element_attribute_has(e->node, "itemprop", "datePublished") ||
                element_attribute(e->node, "pubdate"))
                return metadata_offer(metadata, METADATA_PUBLISHED, 40, datetime);

        return metadata_offer(metadata, METADATA_PUBLISHED, in_main ? 50 : 60, datetime);
}

static int read_link(Metadata *metadata, const PageElement *e) {
        if (!element_attribute_has(e->node, "rel", "canonical"))
                return 0;
        return metadata_offer(metadata, METADATA_URL, 10, element_attribute(e->node, "href"));
}

static int read_microdata(Metadata *metadata, const PageElement *e, const PageElement *own) {
        const char *href = element_attribute(e->node, "href");

        if (element_attribute_has(e->node, "itemprop", "headline") && is_of_article(e) &&
                !is_of_other(e, own)) {
                const char *content = element_attribute(e->node, "content");

                /* Such may be nested, and each is read whole. */
                if (!content && e->n_below > HEADLINE_ELEMENTS_MAX)
                        return 0;
                return content ? metadata_offer(metadata, METADATA_TITLE, 25, content)
                               : offer_content(metadata, METADATA_TITLE, 25, e);
        }
        if (element_attribute_has(e->node, "itemprop", "url") && href && is_of_article(e) &&
                !is_of_other(e, own))
                return metadata_offer(metadata, METADATA_URL, 30, href);

        return 0;
}

/* The hAtom microformat: <abbr class="published" title="2026-01-25T19:04:00+01:00">. */
static int read_abbreviation(Metadata *metadata, const PageElement *e) {
        const char *title = element_attribute(e->node, "title");

        if (element_attribute_has(e->node, "class", "updated"))
                return metadata_offer(metadata, METADATA_MODIFIED, 45, title);
        if (element_attribute_has(e->node, "class", "published"))
                return metadata_offer(metadata, METADATA_PUBLISHED, 45, title);
        return 0;
}

static int read_element(
        Metadata *metadata, const PageElement *e, const PageElement *own, bool in_main) {
        int r;

        if (element_is(e, "meta"))
                return read_meta(metadata, e, own);
        if (element_is(e, "link"))
                return read_link(metadata, e);
        if (element_is(e, "abbr"))
                return read_abbreviation(metadata, e);
        if (element_is(e, "time") && is_of_other(e, own))
                return 0;
        if (element_is(e, "time"))
                return read_time(metadata, e, in_main);
        if (element_is(e, "html")) {
                r = metadata_offer(
                        metadata, METADATA_LANGUAGE, 10, element_attribute(e->node, "lang"));
                return r < 0 ? r
                             : metadata_offer(metadata, METADATA_LANGUAGE, 11,
                                       element_attribute(e->node, "xml:lang"));
        }
        if (element_is(e, "h1"))
                /* Dropped: the site's name in its masthead, or what a consent box says loudest. */
                return offer_content(metadata, METADATA_TITLE,
                        e->dropped        ? 45
                                : in_main ? 30
                                          : 31,
                        e);
        if (element_is(e, "title") && e->parent && element_is(e->parent, "head"))
                return offer_content(metadata, METADATA_TITLE, 40, e);

        return 0;
}

/* --- the title without the site --- */

/* A separator between a title and the site's name, with the spaces around it, at @s; 0: none. */
static size_t separator_at(const char *s) {
        for (size_t i = 0; i < ELEMENTSOF(separators); i++)
                if (startswith(s, separators[i]))
                        return strlen(separators[i]);

        return 0;
}

/* Is @heading the part of @title before the first or behind the last separator? */
static bool is_part_of_title(const char *title, const char *heading) {
        const size_t n_title = strlen(title), n = strlen(heading);

        if (n >= n_title || n < HEADING_BYTES_MIN)
                return false;
        if (startswith(title, heading))
                return separator_at(title + n) > 0;
        if (!endswith(title, heading))
                return false;
        for (size_t i = 1; i <= SEPARATOR_BYTES_MAX && i <= n_title - n; i++)
                if (separator_at(title + n_title - n - i) == i)
                        return true;

        return false;
}

/* When a heading of the page is all of the title but the site's name, the title is the heading. */
static int take_heading(MetadataValue *title, const Outline *outline) {
        unsigned n_left = TITLE_HEADINGS_MAX;
        int r;

        for (size_t i = 0; i < outline->n_elements && n_left > 0; i++) {
                const PageElement *e = outline->elements + i;
                _cleanup_(buffer_done) Buffer folded = {};
                xmlChar *content;

                if (!element_is(e, "h1") && !element_is(e, "h2"))
                        continue;
                n_left--;
                i += e->n_below;
                content = xmlNodeGetContent(e->node);
                if (!content)
                        return -ENOMEM;
                r = text_fold_space(
                        (const char *) content, strlen((const char *) content), &folded);
                xmlFree(content);
                if (r < 0)
                        return r;
                if (is_part_of_title(title->text, buffer_str(&folded)))
                        return free_and_strdup(&title->text, buffer_str(&folded));
        }

        return 0;
}

int metadata_read(Metadata *metadata, const Outline *outline) {
        MetadataValue *title = metadata->values + METADATA_TITLE;
        const PageElement *own = own_item(outline);
        size_t main_until = 0, i = 0;
        int r;

        while (i < outline->n_elements) {
                const PageElement *e = outline->elements + i;
                const bool skip = element_is(e, "h1") || element_is(e, "nav") ||
                        element_is(e, "aside") || element_is(e, "footer") ||
                        element_is(e, "template");

                if (e->is_main)
                        main_until = MAX(main_until, i + e->n_below);
                r = read_microdata(metadata, e, own);
                if (r >= 0)
                        r = read_element(metadata, e, own, i <= main_until && main_until > 0);
                if (r < 0)
                        return r;
                /* What is around the text has headlines and dates of other pages. */
                i += skip ? e->n_below + 1 : 1;
        }

        r = jsonld_read(metadata, outline);
        if (r < 0)
                return r;

        if (title->text && metadata->values[METADATA_SITE].text)
                strip_known_site(title->text, metadata->values[METADATA_SITE].text);
        if (title->text) {
                r = take_heading(title, outline);
                if (r < 0)
                        return r;
        }
        if (title->text && title->rank == 40)
                strip_site(title->text);
        return 0;
}
