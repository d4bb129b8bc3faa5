/* SPDX-License-Identifier: MIT */

/* The road of a byte: sieve.c makes well-formed XML of it (decode.c before it makes UTF-8), xml.c
 * makes elements and text of that, and collect.c items, by the tables in rss.c, atom.c and
 * modules.c. Each knows the next one only as a callback, which is set here. */

#include "feed/feed.h"

#include <errno.h>

#include "feed/collect.h"

struct FeedParser {
        Warnings warnings;
        Sieve *sieve;
        XmlReader *reader;
        Collector *collector;
        FeedInfo info;
        int error;
        const char *refusal;
};

static int on_sieved(const char *p, size_t n_bytes, void *userdata) {
        FeedParser *parser = userdata;

        return xml_reader_push(parser->reader, p, n_bytes);
}

int feed_parser_new(const FeedOptions *options, const FeedHandler *handler, FeedParser **ret) {
        _cleanup_(feed_parser_freep) FeedParser *parser = NULL;
        XmlHandler xml_handler = {
                .on_start = collector_on_start,
                .on_end = collector_on_end,
                .on_text = collector_on_text,
        };
        int r;

        parser = new0(FeedParser, 1);
        if (!parser)
                return -ENOMEM;

        parser->warnings.handler = *handler;
        r = collector_new(options->url, &parser->warnings, &parser->collector);
        if (r < 0)
                return r;
        xml_handler.userdata = parser->collector;
        r = xml_reader_new(&xml_handler, &parser->warnings, &parser->reader);
        if (r < 0)
                return r;
        collector_set_reader(parser->collector, parser->reader);
        r = sieve_new(options->content_type, &parser->warnings, on_sieved, parser, &parser->sieve);
        if (r < 0)
                return r;

        parser->info = collector_info(parser->collector);
        *ret = TAKE_PTR(parser);
        return 0;
}

FeedParser *feed_parser_free(FeedParser *parser) {
        if (!parser)
                return NULL;

        sieve_free(parser->sieve);
        xml_reader_free(parser->reader);
        collector_free(parser->collector);
        return mfree(parser);
}

static int parser_fail(FeedParser *parser, int r) {
        if (r >= 0)
                return 0;

        parser->error = r;
        parser->refusal = sieve_error(parser->sieve);
        return r;
}

int feed_parser_push(FeedParser *parser, const void *p, size_t n_bytes) {
        if (parser->error < 0)
                return parser->error;

        return parser_fail(parser, sieve_push(parser->sieve, p, n_bytes));
}

int feed_parser_finish(FeedParser *parser) {
        int r;

        if (parser->error < 0)
                return parser->error;

        r = sieve_finish(parser->sieve);
        if (r >= 0)
                r = xml_reader_finish(parser->reader);
        if (r < 0)
                return parser_fail(parser, r);

        if (!collector_is_feed(parser->collector)) {
                parser->error = -EBADMSG;
                parser->refusal = "an RDF document without a channel, not a feed";
                return parser->error;
        }

        warnings_finish(&parser->warnings);
        parser->info = collector_info(parser->collector);
        return 0;
}

const FeedInfo *feed_parser_info(const FeedParser *parser) {
        return &parser->info;
}

const char *feed_parser_error(const FeedParser *parser) {
        return parser->refusal;
}

bool feed_parser_is_cut(const FeedParser *parser) {
        return sieve_is_cut(parser->sieve);
}

size_t feed_parser_n_items(const FeedParser *parser) {
        return collector_n_items(parser->collector);
}
