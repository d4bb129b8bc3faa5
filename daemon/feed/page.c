/* SPDX-License-Identifier: MIT */

#include "feed/page.h"

#include <errno.h>
#include <libxml/HTMLparser.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/str.h"
#include "feed/decode.h"
#include "text/attributes.h"
#include "text/charset.h"
#include "text/utf8.h"

/* Handed to libxml2 at once. */
#define PIECE_BYTES ((size_t) 32 * 1024)

struct Page {
        Warnings *warnings;
        char *content_type;
        Buffer head; /* until it is known which charset the page is in */
        Decoder *decoder;
        htmlParserCtxt *parser;
        Buffer clean;
        size_t n_bytes;
        unsigned n_elements;
        bool full, behind_less;
        AttributeLimit attributes;
};

int page_new(const char *content_type, Warnings *warnings, Page **ret) {
        _cleanup_(page_freep) Page *page = NULL;
        int r;

        page = new0(Page, 1);
        if (!page)
                return -ENOMEM;

        page->warnings = warnings;
        r = free_and_strdup(&page->content_type, content_type);
        if (r < 0)
                return r;
        page->parser = htmlCreatePushParserCtxt(/* sax= */ NULL, /* user_data= */ NULL,
                /* chunk= */ NULL, /* size= */ 0, /* filename= */ NULL, XML_CHAR_ENCODING_UTF8);
        if (!page->parser)
                return -ENOMEM;
        (void) htmlCtxtUseOptions(page->parser,
                HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                        HTML_PARSE_IGNORE_ENC | HTML_PARSE_COMPACT);

        *ret = TAKE_PTR(page);
        return 0;
}

Page *page_free(Page *page) {
        if (!page)
                return NULL;

        if (page->parser) {
                xmlFreeDoc(page->parser->myDoc);
                htmlFreeParserCtxt(page->parser);
        }
        decoder_free(page->decoder);
        buffer_done(&page->head);
        buffer_done(&page->clean);
        free(page->content_type);
        return mfree(page);
}

/* --- charset --- */

/* The label in <meta charset=...> or <meta content="...; charset=...">. */
static bool meta_charset(const char *html, char label[static 64]) {
        for (const char *p = html; (p = strcasestr(p, "<meta")); p++) {
                const char *end = strchr(p, '>'), *at = strcasestr(p, "charset");
                size_t n;

                if (!at || !end)
                        return false;
                if (at > end)
                        continue;

                at += strlen("charset");
                at += strspn(at, " \t\r\n");
                if (*at != '=')
                        continue;
                at++;
                at += strspn(at, " \t\r\n\"'");
                n = strcspn(at, " \t\r\n\"'/>;");
                if (n == 0 || n >= 64)
                        continue;
                memcpy(label, at, n);
                label[n] = '\0';
                return true;
        }

        return false;
}

static int page_decide_charset(Page *page) {
        char label[64], type[96];

        if (!page->content_type || !charset_from_content_type(page->content_type, label)) {
                int r;

                if (meta_charset(buffer_str(&page->head), label)) {
                        (void) snprintf(type, sizeof(type), "text/html; charset=%s", label);
                        r = free_and_strdup(&page->content_type, type);
                        if (r < 0)
                                return r;
                }
        }

        return decoder_new(page->content_type, page->warnings, &page->decoder);
}

/* --- text to tree --- */

/* Without memory, libxml2 2.9 stops reading its input, and then waits in some loops for the input
 * to end: it is made to. */
static void on_error(void *userdata, xmlError *error) {
        htmlParserCtxt *parser = userdata;

        if (error->code == XML_ERR_NO_MEMORY && parser->input)
                parser->input->cur = parser->input->end;
}

static int page_parse(Page *page, const char *p, size_t n_bytes, bool final) {
        if (page->parser->errNo == XML_ERR_NO_MEMORY)
                return -ENOMEM;

        xmlSetStructuredErrorFunc(page->parser, on_error);
        (void) htmlParseChunk(page->parser, p, (int) n_bytes, final);
        xmlSetStructuredErrorFunc(/* ctx= */ NULL, /* handler= */ NULL);
        return page->parser->errNo == XML_ERR_NO_MEMORY ? -ENOMEM : 0;
}

/* Drops control characters, which mean nothing here (NUL would end the parse), and counts elements.
 */
static int page_take(Page *page, const char *p, size_t n_bytes) {
        int r = 0;

        if (n_bytes > PAGE_BYTES_MAX - page->n_bytes) {
                n_bytes = utf8_cut(p, n_bytes, PAGE_BYTES_MAX - page->n_bytes);
                page->full = true;
        }
        page->n_bytes += n_bytes;

        buffer_reset(&page->clean);
        for (size_t i = 0; i < n_bytes && r >= 0; i++) {
                page->n_elements += page->behind_less && ascii_isalpha(p[i]);
                page->behind_less = p[i] == '<';
                if (page->n_elements > PAGE_ELEMENTS_MAX) {
                        page->full = true;
                        break;
                }
                if ((uint8_t) p[i] >= ' ' || ascii_isspace(p[i]))
                        r = buffer_append_char(&page->clean, p[i]);
        }
        if (r < 0)
                return r;
        if (page->full)
                warnings_add(page->warnings, 0, "a page that is too large, cut", NULL);
        buffer_truncate(&page->clean,
                html_limit_attributes(&page->attributes, page->clean.data, page->clean.n_bytes));

        for (size_t at = 0; at < page->clean.n_bytes && r >= 0; at += PIECE_BYTES)
                r = page_parse(page, page->clean.data + at,
                        MIN(page->clean.n_bytes - at, PIECE_BYTES), /* final= */ false);
        return r;
}

static int page_decode(Page *page, const char *p, size_t n_bytes) {
        const char *text;
        size_t n_text;
        int r;

        r = decoder_push(page->decoder, p, n_bytes, &text, &n_text);
        return r < 0 || page->full ? r : page_take(page, text, n_text);
}

/* What was held until the charset was known. */
static int page_begin(Page *page) {
        int r;

        r = page_decide_charset(page);
        if (r >= 0)
                r = page_decode(page, buffer_str(&page->head), page->head.n_bytes);
        return r;
}

int page_push(Page *page, const char *p, size_t n_bytes) {
        size_t n;
        int r;

        if (page->full)
                return 0;
        if (page->decoder)
                return page_decode(page, p, n_bytes);

        n = MIN(n_bytes, PAGE_HEAD_BYTES - page->head.n_bytes);
        r = buffer_append(&page->head, p, n);
        if (r < 0 || page->head.n_bytes < PAGE_HEAD_BYTES)
                return r;
        r = page_begin(page);
        return r < 0 ? r : page_push(page, p + n, n_bytes - n);
}

int page_finish(Page *page) {
        const char *text;
        size_t n_text;
        int r;

        if (!page->decoder) {
                r = page_begin(page);
                if (r < 0)
                        return r;
        }

        r = decoder_finish(page->decoder, &text, &n_text);
        if (r >= 0 && !page->full)
                r = page_take(page, text, n_text);
        return r < 0 ? r : page_parse(page, NULL, 0, /* final= */ true);
}

xmlDoc *page_doc(const Page *page) {
        xmlDoc *doc = page->parser->myDoc;

        return doc && xmlDocGetRootElement(doc) ? doc : NULL;
}
