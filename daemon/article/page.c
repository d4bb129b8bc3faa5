/* SPDX-License-Identifier: MIT */

#include "article/page.h"

#include <errno.h>
#include <libxml/HTMLparser.h>
#include <limits.h>
#include <strings.h>

#include "base/str.h"
#include "text/attributes.h"
#include "text/charset.h"

/* How far into a page its kind shows. */
#define SNIFF_BYTES_MAX ((size_t) 1024)

typedef htmlParserCtxt HtmlParser;

static HtmlParser *html_parser_free(HtmlParser *parser) {
        htmlFreeParserCtxt(parser);
        return NULL;
}
DEFINE_POINTER_CLEANUP(HtmlParser, html_parser_free);

/* Types that say that this is no page. Those that say nothing ("text/plain",
 * "application/octet-stream", many a server's default) leave it to the bytes. */
static bool type_is_foreign(const char *content_type) {
        static const char *const prefixes[] = { "image/", "audio/", "video/", "font/",
                "application/json", "application/ld+json", "application/pdf", "application/zip",
                "application/rss+xml", "application/atom+xml", "application/feed+json",
                "application/javascript", "text/javascript", "text/css", "text/csv" };

        while (ascii_isspace(*content_type))
                content_type++;
        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
                if (startswith_nocase(content_type, prefixes[i]))
                        return true;

        return false;
}

static bool begins_with_magic(const char *s, size_t n_bytes) {
        static const char *const magics[] = { "%PDF-", "\x89PNG", "GIF8", "\xFF\xD8\xFF", "RIFF",
                "PK\x03\x04", "\x1F\x8B", "%!PS", "\177ELF", "OggS", "ID3" };

        for (size_t i = 0; i < ELEMENTSOF(magics); i++) {
                size_t n = strlen(magics[i]);

                if (n_bytes >= n && memcmp(s, magics[i], n) == 0)
                        return true;
        }

        return false;
}

static size_t skip_white(const char *s, size_t n_bytes, size_t i) {
        while (i < n_bytes && ascii_isspace(s[i]))
                i++;
        return i;
}

/* An object or a list, by its first two tokens; a page may well begin with "[Update]". */
static bool begins_as_json(const char *s, size_t n_bytes) {
        size_t i = skip_white(s, n_bytes, 0), next;

        if (i >= n_bytes || (s[i] != '{' && s[i] != '['))
                return false;

        next = skip_white(s, n_bytes, i + 1);
        if (next >= n_bytes)
                return true;
        return strchr(s[i] == '{' ? "\"}" : "{[\"]", s[next]) != NULL;
}

/* The first element decides between a page and an XML document of another kind. @s ends with NUL.
 */
static bool begins_as_other_xml(const char *s, size_t n_bytes) {
        static const char *const roots[] = { "rss", "feed", "rdf:RDF", "urlset", "sitemapindex",
                "opml", "svg" };
        size_t i = 0;

        while (i < n_bytes) {
                const char *open = memchr(s + i, '<', n_bytes - i);

                if (!open || open + 1 >= s + n_bytes)
                        return false;
                if (open[1] != '?' && open[1] != '!') {
                        for (size_t k = 0; k < ELEMENTSOF(roots); k++) {
                                size_t n = strlen(roots[k]);

                                if ((size_t) (s + n_bytes - open) > n + 1 &&
                                        strncasecmp(open + 1, roots[k], n) == 0 &&
                                        (open[n + 1] == '>' || ascii_isspace(open[n + 1])))
                                        return true;
                        }
                        return false;
                }
                if (startswith(open, "<!--")) {
                        const char *close = strstr(open, "-->");

                        if (!close)
                                return false;
                        open = close;
                }
                i = (size_t) (open - s) + 2;
        }

        return false;
}

/* Text has no control characters to speak of, and a page has a tag. */
static bool looks_like_markup(const char *s, size_t n_bytes) {
        const size_t n_sniff = MIN(n_bytes, SNIFF_BYTES_MAX);
        size_t n_controls = 0;

        for (size_t i = 0; i < n_sniff; i++)
                n_controls += (unsigned char) s[i] < ' ' && !ascii_isspace(s[i]) && s[i] != '\x1B';
        if (n_controls > n_sniff / 16)
                return false;

        for (const char *p = s; (p = memchr(p, '<', (size_t) (s + n_bytes - p))); p++)
                if (p + 1 < s + n_bytes && (ascii_isalpha(p[1]) || p[1] == '!'))
                        return true;

        return false;
}

/* The parser takes NUL for the end, and other control characters mean nothing in a page. */
static void drop_controls(Buffer *b) {
        size_t n = 0;

        for (size_t i = 0; i < b->n_bytes; i++)
                if ((unsigned char) b->data[i] >= ' ' || ascii_isspace(b->data[i]))
                        b->data[n++] = b->data[i];
        buffer_truncate(b, n);
}

static int page_to_utf8(const void *p, size_t n_bytes, const char *content_type, Buffer *ret) {
        _cleanup_(charset_freep) Charset *charset = NULL;
        size_t n_bom = 0;
        int r;

        r = charset_new(page_charset(p, n_bytes, content_type, &n_bom), &charset);
        if (r == -EOPNOTSUPP) /* a small libc without that converter: what can be read is read */
                r = charset_new("utf-8", &charset);
        if (r < 0)
                return r;

        r = charset_convert(charset, (const char *) p + n_bom, n_bytes - n_bom, ret);
        if (r < 0)
                return r;
        return charset_finish(charset, ret);
}

/* --- what a page may cost ---
 *
 * The loop waits while a page is read, so what there is to do for one is bounded: libxml2's events
 * are counted, each with the nanoseconds that it and all passes behind it take, and when the sum is
 * over PAGE_WORK_MAX, libxml2 is told that the page ends there. It asks for some 4 KiB at a time,
 * inside tags as well. The events are libxml2's own, so there is no second tokenizer that would
 * have to agree with it on any input. */

/* Measured at the worst pages of each kind, on a machine of 2020. */
#define WORK_OF_BYTE ((size_t) 5)
#define WORK_OF_TEXT_BYTE ((size_t) 11) /* besides */
#define WORK_OF_TEXT ((size_t) 100)
/* "&x;": a name that is none is looked for among all. */
#define WORK_OF_REFERENCE ((size_t) 400)
#define WORK_OF_ELEMENT ((size_t) 800) /* twice for one that has raw text */
#define WORK_OF_ATTRIBUTE ((size_t) 200)
/* Each is passed by when one behind it is asked for; two to an attribute. */
#define WORK_OF_ATTRIBUTE_BEFORE ((size_t) 60)
#define WORK_OF_ERROR ((size_t) 550)
/* An end tag that ends nothing is compared with all that are open. */
#define WORK_OF_ERROR_IN_DEPTH ((size_t) 4)

typedef struct Source {
        HtmlParser *parser;
        const char *at, *end;
        startElementSAXFunc on_element;
        charactersSAXFunc on_text;
        size_t n_left; /* of the work */
} Source;

static void source_charge(Source *source, size_t n_work) {
        source->n_left -= MIN(n_work, source->n_left);
}

static size_t count_references(const char *s, size_t n_bytes) {
        const char *end = s + n_bytes;
        size_t n = 0;

        while (s < end && (s = memchr(s, '&', (size_t) (end - s))))
                n += ++s == end || ascii_isalpha(*s);
        return n;
}

static bool has_raw_text(const xmlChar *name) {
        return name &&
                (streq((const char *) name, "script") || streq((const char *) name, "style"));
}

static int on_read(void *userdata, char *buffer, int n_bytes_max) {
        Source *source = userdata;
        const size_t n = MIN((size_t) (source->end - source->at), (size_t) MAX(n_bytes_max, 0));

        /* libxml2 compares each attribute of a tag with all before it: 400,000 take an hour. It has
         * made room for these (two places for each, and it doubles its room). Ruled out: to drop
         * them before it, as in a feed's page, since a script's "i<n" is no tag. */
        if (source->n_left == 0 || source->parser->maxatts > (int) (4 * HTML_ATTRIBUTES_MAX))
                return 0;

        source_charge(source, n * WORK_OF_BYTE);
        /* In attributes references make no event; in scripts there are none. */
        if (!has_raw_text(source->parser->name))
                source_charge(source, count_references(source->at, n) * WORK_OF_REFERENCE);
        memcpy(buffer, source->at, n);
        source->at += n;
        return (int) n;
}

static void on_element(void *userdata, const xmlChar *name, const xmlChar **attributes) {
        HtmlParser *parser = userdata;
        Source *source = parser->_private;

        source_charge(source, has_raw_text(name) ? 2 * WORK_OF_ELEMENT : WORK_OF_ELEMENT);
        for (size_t i = 0; attributes && attributes[i]; i += 2) {
                const char *value = (const char *) attributes[i + 1];

                source_charge(source, WORK_OF_ATTRIBUTE + i * WORK_OF_ATTRIBUTE_BEFORE);
                if (value)
                        source_charge(
                                source, count_references(value, strlen(value)) * WORK_OF_REFERENCE);
        }
        source->on_element(userdata, name, attributes);
}

static void on_text(void *userdata, const xmlChar *text, int n_bytes) {
        HtmlParser *parser = userdata;
        Source *source = parser->_private;

        source_charge(source, WORK_OF_TEXT + (size_t) n_bytes * WORK_OF_TEXT_BYTE);
        if (n_bytes == 1 && *text == '&')
                source_charge(source, WORK_OF_REFERENCE);
        source->on_text(userdata, text, n_bytes);
}

/* Without memory, libxml2 2.9 stops reading its input, and then waits in some loops for the input
 * to end: it is made to. */
static void on_error(void *userdata, xmlError *error) {
        Source *source = userdata;
        HtmlParser *parser = source->parser;

        source_charge(source, WORK_OF_ERROR + (size_t) parser->nameNr * WORK_OF_ERROR_IN_DEPTH);
        if (error->code == XML_ERR_NO_MEMORY && parser->input)
                parser->input->cur = parser->input->end;
}

int page_parse_text(
        const char *html, size_t n_bytes, size_t n_work_max, XmlDoc **ret, bool *ret_cut) {
        _cleanup_(html_parser_freep) HtmlParser *parser = NULL;
        _cleanup_(xml_doc_freep) XmlDoc *doc = NULL;
        Source source = { .at = html, .end = html + n_bytes, .n_left = n_work_max };

        if (n_bytes == 0 || n_bytes > INT_MAX)
                return -EBADMSG;

        parser = htmlNewParserCtxt();
        if (!parser)
                return -ENOMEM;

        source.parser = parser;
        source.on_element = parser->sax->startElement;
        source.on_text = parser->sax->characters;
        parser->_private = &source;
        parser->sax->startElement = on_element;
        parser->sax->characters = on_text;
        xmlSetStructuredErrorFunc(&source, on_error);
        doc = htmlCtxtReadIO(parser, on_read, /* ioclose= */ NULL, &source, /* URL= */ NULL,
                "UTF-8",
                HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                        HTML_PARSE_IGNORE_ENC);
        xmlSetStructuredErrorFunc(/* ctx= */ NULL, /* handler= */ NULL);
        if (parser->errNo == XML_ERR_NO_MEMORY)
                return -ENOMEM;
        if (!doc)
                return -EBADMSG;

        *ret = TAKE_PTR(doc);
        if (ret_cut)
                *ret_cut = source.at < source.end; /* libxml2 gives up at a depth of 256 */
        return 0;
}

int page_parse(
        const void *p, size_t n_bytes, const char *content_type, XmlDoc **ret, bool *ret_cut) {
        _cleanup_(buffer_done) Buffer text = {};
        int r;

        if (content_type && type_is_foreign(content_type))
                return -EBADMSG;
        if (n_bytes == 0 || begins_with_magic(p, n_bytes))
                return -EBADMSG;

        r = page_to_utf8(p, n_bytes, content_type, &text);
        if (r < 0)
                return r;

        if (!looks_like_markup(buffer_str(&text), text.n_bytes) ||
                begins_as_json(buffer_str(&text), text.n_bytes) ||
                begins_as_other_xml(buffer_str(&text), text.n_bytes))
                return -EBADMSG;

        drop_controls(&text);
        return page_parse_text(buffer_str(&text), text.n_bytes, PAGE_WORK_MAX, ret, ret_cut);
}
