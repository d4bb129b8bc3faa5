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

/* What is read of a page, in nanoseconds of work (page.c has the prices): a page of 2 MiB with
 * 20,000 elements and their attributes is read whole, and no page holds the loop for longer than
 * that, about 50 ms. What is behind is left unread, as what is behind the limit of bytes is. */
#define PAGE_WORK_MAX ((size_t) 42 * 1000 * 1000)

/* *ret_cut (may be NULL): the end was left unread. 0, -EBADMSG (no HTML: another type by name or by
 * its first bytes) or -ENOMEM. */
int page_parse(const void *p, size_t n_bytes, const char *content_type, XmlDoc **ret,
        bool *ret_cut) _warn_unused_;

/* Parses a fragment that is UTF-8 already. 0, -EBADMSG (nothing in it) or -ENOMEM. */
int page_parse_text(const char *html, size_t n_bytes, size_t n_work_max, XmlDoc **ret,
        bool *ret_cut) _warn_unused_;
