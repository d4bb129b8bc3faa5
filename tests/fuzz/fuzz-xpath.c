/* SPDX-License-Identifier: MIT */

/* A page read with expressions that look at all of it, in two chunks. */

#include "feed/feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

static int on_item(const Item *item _unused_, void *userdata _unused_) {
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes) {
        _cleanup_(feed_parser_freep) FeedParser *parser = NULL;
        const FeedXPath xpath = {
                .item = "//*[@href or @class]",
                .title = "descendant-or-self::*",
                .link = "@href | .//a/@href",
                .summary = "substring-after(string(following::*), 'a')",
                .date = ".//time | @id",
        };
        const FeedOptions options = { .url = "https://example.org/page", .xpath = &xpath };
        const FeedHandler handler = { .on_item = on_item };
        size_t n_first = n_bytes > 0 ? data[n_bytes - 1] % n_bytes : 0;

        if (feed_parser_new(&options, &handler, &parser) >= 0 &&
                feed_parser_push(parser, data, n_first) >= 0 &&
                feed_parser_push(parser, data + n_first, n_bytes - n_first) >= 0)
                (void) !feed_parser_finish(parser);
        return 0;
}
