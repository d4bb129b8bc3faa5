/* SPDX-License-Identifier: MIT */

#include "feed/vocabulary.h"

/* Sorted, lower case. */
static const struct {
        const char *local;
        XmlName name;
} names[] = {
        { "abstract", NAME_ABSTRACT },
        { "author", NAME_AUTHOR },
        { "available", NAME_AVAILABLE },
        { "blockquote", NAME_BLOCK },
        { "body", NAME_BODY },
        { "br", NAME_BLOCK },
        { "category", NAME_CATEGORY },
        { "channel", NAME_CHANNEL },
        { "content", NAME_CONTENT },
        { "created", NAME_CREATED },
        { "creator", NAME_CREATOR },
        { "credit", NAME_CREDIT },
        { "date", NAME_DATE },
        { "day", NAME_DAY },
        { "dd", NAME_BLOCK },
        { "description", NAME_DESCRIPTION },
        { "div", NAME_BLOCK },
        { "dt", NAME_BLOCK },
        { "email", NAME_EMAIL },
        { "enclosure", NAME_ENCLOSURE },
        { "encoded", NAME_ENCODED },
        { "entry", NAME_ENTRY },
        { "feed", NAME_FEED },
        { "figcaption", NAME_BLOCK },
        { "figure", NAME_BLOCK },
        { "full-text", NAME_FULLTEXT },
        { "fullitem", NAME_FULLTEXT },
        { "fulltext", NAME_FULLTEXT },
        { "genres", NAME_GENRES },
        { "group", NAME_GROUP },
        { "guid", NAME_GUID },
        { "h1", NAME_BLOCK },
        { "h2", NAME_BLOCK },
        { "h3", NAME_BLOCK },
        { "h4", NAME_BLOCK },
        { "h5", NAME_BLOCK },
        { "h6", NAME_BLOCK },
        { "homepage", NAME_URI },
        { "hour", NAME_HOUR },
        { "hr", NAME_BLOCK },
        { "id", NAME_ID },
        { "identifier", NAME_IDENTIFIER },
        { "info", NAME_INFO },
        { "issued", NAME_ISSUED },
        { "item", NAME_ITEM },
        { "keywords", NAME_KEYWORDS },
        { "language", NAME_LANGUAGE },
        { "lastbuilddate", NAME_LASTBUILDDATE },
        { "lastmod", NAME_LASTMOD },
        { "li", NAME_BLOCK },
        { "link", NAME_LINK },
        { "loc", NAME_LOC },
        { "modificationdate", NAME_MODIFIED },
        { "modified", NAME_MODIFIED },
        { "name", NAME_NAME },
        { "news", NAME_NEWS },
        { "ol", NAME_BLOCK },
        { "origenclosurelink", NAME_ORIGENCLOSURELINK },
        { "origlink", NAME_ORIGLINK },
        { "p", NAME_BLOCK },
        { "pre", NAME_BLOCK },
        { "pubdate", NAME_PUBDATE },
        { "publication_date", NAME_PUBLICATION_DATE },
        { "publicationdate", NAME_PUBLICATION_DATE },
        { "published", NAME_PUBLISHED },
        { "rdf", NAME_RDF },
        { "rss", NAME_RSS },
        { "script", NAME_SCRIPT },
        { "skipdays", NAME_SKIPDAYS },
        { "skiphours", NAME_SKIPHOURS },
        { "source", NAME_SOURCE },
        { "style", NAME_STYLE },
        { "subject", NAME_SUBJECT },
        { "subtitle", NAME_SUBTITLE },
        { "summary", NAME_SUMMARY },
        { "table", NAME_BLOCK },
        { "tagline", NAME_TAGLINE },
        { "tags", NAME_KEYWORDS },
        { "td", NAME_BLOCK },
        { "text", NAME_TEXT },
        { "th", NAME_BLOCK },
        { "title", NAME_TITLE },
        { "tr", NAME_BLOCK },
        { "ttl", NAME_TTL },
        { "ul", NAME_BLOCK },
        { "updated", NAME_UPDATED },
        { "updatefrequency", NAME_UPDATEFREQUENCY },
        { "updateperiod", NAME_UPDATEPERIOD },
        { "uri", NAME_URI },
        { "url", NAME_URL },
        { "urlset", NAME_URLSET },
};

/* Without scheme, "www." and a last slash or '#', in lower case; with those of drafts and of the
 * addresses that specifications have moved from and to. */
static const struct {
        const char *address;
        XmlNs ns;
} namespaces[] = {
        { "backend.userland.com/rss", NS_RSS },
        { "backend.userland.com/rss091", NS_RSS },
        { "backend.userland.com/rss092", NS_RSS },
        { "backend.userland.com/rss093", NS_RSS },
        { "backend.userland.com/rss094", NS_RSS },
        { "backend.userland.com/rss2", NS_RSS },
        { "blogs.law.harvard.edu/tech/rss", NS_RSS },
        { "channel.netscape.com/rdf/simple/0.9", NS_RSS },
        { "cyber.law.harvard.edu/rss", NS_RSS },
        { "cyber.law.harvard.edu/rss/rss.html", NS_RSS },
        { "my.netscape.com/publish/formats/rss-0.91.dtd", NS_RSS },
        { "my.netscape.com/rdf/simple/0.9", NS_RSS },
        { "purl.org/net/rss1.1", NS_RSS },
        { "purl.org/rss/1.0", NS_RSS },
        { "purl.org/rss/1.0/modules/rss091", NS_RSS },
        { "purl.org/rss/1.0/modules/syndication", NS_SYNDICATION },
        { "purl.org/rss/2.0", NS_RSS },
        { "rssboard.org/rss-specification", NS_RSS },
        { "example.com/necho", NS_ATOM },
        { "example.com/newformat", NS_ATOM },
        { "purl.org/atom", NS_ATOM },
        { "purl.org/atom/ns", NS_ATOM },
        { "purl.org/echo", NS_ATOM },
        { "purl.org/pie", NS_ATOM },
        { "uri/of/echo/namespace", NS_ATOM },
        { "w3.org/2005/atom", NS_ATOM },
        { "purl.org/rss/1.0/modules/content", NS_CONTENT },
        { "purl.org/dc/elements/1.0", NS_DC },
        { "purl.org/dc/elements/1.1", NS_DC },
        { "purl.org/dc/elements/2.0", NS_DC },
        { "purl.org/dc/terms", NS_DC },
        { "purl.org/metadata/dublin_core", NS_DC },
        { "purl.oclc.org/net/rss_2.0/enc", NS_ENCLOSURE },
        { "feedburner.com/ns/feedburner/1.0", NS_FEEDBURNER },
        { "pheedo.com/namespace/pheedo", NS_FEEDBURNER },
        { "rssnamespace.org/feedburner/ext/1.0", NS_FEEDBURNER },
        { "example.com/dtds/podcast-1.0.dtd", NS_ITUNES },
        { "google.com/schemas/play-podcasts/1.0", NS_ITUNES },
        { "itunes.com/dtds/podcast-1.0", NS_ITUNES },
        { "itunes.com/dtds/podcast-1.0.dtd", NS_ITUNES },
        { "rssboard.org/media-rss", NS_MEDIA },
        { "search.yahoo.com/mrss", NS_MEDIA },
        { "tools.search.yahoo.com/mrss", NS_MEDIA },
        { "video.search.yahoo.com/mrss", NS_MEDIA },
        { "google.com/schemas/sitemap-news/0.84", NS_NEWS },
        { "google.com/schemas/sitemap-news/0.9", NS_NEWS },
        { "prismstandard.org/namespaces/1.2/basic", NS_PRISM },
        { "prismstandard.org/namespaces/2.0/basic", NS_PRISM },
        { "prismstandard.org/namespaces/basic/1.0", NS_PRISM },
        { "prismstandard.org/namespaces/basic/2.0", NS_PRISM },
        { "prismstandard.org/namespaces/basic/2.1", NS_PRISM },
        { "prismstandard.org/namespaces/basic/3.0", NS_PRISM },
        { "purl.org/rss/1.0/modules/prism", NS_PRISM },
        { "w3.org/1999/02/22-rdf-syntax-ns", NS_RDF },
        { "w3.org/1999/xhtml", NS_XHTML },
        { "w3.org/xml/1998/namespace", NS_XML },
        { "news.yandex.ru", NS_YANDEX },
        { "yandex.ru", NS_YANDEX },
};

static const struct {
        const char *prefix;
        XmlNs ns;
} prefixes[] = {
        { "a10", NS_ATOM }, /* as Microsoft's library writes it */
        { "atom", NS_ATOM },
        { "atom03", NS_ATOM },
        { "atom10", NS_ATOM },
        { "content", NS_CONTENT },
        { "dc", NS_DC },
        { "dcterms", NS_DC },
        { "dct", NS_DC },
        { "enc", NS_ENCLOSURE },
        { "feedburner", NS_FEEDBURNER },
        { "googleplay", NS_ITUNES },
        { "itunes", NS_ITUNES },
        { "media", NS_MEDIA },
        { "mrss", NS_MEDIA },
        { "news", NS_NEWS },
        { "pheedo", NS_FEEDBURNER },
        { "prism", NS_PRISM },
        { "rdf", NS_RDF },
        { "rss", NS_RSS },
        { "sy", NS_SYNDICATION },
        { "xhtml", NS_XHTML },
        { "xml", NS_XML },
        { "yandex", NS_YANDEX },
};

static const char *const attributes[] = {
        "base",
        "filesize",
        "href",
        "ispermalink",
        "label",
        "lang",
        "lastmod",
        "resource",
        "role",
        "length",
        "medium",
        "mode",
        "rel",
        "src",
        "term",
        "type",
        "url",
        "version",
        "about",
        "xmlns",
};

static const char *namespace_trim(const char *uri) {
        static const char *const schemes[] = { "http://", "https://", "www." };

        uri += strspn(uri, " ");
        for (size_t i = 0; i < ELEMENTSOF(schemes); i++) {
                const char *rest = startswith_nocase(uri, schemes[i]);

                if (rest)
                        uri = rest;
        }
        return uri;
}

static XmlNs namespace_by_address(const char *uri) {
        uri = namespace_trim(uri);
        for (size_t i = 0; i < ELEMENTSOF(namespaces); i++) {
                const char *rest = startswith_nocase(uri, namespaces[i].address);

                if (!rest)
                        continue;
                if (*rest == '/' || *rest == '#')
                        rest++;
                if (rest[strspn(rest, " ")] == '\0')
                        return namespaces[i].ns;
        }

        return NS_OTHER;
}

XmlNs vocabulary_namespace(const char *uri, const char *prefix) {
        XmlNs ns = uri && *uri ? namespace_by_address(uri) : NS_OTHER;

        if (ns != NS_OTHER)
                return ns;
        if (!prefix)
                return isempty(uri) ? NS_HOME : NS_OTHER;

        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
                if (streq_nocase(prefixes[i].prefix, prefix))
                        return prefixes[i].ns;
        return NS_OTHER;
}

XmlName vocabulary_name(const char *local) {
        size_t low = 0, high = ELEMENTSOF(names);

        while (low < high) {
                size_t middle = (low + high) / 2;
                int c = strcasecmp(local, names[middle].local);

                if (c == 0)
                        return names[middle].name;
                if (c < 0)
                        high = middle;
                else
                        low = middle + 1;
        }

        return NAME_OTHER;
}

bool vocabulary_knows(const char *s, size_t n_bytes) {
        char copy[128];

        if (n_bytes >= sizeof(copy))
                return false;
        memcpy(copy, s, n_bytes);
        copy[n_bytes] = '\0';

        if (vocabulary_name(copy) != NAME_OTHER || vocabulary_namespace(copy, NULL) != NS_OTHER ||
                vocabulary_namespace(NULL, copy) != NS_OTHER)
                return true;
        for (size_t i = 0; i < ELEMENTSOF(attributes); i++)
                if (streq_nocase(attributes[i], copy))
                        return true;
        return false;
}
