/* SPDX-License-Identifier: MIT */
#pragma once

/* The names that feeds are made of, as small numbers: namespaces by their address, whoever spelled
 * it how, or by the prefix everyone uses for them; element names in any case. What is not here is
 * VOCABULARY_OTHER, and means nothing to Picket. */

#include "base/str.h"

typedef enum XmlNs {
        NS_HOME, /* the feed format's own: no namespace, or that of the root */
        NS_OTHER,
        NS_ATOM,
        NS_CONTENT,
        NS_DC,
        NS_DCTERMS,
        NS_ITUNES,
        NS_MEDIA,
        NS_RDF,
        NS_RSS,
        NS_XHTML,
        NS_XML,
} XmlNs;

typedef enum XmlName {
        NAME_OTHER,
        NAME_AUTHOR,
        NAME_BODY,
        NAME_CATEGORY,
        NAME_CHANNEL,
        NAME_CONTENT,
        NAME_CREATED,
        NAME_CREATOR,
        NAME_DATE,
        NAME_DESCRIPTION,
        NAME_EMAIL,
        NAME_ENCLOSURE,
        NAME_ENCODED,
        NAME_ENTRY,
        NAME_FEED,
        NAME_GROUP,
        NAME_GUID,
        NAME_ID,
        NAME_IDENTIFIER,
        NAME_ISSUED,
        NAME_ITEM,
        NAME_LANGUAGE,
        NAME_LASTBUILDDATE,
        NAME_LINK,
        NAME_MODIFIED,
        NAME_NAME,
        NAME_PUBDATE,
        NAME_PUBLISHED,
        NAME_RDF,
        NAME_RSS,
        NAME_SCRIPT,
        NAME_SOURCE,
        NAME_STYLE,
        NAME_SUBJECT,
        NAME_SUBTITLE,
        NAME_SUMMARY,
        NAME_TAGLINE,
        NAME_TITLE,
        NAME_TTL,
        NAME_UPDATED,
        NAME_BLOCK, /* any element of HTML that ends a line: p, div, li ... */
} XmlName;

/* @uri may be NULL (none); @prefix, which may be NULL, counts when there is no @uri. */
XmlNs vocabulary_namespace(const char *uri, const char *prefix);
XmlName vocabulary_name(const char *local);
/* Is this any of the names, prefixes or namespaces above, or the attributes that matter? */
bool vocabulary_knows(const char *s, size_t n_bytes);
