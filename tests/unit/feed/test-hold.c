/* SPDX-License-Identifier: MIT */

/* The loop of picketd is never held for over 50 ms: so long, at the most, may a chunk of the
 * network keep the parser busy, whatever came before. Each case is a head, a unit that is repeated
 * ('#': a number that counts up) with something between every so many bytes, and a tail, several
 * MiB of it. PICKET_TEST_FIGURES=1 shows the slowest chunk of each. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/buffer.h"
#include "base/str.h"
#include "feed/feed.h"

/* What http/ hands on in one turn of the loop. */
#define CHUNK_BYTES ((size_t) 256 * 1024)
#define HOLD_USEC_MAX (50 * USEC_PER_MSEC)
#define TRIES 3 /* other programs take the caches */

#define RSS "<rss version=\"2.0\" xmlns:m=\"http://search.yahoo.com/mrss/\"><channel>"
#define ITEM RSS "<item><title>t</title>"
#define JSON "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"t\",\"items\":["
#define KIB ((size_t) 1024)
#define BYTES (4 * KIB * KIB)

static const struct {
        const char *name, *head, *unit, *tail, *between, *content_type, *xpath;
        size_t every_bytes;
} cases[] = {
        { .name = "tiny items", RSS, "<item><title>#</title></item>", "</channel></rss>" },
        { .name = "empty items", RSS, "<item/>", "" },
        { .name = "items in items", RSS, "<item>", "" },
        { .name = "items with links", RSS, "<item><link>/../a/./#?ä</link></item>", "" },
        { .name = "items with dates",
                RSS,
                "<item><pubDate>3 février # 2026 25:61</pubDate></item>",
                "" },
        { .name = "nesting", ITEM, "<a>", "" },
        { .name = "nesting of names", ITEM, "<a#>", "" },
        { .name = "nesting and ends", ITEM, "<a#></b#>", "" },
        { .name = "ends", ITEM "<a><b><c>", "</d>", "" },
        { .name = "attributes", ITEM "<a", " b#=\"c\"", "/>" },
        { .name = "attributes without value", ITEM "<a", " b#", "/>" },
        { .name = "attributes in many tags",
                ITEM,
                " b#=\"c\"",
                "/>",
                .between = "><a",
                .every_bytes = 60 * KIB },
        { .name = "attributes in small tags", ITEM, "<a b#=\"c\" d='e' f=g/>", "" },
        { .name = "namespaces", ITEM "<a", " xmlns:b#=\"urn:#\"", "/>" },
        { .name = "namespaces in many tags",
                ITEM,
                " xmlns:b#=\"urn:#\"",
                "/>",
                .between = "><a",
                .every_bytes = 60 * KIB },
        { .name = "namespaces, nested", ITEM, "<b#:a xmlns:b#=\"urn:#\">", "" },
        { .name = "long values", ITEM, "<", "", .between = "\"><a b=\"", .every_bytes = 63 * KIB },
        { .name = "quotes never closed", ITEM, "<a b=\"c><a b='d>", "" },
        { .name = "text", ITEM "<description>", "text ", "</description>" },
        { .name = "text in pieces",
                ITEM,
                "text ",
                "",
                .between = "</description><description>",
                .every_bytes = 1000 * KIB },
        { .name = "text in fields",
                ITEM,
                "&lt;p>x ",
                "",
                .between = "</m:text><m:text>",
                .every_bytes = 1000 * KIB },
        { .name = "markup",
                RSS,
                "&lt;a b='&amp;amp;' ",
                "",
                .between = "</title></item><item><title>",
                .every_bytes = 1000 * KIB },
        { .name = "references", ITEM "<description>", "&amp;&lt;", "" },
        { .name = "numbers", ITEM "<description>", "&#233;&#xe9;", "" },
        { .name = "entities",
                ITEM "<description>",
                "&eacute;&CounterClockwiseContourIntegral;",
                "" },
        { .name = "bare ampersands", ITEM "<description>", "&a & &#", "" },
        { .name = "bare angles", ITEM "<description>", "< > ]]> <", "" },
        { .name = "CDATA", ITEM "<description><![CDATA[", "<p>x</p>", "]]></description>" },
        { .name = "CDATA of ends", ITEM "<description><![CDATA[", "</it </en ]] ]", "" },
        { .name = "CDATA, small", ITEM "<description>", "<![CDATA[a]]>", "" },
        { .name = "comments", ITEM "<!--", "--", "" },
        { .name = "small comments", ITEM, "<!--a-->", "" },
        { .name = "instructions", ITEM, "<?a ?", "" },
        { .name = "DOCTYPE", "<!DOCTYPE r [", "<!ENTITY a# \"&a;&a;&a;\">", "]>" RSS },
        { .name = "base64",
                "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><id>a</id>",
                "PGE+",
                "",
                .between = "</content><content type=\"text/html\" mode=\"base64\">",
                .every_bytes = 1000 * KIB },
        { .name = "keywords",
                ITEM,
                "a#,",
                "",
                .between = "</m:keywords><m:keywords>",
                .every_bytes = 1000 * KIB },
        { .name = "categories", ITEM, "<category>a#</category>", "" },
        { .name = "enclosures", ITEM, "<enclosure url=\"/a#\"/>", "" },
        { .name = "authors", ITEM, "<author>a#@b.c (d#)</author>", "" },
        { .name = "a long author",
                ITEM,
                "a@b (",
                "",
                .between = "</author><author>",
                .every_bytes = 1000 * KIB },
        { .name = "a long date",
                ITEM,
                "3 feb ",
                "",
                .between = "</pubDate><pubDate>",
                .every_bytes = 1000 * KIB },
        { .name = "a long address",
                ITEM,
                "/../a",
                "",
                .between = "</link><link>",
                .every_bytes = 1000 * KIB },
        { .name = "bases", RSS, "<a xml:base=\"a#/../b\">", "" },
        { .name = "bytes that are no UTF-8", ITEM "<description>", "a\xFF\xE4\xFC", "" },
        { .name = "controls", ITEM "<description>", "\x01\x02", "" },
        { .name = "another charset",
                ITEM "<description>",
                "\xFF\x81",
                "",
                .content_type = "text/xml; charset=gb18030" },
        { .name = "invisible characters", ITEM "<description>", "\xE2\x80\x8B\xC2\xAD", "" },
        { .name = "JSON, tiny items", JSON, "{\"id\":#},", "{}]}" },
        { .name = "JSON, tags", JSON "{\"id\":1,\"tags\":[", "\"a#\",", "\"\"]}]}" },
        { .name = "JSON, tags in many items",
                JSON "{\"tags\":[",
                "\"a#\",",
                "0]}]}",
                .between = "0]},{\"id\":\"1\",\"tags\":[",
                .every_bytes = 1000 * KIB },
        { .name = "JSON, members",
                JSON "{",
                "\"a#\":0,",
                "\"id\":1}]}",
                .between = "\"id\":1},{",
                .every_bytes = 1000 * KIB },
        { .name = "JSON, a text", JSON "{\"id\":1,\"content_html\":\"", "<p>\\u00e9\\n", "\"}]}" },
        { .name = "JSON, texts",
                JSON "{\"id\":1,\"content_html\":\"",
                "<p>\\u00e9\\n",
                "\"}]}",
                .between = "\"},{\"id\":1,\"content_html\":\"",
                .every_bytes = 1000 * KIB },
        { .name = "JSON, nesting", JSON "{\"a\":", "[", "" },
        { .name = "JSON, objects",
                JSON "{\"a\":[",
                "{\"b\":[]},",
                "",
                .between = "{}]},{\"a\":[",
                .every_bytes = 1000 * KIB },
        { .name = "page, attributes", "<html><body><a", " b#=c", ">", .xpath = "//p" },
        { .name = "page, tags", "<html><body>", "<p>", "", .xpath = "//p" },
        { .name = "page, links", "<html><body>", "<p><a href=b#>c</a>", "", .xpath = "//p" },
};

static int on_item(const Item *item _unused_, void *userdata _unused_) {
        return 0;
}

static usec_t cpu_now(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return (usec_t) t.tv_sec * USEC_PER_SEC + (usec_t) t.tv_nsec / 1000;
}

static void write_case(size_t i, Buffer *text) {
        size_t n_next = cases[i].every_bytes;

        assert_int_equal(buffer_append_str(text, cases[i].head), 0);
        for (unsigned n = 0; text->n_bytes < BYTES; n++) {
                if (cases[i].between && text->n_bytes >= n_next) {
                        assert_int_equal(buffer_append_str(text, cases[i].between), 0);
                        n_next += cases[i].every_bytes;
                }
                for (const char *p = cases[i].unit; *p; p++) {
                        if (*p == '#' && p[-1] != '&')
                                assert_int_equal(buffer_printf(text, "%u", n), 0);
                        else
                                assert_int_equal(buffer_append_char(text, *p), 0);
                }
        }
        assert_int_equal(buffer_append_str(text, cases[i].tail), 0);
}

/* The CPU time of the slowest chunk, the end of the feed included. */
static usec_t slowest_chunk(size_t i, const Buffer *text) {
        const FeedHandler handler = { .on_item = on_item };
        const FeedOptions options = { .url = "https://example.org/feed",
                .content_type = cases[i].content_type,
                .xpath = cases[i].xpath ? &(FeedXPath){ .item = cases[i].xpath } : NULL };
        _cleanup_(feed_parser_freep) FeedParser *parser = NULL;
        usec_t slowest = 0;

        assert_int_equal(feed_parser_new(&options, &handler, &parser), 0);
        for (size_t at = 0; at <= text->n_bytes; at += CHUNK_BYTES) {
                const size_t n = MIN(CHUNK_BYTES, text->n_bytes - at);
                const usec_t start = cpu_now();
                int r = feed_parser_push(parser, text->data + at, n);

                if (r >= 0 && n < CHUNK_BYTES)
                        r = feed_parser_finish(parser);
                slowest = MAX(slowest, cpu_now() - start);
                if (r < 0)
                        break;
        }
        return slowest;
}

#ifdef __OPTIMIZE__
#define IS_SLOW false
#else
#define IS_SLOW true
#endif
#ifdef __SANITIZE_ADDRESS__
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

/* It is sixty times slower: minutes, for figures that say nothing. */
static bool is_on_valgrind(void) {
        return strstr(strempty(getenv("LD_PRELOAD")), "vgpreload");
}

static void test_hold(void **state _unused_) {
        const usec_t max_usec = IS_SLOW ? 40 * HOLD_USEC_MAX : HOLD_USEC_MAX;

        if (IS_SANITIZED || is_on_valgrind()) {
                print_message("skipped: sanitizers and Valgrind leave no time as it is\n");
                skip();
        }

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(buffer_done) Buffer text = {};
                usec_t slowest;

                write_case(i, &text);
                slowest = slowest_chunk(i, &text);
                for (unsigned n = 1; n < TRIES && slowest > max_usec; n++)
                        slowest = MIN(slowest, slowest_chunk(i, &text));
                if (getenv("PICKET_TEST_FIGURES"))
                        print_message(
                                "%8.1f ms  %s\n", (double) slowest / USEC_PER_MSEC, cases[i].name);
                if (slowest > max_usec)
                        fail_msg("%s: a chunk took %" PRIu64 " us", cases[i].name, slowest);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_hold),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
