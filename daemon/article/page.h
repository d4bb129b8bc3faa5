/* SPDX-License-Identifier: MIT */
#pragma once

/* The bytes of a page as a tree: charset found and converted, then libxml2's HTML parser. No
 * network, no entities from outside. For article/ alone. */

#include <libxml/tree.h>

#include "base/buffer.h"

typedef xmlDoc XmlDoc;

static inline XmlDoc *xml_doc_free(XmlDoc *doc) {
        xmlFreeDoc(doc);
        return NULL;
}
DEFINE_POINTER_CLEANUP(XmlDoc, xml_doc_free);

/* The canonical name of the charset, after the HTML Living Standard 13.2.3: byte order mark,
 * Content-Type (may be NULL), <meta>, else UTF-8 where the bytes are valid UTF-8, else
 * windows-1252. *ret_n_bom bytes from the start are the mark. Never NULL. */
const char *page_charset(
        const void *p, size_t n_bytes, const char *content_type, size_t *ret_n_bom);

/* Three times what the largest pages of the press have. Up to 100 ms go by for so many, and
 * the loop waits for it. What is behind them is not read. */
#define PAGE_TAGS_MAX ((size_t) 40 * 1000)

/* 0, -EBADMSG (no HTML: another type by name or by its first bytes) or -ENOMEM. */
int page_parse(const void *p, size_t n_bytes, const char *content_type, XmlDoc **ret) _warn_unused_;

/* Parses a fragment that is UTF-8 already. 0, -EBADMSG (nothing in it) or -ENOMEM. */
int page_parse_text(const char *html, size_t n_bytes, XmlDoc **ret) _warn_unused_;
