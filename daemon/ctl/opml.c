/* SPDX-License-Identifier: MIT */

/* An outline with an address of a feed is a feed, one without is a folder of those within it. The
 * words of other kinds of outlines (links, inclusions of other lists) are passed over.
 *
 * Lists are edited by hand and by programs that know no XML, so a bare "&" is escaped before
 * libxml2 sees it: addresses are full of them. libxml2 gets a handler of our own and thereby has no
 * table of entities to blow up, and no tag of more than TAG_BYTES_MAX, as it takes quadratic time
 * over attributes. */

#include "ctl/opml.h"

#include <errno.h>
#include <libxml/parser.h>
#include <limits.h>
#include <stdio.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/hashmap.h"
#include "base/url.h"
#include "text/markup.h"
#include "text/utf8.h"

#define TAG_BYTES_MAX ((size_t) 64 * 1024)
#define TITLE_BYTES_MAX ((size_t) 512)
/* "&#x10FFFF;" */
#define REFERENCE_BYTES_MAX ((size_t) 10)

typedef xmlParserCtxt XmlParser;

static XmlParser *xml_parser_free(XmlParser *parser) {
        /* It makes a document for the entities that a DTD declares, and leaves it to us. */
        if (parser)
                xmlFreeDoc(parser->myDoc);
        xmlFreeParserCtxt(parser);
        return NULL;
}
DEFINE_POINTER_CLEANUP(XmlParser, xml_parser_free);

typedef struct Reader {
        OpmlList list;
        Hashmap *by_url; /* to the index of a feed + 1 */
        XmlParser *parser;
        void (*on_warning)(unsigned line, const char *message, void *userdata);
        void *userdata;
        char *folders[OPML_FOLDERS_MAX]; /* open ones; owned */
        size_t n_folders;
        size_t depth;            /* of open <outline>s */
        size_t n_deeper;         /* of these, how many beyond folders[] */
        bool seen_root, is_opml; /* the first element, and what it was */
        bool in_title;           /* <title> of the head */
        Buffer title;
        int error;
} Reader;

static void opml_feed_done(OpmlFeed *feed) {
        free(feed->title);
        free(feed->url);
        free(feed->html_url);
        strv_free(feed->folders);
}

void opml_list_done(OpmlList *list) {
        for (size_t i = 0; i < list->n_feeds; i++)
                opml_feed_done(list->feeds + i);
        free(list->feeds);
        free(list->title);
        *list = (OpmlList){};
}

static void reader_done(Reader *reader) {
        opml_list_done(&reader->list);
        hashmap_free(reader->by_url);
        xml_parser_freep(&reader->parser);
        for (size_t i = 0; i < reader->n_folders; i++)
                free(reader->folders[i]);
        buffer_done(&reader->title);
}

/* Stops at the first error. */
static void reader_fail(Reader *reader, int r) {
        if (r >= 0 || reader->error < 0)
                return;
        reader->error = r;
        xmlStopParser(reader->parser);
}

static void warn(Reader *reader, const char *format, ...) _printf_(2, 3);

static void warn(Reader *reader, const char *format, ...) {
        char message[512];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(message, sizeof(message), format, ap);
        va_end(ap);
        reader->on_warning(
                (unsigned) xmlSAX2GetLineNumber(reader->parser), message, reader->userdata);
}

/* Plain text on one line; *ret is NULL where nothing is left. */
static int plain_text(const char *text, size_t n_bytes, char **ret) {
        _cleanup_(buffer_done) Buffer folded = {};
        int r;

        n_bytes = utf8_cut(text, n_bytes, TITLE_BYTES_MAX);
        if (text_has_markup(text, n_bytes))
                r = markup_to_text(text, n_bytes, &folded);
        else
                r = text_fold_space(text, n_bytes, &folded);
        if (r < 0)
                return r;

        *ret = folded.n_bytes > 0 ? buffer_take(&folded) : NULL;
        return folded.n_bytes > 0 && !*ret ? -ENOMEM : 0;
}

/* The value of an attribute, whose name is written as it comes; *ret is NULL without one. */
static int take_attribute(
        const xmlChar **attributes, int n_attributes, const char *name, char **ret) {
        for (int i = 0; i < n_attributes; i++) {
                const char *value = (const char *) attributes[5 * i + 3];
                const char *end = (const char *) attributes[5 * i + 4];

                if (!streq_nocase((const char *) attributes[5 * i], name))
                        continue;
                *ret = memdup_suffix0(value, (size_t) (end - value));
                return *ret ? 0 : -ENOMEM;
        }

        *ret = NULL;
        return 0;
}

/* "feed://host/path" and "feed:https://host/path" are what browsers once handed on. */
static int fetchable_url(const char *written, char **ret) {
        _cleanup_free_ char *http = NULL, *url = NULL;
        const char *rest;
        int r;

        while (ascii_isspace(*written))
                written++;
        rest = startswith_nocase(written, "feed:");
        if (rest && startswith(rest, "//")) {
                if (asprintf(&http, "http:%s", rest) < 0) {
                        http = NULL;
                        return -ENOMEM;
                }
                written = http;
        } else if (rest)
                written = rest;

        r = url_resolve(NULL, written, &url);
        if (r >= 0)
                r = url_check_fetchable(url);
        if (r < 0)
                return r;
        /* In a configuration one at the end would continue the line. */
        if (strchr(url, '\\'))
                return -EINVAL;

        *ret = TAKE_PTR(url);
        return 0;
}

static int add_folders(Reader *reader, OpmlFeed *feed) {
        for (size_t i = 0; i < reader->n_folders; i++) {
                int r = 0;

                if (reader->folders[i][0] != '\0' &&
                        !strv_contains(feed->folders, reader->folders[i]))
                        r = strv_extend(&feed->folders, reader->folders[i]);
                if (r < 0)
                        return r;
        }

        return 0;
}

/* Takes what @feed holds. */
static int add_feed(Reader *reader, OpmlFeed *feed) {
        OpmlList *list = &reader->list;
        void *known = hashmap_get(reader->by_url, feed->url);
        int r;

        if (known) {
                list->n_duplicates++;
                return add_folders(reader, list->feeds + ((uintptr_t) known - 1));
        }
        if (list->n_feeds >= OPML_FEEDS_MAX) {
                if (list->n_feeds == OPML_FEEDS_MAX)
                        warn(reader, "more than %zu feeds, leaving the others out", OPML_FEEDS_MAX);
                xmlStopParser(reader->parser);
                return 0;
        }

        r = add_folders(reader, feed);
        if (r < 0)
                return r;
        r = ARRAY_GROW(list->feeds, list->n_allocated, list->n_feeds + 1);
        if (r < 0)
                return r;
        r = hashmap_put(reader->by_url, feed->url, (void *) (uintptr_t) (list->n_feeds + 1));
        if (r < 0)
                return r;

        list->feeds[list->n_feeds++] = *feed;
        *feed = (OpmlFeed){};
        return 0;
}

static int push_folder(Reader *reader, const char *text) {
        char *copy;

        if (reader->n_folders >= OPML_FOLDERS_MAX || reader->n_deeper > 0) {
                reader->n_deeper++;
                return 0;
        }
        copy = strdup(text);
        if (!copy)
                return -ENOMEM;
        reader->folders[reader->n_folders++] = copy;
        return 0;
}

static int read_outline(Reader *reader, const xmlChar **attributes, int n_attributes) {
        _cleanup_free_ char *written = NULL, *html_url = NULL, *raw = NULL, *text = NULL,
                            *type = NULL;
        _cleanup_(opml_feed_done) OpmlFeed feed = {};
        int r;

        r = take_attribute(attributes, n_attributes, "title", &raw);
        if (r >= 0 && isempty(raw)) {
                free(raw);
                raw = NULL;
                r = take_attribute(attributes, n_attributes, "text", &raw);
        }
        if (r >= 0 && raw)
                r = plain_text(raw, strlen(raw), &text);
        if (r >= 0)
                r = take_attribute(attributes, n_attributes, "xmlUrl", &written);
        if (r >= 0)
                r = take_attribute(attributes, n_attributes, "htmlUrl", &html_url);
        if (r >= 0)
                r = take_attribute(attributes, n_attributes, "type", &type);
        if (r < 0)
                return r;

        /* Each open outline has its place among the folders, so that they can be closed alike. */
        r = push_folder(reader, written ? "" : strempty(text));
        if (r < 0)
                return r;

        if (isempty(written)) {
                if (written || (type && (streq_nocase(type, "rss") || streq_nocase(type, "atom"))))
                        warn(reader, "'%s' has no address of a feed, skipping it", strna(text));
                return 0;
        }

        r = fetchable_url(written, &feed.url);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                warn(reader, "'%s' has an address that cannot be fetched, skipping it: %s",
                        strna(text),
                        r == -EACCES                    ? "it holds a user name or password"
                                : r == -EPROTONOSUPPORT ? "it is neither http nor https"
                                                        : "no valid URL");
                return 0;
        }
        feed.title = TAKE_PTR(text);
        if (html_url) {
                r = url_resolve(NULL, html_url, &feed.html_url);
                if (r == -ENOMEM)
                        return r;
        }
        return add_feed(reader, &feed);
}

static void on_start(void *userdata, const xmlChar *local, const xmlChar *prefix _unused_,
        const xmlChar *uri _unused_, int n_namespaces _unused_, const xmlChar **namespaces _unused_,
        int n_attributes, int n_defaulted _unused_, const xmlChar **attributes) {
        Reader *reader = userdata;

        if (reader->error < 0)
                return;
        if (!reader->seen_root) {
                reader->seen_root = true;
                reader->is_opml = streq_nocase((const char *) local, "opml");
                if (!reader->is_opml)
                        reader_fail(reader, -EBADMSG);
                return;
        }

        reader->in_title = reader->depth == 0 && streq_nocase((const char *) local, "title");
        if (!streq_nocase((const char *) local, "outline"))
                return;
        reader->depth++;
        reader_fail(reader, read_outline(reader, attributes, n_attributes));
}

static void on_end(void *userdata, const xmlChar *local, const xmlChar *prefix _unused_,
        const xmlChar *uri _unused_) {
        Reader *reader = userdata;

        reader->in_title = false;
        if (reader->error < 0 || reader->depth == 0 ||
                !streq_nocase((const char *) local, "outline"))
                return;
        reader->depth--;
        if (reader->n_deeper > 0)
                reader->n_deeper--;
        else if (reader->n_folders > 0)
                free(reader->folders[--reader->n_folders]);
}

static void on_text(void *userdata, const xmlChar *text, int n_bytes) {
        Reader *reader = userdata;

        if (reader->in_title && reader->title.n_bytes < TITLE_BYTES_MAX)
                reader_fail(reader, buffer_append(&reader->title, text, (size_t) n_bytes));
}

/* --- before libxml2 --- */

/* Does a reference that XML knows without a DTD begin at @s? */
static bool is_reference(const char *s, size_t n_bytes) {
        static const char *const names[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
        const char *end = memchr(s, ';', MIN(n_bytes, REFERENCE_BYTES_MAX));

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (n_bytes >= strlen(names[i]) && memcmp(s, names[i], strlen(names[i])) == 0)
                        return true;

        return end && end - s > 2 && s[1] == '#' && (ascii_isdigit(s[2]) || s[2] == 'x');
}

/* Escapes every other "&". Nothing to do for UTF-16, which only programs write. 0, -EBADMSG (a tag
 * without end) or -ENOMEM. */
static int escape_ampersands(const char *s, size_t n_bytes, Buffer *out) {
        const bool is_wide = memchr(s, '\0', MIN(n_bytes, (size_t) 4)) != NULL;
        size_t n_tag = 0;
        int r;

        if (is_wide)
                return buffer_append(out, s, n_bytes);

        for (size_t i = 0; i < n_bytes; i++) {
                if (s[i] == '<')
                        n_tag = 1;
                else if (s[i] == '>')
                        n_tag = 0;
                else if (n_tag > 0 && ++n_tag > TAG_BYTES_MAX)
                        return -EBADMSG;

                r = buffer_append_char(out, s[i]);
                if (r >= 0 && s[i] == '&' && !is_reference(s + i, n_bytes - i))
                        r = buffer_append_str(out, "amp;");
                if (r < 0)
                        return r;
        }

        return 0;
}

static void on_xml_error(void *userdata _unused_, xmlError *error _unused_) {
}

int opml_read(const char *text, size_t n_bytes,
        void (*on_warning)(unsigned line, const char *message, void *userdata), void *userdata,
        OpmlList *ret) {
        xmlSAXHandler handler = {
                .initialized = XML_SAX2_MAGIC,
                .startElementNs = on_start,
                .endElementNs = on_end,
                .characters = on_text,
                .cdataBlock = on_text,
                .serror = on_xml_error,
        };
        _cleanup_(reader_done) Reader reader = { .on_warning = on_warning, .userdata = userdata };
        _cleanup_(buffer_done) Buffer clean = {};
        int r;

        /* What stands before the first tag is a mark, or an accident that XML does not forgive. */
        while (n_bytes > 0 && ascii_isspace(*text)) {
                text++;
                n_bytes--;
        }
        r = escape_ampersands(text, MIN(n_bytes, OPML_BYTES_MAX), &clean);
        if (r < 0)
                return r;

        reader.by_url = hashmap_new(/* free_value= */ NULL);
        reader.parser = xmlCreatePushParserCtxt(&handler, &reader, NULL, 0, NULL);
        if (!reader.by_url || !reader.parser)
                return -ENOMEM;
        (void) xmlCtxtUseOptions(reader.parser,
                XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOERROR |
                        XML_PARSE_NOWARNING);

        (void) xmlParseChunk(reader.parser, clean.data, (int) clean.n_bytes, /* terminate= */ 1);
        if (reader.error < 0)
                return reader.error;
        if (reader.parser->errNo == XML_ERR_NO_MEMORY)
                return -ENOMEM;
        if (!reader.is_opml)
                return -EBADMSG;

        r = plain_text(buffer_str(&reader.title), reader.title.n_bytes, &reader.list.title);
        if (r < 0)
                return r;

        *ret = reader.list;
        reader.list = (OpmlList){};
        return 0;
}
