/* SPDX-License-Identifier: MIT */
#pragma once

/* The names that feeds are made of, as small numbers: namespaces by their address, whoever spelled
 * it how, or, where the address says nothing, by the prefix everyone uses; element names in any
 * case. What is not here is
 * VOCABULARY_OTHER, and means nothing to Picket. */

#include "base/str.h"

typedef enum XmlNs {
        NS_HOME, /* the feed format's own: no namespace, or that of the root */
        NS_OTHER,
        NS_ATOM,
        NS_CONTENT,
        NS_DC, /* and DC Terms, which repeats it and refines it */
        NS_ENCLOSURE,
        NS_FEEDBURNER, /* and Pheedo, which did the same */
        NS_ITUNES,     /* and Google Play, which copied it */
        NS_MEDIA,
        NS_NEWS, /* of sitemaps */
        NS_PRISM,
        NS_RDF,
        NS_RSS,
        NS_SYNDICATION,
        NS_XHTML,
        NS_XML,
        NS_YANDEX,
        XML_NS_MAX,
} XmlNs;

typedef enum XmlName {
        NAME_OTHER,
        NAME_ABSTRACT,
        NAME_AUTHOR,
        NAME_AVAILABLE,
        NAME_BODY,
        NAME_CATEGORY,
        NAME_CHANNEL,
        NAME_CONTENT,
        NAME_CREATED,
        NAME_CREATOR,
        NAME_CREDIT,
        NAME_DATE,
        NAME_DAY,
        NAME_DESCRIPTION,
        NAME_EMAIL,
        NAME_ENCLOSURE,
        NAME_ENCODED,
        NAME_ENTRY,
        NAME_FEED,
        NAME_FULLTEXT,
        NAME_GENRES,
        NAME_GROUP,
        NAME_GUID,
        NAME_HOUR,
        NAME_ID,
        NAME_IDENTIFIER,
        NAME_INFO,
        NAME_ISSUED,
        NAME_ITEM,
        NAME_KEYWORDS,
        NAME_LANGUAGE,
        NAME_LASTBUILDDATE,
        NAME_LASTMOD,
        NAME_LINK,
        NAME_LOC,
        NAME_MODIFIED,
        NAME_NAME,
        NAME_NEWS,
        NAME_ORIGENCLOSURELINK,
        NAME_ORIGLINK,
        NAME_PUBDATE,
        NAME_PUBLICATION_DATE,
        NAME_PUBLISHED,
        NAME_RDF,
        NAME_RSS,
        NAME_SCRIPT,
        NAME_SKIPDAYS,
        NAME_SKIPHOURS,
        NAME_SOURCE,
        NAME_STYLE,
        NAME_SUBJECT,
        NAME_SUBTITLE,
        NAME_SUMMARY,
        NAME_TAGLINE,
        NAME_TEXT,
        NAME_TITLE,
        NAME_TTL,
        NAME_UPDATED,
        NAME_UPDATEFREQUENCY,
        NAME_UPDATEPERIOD,
        NAME_URI,
        NAME_URL,
        NAME_URLSET,
        NAME_BLOCK, /* any element of HTML that ends a line: p, div, li ... */
        XML_NAME_MAX,
} XmlName;

/* @uri may be NULL (none); @prefix, which may be NULL, counts when @uri is none or unknown. */
XmlNs vocabulary_namespace(const char *uri, const char *prefix);
XmlName vocabulary_name(const char *local);
/* Is this any of the names, prefixes or namespaces above, or the attributes that matter? */
bool vocabulary_knows(const char *s, size_t n_bytes);
