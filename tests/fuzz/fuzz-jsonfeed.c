/* SPDX-License-Identifier: MIT */

/* A JSON feed read whole and in small pieces: what comes out is the same, in valid UTF-8, and no
 * control character stands in it. */

#include <errno.h>

#include "base/json.h"
#include "feed/feed.h"
#include "feed/json.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

static int on_item(const Item *item, void *userdata) {
        return feed_item_append_json(item, userdata);
}

/* What the feed's items and the feed itself are, as one text behind @out. */
static int read_feed(const uint8_t *data, size_t n_bytes, size_t n_piece, Buffer *out) {
        _cleanup_(feed_parser_freep) FeedParser *parser = NULL;
        const FeedOptions options = { .url = "https://example.org/feed.json" };
        const FeedHandler handler = { .on_item = on_item, .userdata = out };
        _cleanup_free_ char *text = NULL;
        json_t *info;
        int r;

        r = feed_parser_new(&options, &handler, &parser);
        for (size_t i = 0; r >= 0 && i < n_bytes; i += n_piece)
                r = feed_parser_push(parser, data + i, MIN(n_piece, n_bytes - i));
        if (r >= 0)
                r = feed_parser_finish(parser);
        if (r < 0)
                return r;

        info = feed_info_to_json(feed_parser_info(parser));
        r = info ? json_to_text(info, JSON_LINE, &text) : -ENOMEM;
        json_decref(info);
        return r < 0 ? r : buffer_append_str(out, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes) {
        _cleanup_(buffer_done) Buffer whole = {}, pieces = {};
        size_t n_piece = n_bytes > 0 ? 1 + data[n_bytes - 1] % 7 : 1;

        if (read_feed(data, n_bytes, MAX(n_bytes, (size_t) 1), &whole) !=
                read_feed(data, n_bytes, n_piece, &pieces))
                abort();
        if (strcmp(buffer_str(&whole), buffer_str(&pieces)) != 0)
                abort();

        if (!utf8_is_valid(whole.data, whole.n_bytes))
                abort();
        for (size_t i = 0; i < whole.n_bytes; i++)
                if ((uint8_t) whole.data[i] < ' ' || whole.data[i] == 0x7F)
                        abort();
        return 0;
}
