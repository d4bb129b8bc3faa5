/* SPDX-License-Identifier: MIT */

#include "feed/vocabulary.h"

/* Sorted, lower case. */
static const struct {
        const char *local;
        XmlName name;
} names[] = {
        { "author", NAME_AUTHOR },
        { "blockquote", NAME_BLOCK },
        { "body", NAME_BODY },
        { "br", NAME_BLOCK },
        { "category", NAME_CATEGORY },
        { "channel", NAME_CHANNEL },
        { "content", NAME_CONTENT },
        { "created", NAME_CREATED },
        { "creator", NAME_CREATOR },
        { "date", NAME_DATE },
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
        { "group", NAME_GROUP },
        { "guid", NAME_GUID },
        { "h1", NAME_BLOCK },
        { "h2", NAME_BLOCK },
        { "h3", NAME_BLOCK },
        { "h4", NAME_BLOCK },
        { "h5", NAME_BLOCK },
        { "h6", NAME_BLOCK },
        { "hr", NAME_BLOCK },
        { "id", NAME_ID },
        { "identifier", NAME_IDENTIFIER },
        { "issued", NAME_ISSUED },
        { "item", NAME_ITEM },
        { "language", NAME_LANGUAGE },
        { "lastbuilddate", NAME_LASTBUILDDATE },
        { "li", NAME_BLOCK },
        { "link", NAME_LINK },
        { "modified", NAME_MODIFIED },
        { "name", NAME_NAME },
        { "ol", NAME_BLOCK },
        { "p", NAME_BLOCK },
        { "pre", NAME_BLOCK },
        { "pubdate", NAME_PUBDATE },
        { "published", NAME_PUBLISHED },
        { "rdf", NAME_RDF },
        { "rss", NAME_RSS },
        { "script", NAME_SCRIPT },
        { "source", NAME_SOURCE },
        { "style", NAME_STYLE },
        { "subject", NAME_SUBJECT },
        { "subtitle", NAME_SUBTITLE },
        { "summary", NAME_SUMMARY },
        { "table", NAME_BLOCK },
        { "tagline", NAME_TAGLINE },
        { "td", NAME_BLOCK },
        { "th", NAME_BLOCK },
        { "title", NAME_TITLE },
        { "tr", NAME_BLOCK },
        { "ttl", NAME_TTL },
        { "ul", NAME_BLOCK },
        { "updated", NAME_UPDATED },
};

/* Without scheme, "www." and a last slash or '#', in lower case. */
static const struct {
        const char *address;
        XmlNs ns;
} namespaces[] = {
        { "backend.userland.com/rss", NS_RSS },
        { "backend.userland.com/rss2", NS_RSS },
        { "blogs.law.harvard.edu/tech/rss", NS_RSS },
        { "cyber.law.harvard.edu/rss", NS_RSS },
        { "my.netscape.com/rdf/simple/0.9", NS_RSS },
        { "channel.netscape.com/rdf/simple/0.9", NS_RSS },
        { "purl.org/rss/1.0", NS_RSS },
        { "w3.org/2005/atom", NS_ATOM },
        { "purl.org/atom/ns", NS_ATOM },
        { "purl.org/rss/1.0/modules/content", NS_CONTENT },
        { "purl.org/dc/elements/1.0", NS_DC },
        { "purl.org/dc/elements/1.1", NS_DC },
        { "purl.org/dc/terms", NS_DCTERMS },
        { "itunes.com/dtds/podcast-1.0.dtd", NS_ITUNES },
        { "itunes.com/dtds/podcast-1.0", NS_ITUNES },
        { "search.yahoo.com/mrss", NS_MEDIA },
        { "w3.org/1999/02/22-rdf-syntax-ns", NS_RDF },
        { "w3.org/1999/xhtml", NS_XHTML },
        { "w3.org/xml/1998/namespace", NS_XML },
};

static const struct {
        const char *prefix;
        XmlNs ns;
} prefixes[] = {
        { "atom", NS_ATOM },
        { "content", NS_CONTENT },
        { "dc", NS_DC },
        { "dcterms", NS_DCTERMS },
        { "itunes", NS_ITUNES },
        { "media", NS_MEDIA },
        { "rdf", NS_RDF },
        { "rss", NS_RSS },
        { "xhtml", NS_XHTML },
        { "xml", NS_XML },
};

static const char *const attributes[] = {
        "base",
        "filesize",
        "href",
        "ispermalink",
        "label",
        "lang",
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
        const char *p;

        p = startswith_nocase(uri, "http://") ?: startswith_nocase(uri, "https://") ?: uri;
        return startswith_nocase(p, "www.") ?: p;
}

XmlNs vocabulary_namespace(const char *uri, const char *prefix) {
        if (isempty(uri)) {
                if (!prefix)
                        return NS_HOME;
                for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
                        if (streq_nocase(prefixes[i].prefix, prefix))
                                return prefixes[i].ns;
                return NS_OTHER;
        }

        uri = namespace_trim(uri);
        for (size_t i = 0; i < ELEMENTSOF(namespaces); i++) {
                const char *rest = startswith_nocase(uri, namespaces[i].address);

                if (rest && (streq(rest, "") || streq(rest, "/") || streq(rest, "#")))
                        return namespaces[i].ns;
        }

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
