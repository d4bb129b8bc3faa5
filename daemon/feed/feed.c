/* SPDX-License-Identifier: MIT */

/* The road of a byte. XML: sieve.c makes it well-formed (decode.c before it makes UTF-8), xml.c
 * makes elements and text of that, and collect.c items, by the tables in rss.c, atom.c, sitemap.c
 * and modules.c. JSON: jsonfeed-split.c cuts it into items, jsonfeed.c reads them. A page: page.c
 * makes a tree of it, xpath.c finds the items. Each knows the next one only as a callback, which is
 * set here.
 *
 * Which road is decided by the first character that is no white space: Content-Type and the name of
 * a file are wrong too often to be asked. Only a page read with XPath is announced. */

#include "feed/feed.h"

#include <errno.h>

#include "feed/collect.h"
#include "feed/jsonfeed.h"
#include "feed/sieve.h"
#include "feed/xpath.h"

/* White space, byte order mark and NULs (of UTF-16) that are waited through. */
#define HEAD_BYTES_MAX ((size_t) 1024)

struct FeedParser {
        Warnings warnings;
        Buffer head;  /* until the road is known */
        bool decided; /* and then one of: */
        Sieve *sieve;
        JsonFeed *json;
        XPathFeed *page;

        XmlReader *reader; /* behind the sieve */
        Collector *collector;
        char *url, *content_type;

        FeedInfo info;
        int error;
        const char *refusal;
};

/* --- XML --- */

static int on_sieved(const Piece *piece, void *userdata) {
        FeedParser *parser = userdata;

        return xml_reader_push(parser->reader, piece);
}

static int xml_new(FeedParser *parser) {
        XmlHandler xml_handler = {
                .on_start = collector_on_start,
                .on_end = collector_on_end,
                .on_text = collector_on_text,
        };
        int r;

        r = collector_new(parser->url, &parser->warnings, &parser->collector);
        if (r < 0)
                return r;
        xml_handler.userdata = parser->collector;
        r = xml_reader_new(&xml_handler, &parser->warnings, &parser->reader);
        if (r < 0)
                return r;
        collector_set_reader(parser->collector, parser->reader);
        r = sieve_new(parser->content_type, &parser->warnings, on_sieved, parser, &parser->sieve);
        if (r < 0)
                return r;

        parser->info = collector_info(parser->collector);
        return 0;
}

static int xml_finish(FeedParser *parser) {
        int r;

        r = sieve_finish(parser->sieve);
        if (r >= 0)
                r = xml_reader_finish(parser->reader);
        if (r < 0)
                return r;
        if (!collector_is_feed(parser->collector)) {
                parser->refusal = "an RDF document without a channel, not a feed";
                return -EBADMSG;
        }

        parser->info = collector_info(parser->collector);
        return 0;
}

/* --- any of the three --- */

int feed_parser_new(const FeedOptions *options, const FeedHandler *handler, FeedParser **ret) {
        _cleanup_(feed_parser_freep) FeedParser *parser = NULL;
        int r;

        parser = new0(FeedParser, 1);
        if (!parser)
                return -ENOMEM;

        parser->warnings.handler = *handler;
        parser->info = (FeedInfo){
                .format = FEED_RSS20,
                .updated_usec = USEC_INFINITY,
                .ttl_usec = USEC_INFINITY,
                .period_usec = USEC_INFINITY,
        };
        r = free_and_strdup(&parser->url, options->url);
        if (r >= 0)
                r = free_and_strdup(&parser->content_type, options->content_type);
        if (r >= 0 && options->xpath) {
                parser->decided = true;
                r = xpath_feed_new(options, &parser->warnings, &parser->page);
        }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(parser);
        return 0;
}

FeedParser *feed_parser_free(FeedParser *parser) {
        if (!parser)
                return NULL;

        sieve_free(parser->sieve);
        xml_reader_free(parser->reader);
        collector_free(parser->collector);
        json_feed_free(parser->json);
        xpath_feed_free(parser->page);
        buffer_done(&parser->head);
        free(parser->url);
        free(parser->content_type);
        return mfree(parser);
}

static const char *parser_refusal(const FeedParser *parser) {
        if (parser->refusal)
                return parser->refusal;
        if (parser->json)
                return "a JSON document, not a feed";
        if (parser->page)
                return xpath_feed_error(parser->page);
        return parser->sieve ? sieve_error(parser->sieve) : NULL;
}

static int parser_fail(FeedParser *parser, int r) {
        if (r >= 0)
                return 0;

        parser->error = r;
        if (r == -EBADMSG)
                parser->refusal = parser_refusal(parser);
        return r;
}

static int parser_take(FeedParser *parser, const void *p, size_t n_bytes) {
        if (parser->json)
                return json_feed_push(parser->json, p, n_bytes);
        if (parser->page)
                return xpath_feed_push(parser->page, p, n_bytes);
        return sieve_push(parser->sieve, p, n_bytes);
}

static int parser_decide(FeedParser *parser, bool is_json) {
        const FeedOptions options = { .url = parser->url, .content_type = parser->content_type };
        int r;

        parser->decided = true;
        r = is_json ? json_feed_new(&options, &parser->warnings, &parser->json) : xml_new(parser);
        if (r >= 0 && parser->head.n_bytes > 0)
                r = parser_take(parser, parser->head.data, parser->head.n_bytes);
        buffer_done(&parser->head);
        return r;
}

/* What may stand before the first character in any of the encodings. */
static bool is_blank(char c) {
        return c == '\0' || ascii_isspace(c) || memchr("\xEF\xBB\xBF\xFE\xFF", c, 5);
}

int feed_parser_push(FeedParser *parser, const void *p, size_t n_bytes) {
        const char *s = p;
        size_t n_blank = 0;
        int r = 0;

        if (parser->error < 0)
                return parser->error;
        if (n_bytes == 0)
                return 0;

        if (!parser->decided) {
                while (n_blank < n_bytes && is_blank(s[n_blank]))
                        n_blank++;
                if (n_blank == n_bytes && parser->head.n_bytes + n_bytes <= HEAD_BYTES_MAX)
                        return parser_fail(parser, buffer_append(&parser->head, p, n_bytes));
                r = parser_decide(parser, n_blank < n_bytes && s[n_blank] == '{');
        }
        if (r >= 0)
                r = parser_take(parser, p, n_bytes);
        return parser_fail(parser, r);
}

int feed_parser_finish(FeedParser *parser) {
        int r = 0;

        if (parser->error < 0)
                return parser->error;

        if (!parser->decided)
                r = parser_decide(parser, /* is_json= */ false);
        if (r >= 0)
                r = parser->json       ? json_feed_finish(parser->json)
                        : parser->page ? xpath_feed_finish(parser->page)
                                       : xml_finish(parser);
        if (r < 0)
                return parser_fail(parser, r);

        if (parser->json)
                parser->info = json_feed_info(parser->json);
        else if (parser->page)
                parser->info = xpath_feed_info(parser->page);
        warnings_finish(&parser->warnings);
        return 0;
}

const FeedInfo *feed_parser_info(const FeedParser *parser) {
        return &parser->info;
}

const char *feed_parser_error(const FeedParser *parser) {
        return parser->refusal;
}

bool feed_parser_is_cut(const FeedParser *parser) {
        if (parser->json)
                return json_feed_is_cut(parser->json);
        return parser->sieve && sieve_is_cut(parser->sieve);
}

size_t feed_parser_n_items(const FeedParser *parser) {
        return parser->json         ? json_feed_n_items(parser->json)
                : parser->page      ? xpath_feed_n_items(parser->page)
                : parser->collector ? collector_n_items(parser->collector)
                                    : 0;
}
