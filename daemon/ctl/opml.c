/* SPDX-License-Identifier: MIT */

/* An outline with an address of a feed is a feed, one without is a folder of those within it. The
 * words of other kinds of outlines (links, inclusions of other lists) are passed over.
 *
 * Lists are edited by hand and by programs that know no XML, and come from anybody: they go through
 * the same sieve as feeds, which mends them and bounds what libxml2 would spend on them. */

#include "ctl/opml.h"

#include <errno.h>
#include <libxml/parser.h>
#include <limits.h>
#include <stdio.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/hashmap.h"
#include "base/url.h"
#include "feed/address.h"
#include "feed/sieve.h"
#include "text/markup.h"
#include "text/utf8.h"

#define TITLE_BYTES_MAX ((size_t) 512)
/* Entries skipped that are told one by one; who has more of them has another file in hand. */
#define SKIPPED_SHOWN_MAX 100u

typedef xmlParserCtxt XmlParser;

static XmlParser *xml_parser_free(XmlParser *parser) {
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
        unsigned n_skipped;
        char *folders[OPML_FOLDERS_MAX]; /* open ones; owned */
        size_t n_folders;
        size_t depth;    /* of open <outline>s */
        size_t n_deeper; /* of these, how many beyond folders[] */
        bool in_title;   /* <title> of the head */
        Buffer title;
        int error;
        PieceTexts texts; /* that go around the parser */
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

static void tell(const Reader *reader, const char *message) {
        reader->on_warning(
                (unsigned) xmlSAX2GetLineNumber(reader->parser), message, reader->userdata);
}

/* The entry of that name cannot be. */
static void skip(Reader *reader, const char *name, const char *why) {
        char message[TITLE_BYTES_MAX + 128];

        if (++reader->n_skipped > SKIPPED_SHOWN_MAX) {
                if (reader->n_skipped == SKIPPED_SHOWN_MAX + 1)
                        tell(reader, "more entries cannot be fetched, skipping them as well");
                return;
        }
        (void) snprintf(message, sizeof(message), "'%s' has %s", strna(name), why);
        tell(reader, message);
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
        const Addresses nowhere = {};
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

        r = addresses_resolve(&nowhere, /* site= */ NULL, /* site_first= */ false, written, &url);
        if (r < 0)
                return r;
        /* In a configuration one at the end would continue the line. */
        if (!url || strchr(url, '\\'))
                return -EINVAL;
        r = url_check_fetchable(url);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(url);
        return 0;
}

static int add_folders(Reader *reader, OpmlFeed *feed) {
        for (size_t i = 0; i < reader->n_folders; i++) {
                int r = 0;

                if (reader->folders[i][0] != '\0' &&
                        strv_length(feed->folders) < OPML_FOLDERS_MAX &&
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
                        tell(reader, "too many feeds, leaving the others out");
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
                        skip(reader, text, "no address of a feed, skipping it");
                return 0;
        }

        r = fetchable_url(written, &feed.url);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                skip(reader, text,
                        r == -EACCES ? "an address with a user name or password, skipping it"
                                : r == -EPROTONOSUPPORT
                                ? "an address that is neither http nor https, skipping it"
                                : "an address that cannot be fetched, skipping it");
                return 0;
        }
        feed.title = TAKE_PTR(text);
        if (html_url) {
                r = fetchable_url(html_url, &feed.html_url);
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

static void on_mark(void *userdata, const xmlChar *target _unused_, const xmlChar *data _unused_) {
        Reader *reader = userdata;
        const char *text;
        size_t n_bytes;

        if (piece_texts_next(&reader->texts, &text, &n_bytes))
                on_text(reader, (const xmlChar *) text, (int) n_bytes);
}

static void on_xml_error(void *userdata _unused_, xmlError *error _unused_) {
}

static int on_sieved(const Piece *piece, void *userdata) {
        Reader *reader = userdata;

        reader->texts = piece_texts(piece);
        (void) xmlParseChunk(reader->parser, piece->xml, (int) piece->n_xml, /* terminate= */ 0);
        reader->texts = (PieceTexts){};
        if (reader->parser->errNo == XML_ERR_NO_MEMORY)
                return -ENOMEM;
        return reader->error;
}

static int read_sieved(Reader *reader, const char *text, size_t n_bytes) {
        static const char *const names[] = { "opml", "outline", "title", "text", "type", "xmlUrl",
                "htmlUrl" };
        Warnings warnings = { .handler = {
                                      .on_warning = reader->on_warning,
                                      .userdata = reader->userdata,
                              } };
        _cleanup_(sieve_freep) Sieve *sieve = NULL;
        int r;

        r = sieve_new(/* content_type= */ NULL, &warnings, on_sieved, reader, &sieve);
        if (r < 0)
                return r;

        r = sieve_expect(sieve, names, ELEMENTSOF(names));
        if (r >= 0)
                r = sieve_push(sieve, text, n_bytes);
        if (r >= 0)
                r = sieve_finish(sieve);
        if (r >= 0)
                warnings_finish(&warnings);
        return r;
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
                .processingInstruction = on_mark,
                .serror = on_xml_error,
        };
        _cleanup_(reader_done) Reader reader = { .on_warning = on_warning, .userdata = userdata };
        int r;

        reader.by_url = hashmap_new(/* free_value= */ NULL);
        reader.parser = xmlCreatePushParserCtxt(&handler, &reader, NULL, 0, NULL);
        if (!reader.by_url || !reader.parser)
                return -ENOMEM;
        (void) xmlCtxtUseOptions(
                reader.parser, XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOENT);

        r = read_sieved(&reader, text, MIN(n_bytes, OPML_BYTES_MAX));
        if (r < 0)
                return r;
        r = plain_text(buffer_str(&reader.title), reader.title.n_bytes, &reader.list.title);
        if (r < 0)
                return r;

        *ret = reader.list;
        reader.list = (OpmlList){};
        return 0;
}
