/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/str.h"
#include "feed/collect.h"
#include "feed/feed.h"
#include "text/utf8.h"

typedef struct Seen {
        size_t n_items, n_warnings, n_summary;
        char title[64], link[128];
        char warning[400]; /* the last */
        bool summary_valid;
        size_t fail_at;
        int fail_with;
} Seen;

static int on_item(const Item *item, void *userdata) {
        Seen *seen = userdata;

        seen->n_items++;
        snprintf(seen->title, sizeof(seen->title), "%.60s", strempty(item->title));
        snprintf(seen->link, sizeof(seen->link), "%.120s", strempty(item->link));
        seen->n_summary = item->summary ? strlen(item->summary) : 0;
        seen->summary_valid = !item->summary || utf8_is_valid(item->summary, seen->n_summary);
        return seen->n_items == seen->fail_at ? seen->fail_with : 0;
}

static void on_warning(unsigned line, const char *message, void *userdata) {
        Seen *seen = userdata;

        (void) line;
        seen->n_warnings++;
        snprintf(seen->warning, sizeof(seen->warning), "%s", message);
}

static FeedParser *parser_new(const char *url, const char *content_type, Seen *seen) {
        const FeedOptions options = { .url = url, .content_type = content_type };
        const FeedHandler handler = { on_item, on_warning, seen };
        FeedParser *parser;

        assert_int_equal(feed_parser_new(&options, &handler, &parser), 0);
        return parser;
}

static int push(FeedParser *parser, const char *s) {
        return feed_parser_push(parser, s, strlen(s));
}

/* An item comes out with its end tag, not with the feed's. */
static void test_items_come_as_they_end(void **state) {
        Seen seen = {};
        _cleanup_(feed_parser_freep) FeedParser *parser = parser_new(NULL, NULL, &seen);

        (void) state;
        assert_int_equal(push(parser, "<rss version='2.0'><channel><item><title>A</title>"), 0);
        assert_int_equal(seen.n_items, 0);
        assert_int_equal(push(parser, "</item><item>"), 0);
        assert_int_equal(seen.n_items, 1);
        assert_string_equal(seen.title, "A");
        assert_int_equal(push(parser, "<title>B</title></item><ttl>5</ttl></channel></rss>"), 0);
        assert_int_equal(feed_parser_finish(parser), 0);
        assert_int_equal(seen.n_items, 2);
        assert_int_equal(seen.n_warnings, 0);
        assert_int_equal(feed_parser_n_items(parser), 2);
        assert_null(feed_parser_error(parser));
        assert_true(feed_parser_info(parser)->ttl_usec == 5 * USEC_PER_MINUTE);
        assert_true(feed_parser_info(parser)->updated_usec == USEC_INFINITY);
}

/* When a feed says that it has something, and when not. */
static void test_rhythm(void **state) {
#define SY "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"
        static const struct {
                const char *channel;
                usec_t period_usec;
                uint32_t hours, days;
        } rows[] = {
                { "<title>A</title>", USEC_INFINITY, 0, 0 },
                { "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>",
                        USEC_PER_HOUR, 0, 0 },
                { "<sy:updateFrequency> 4 </sy:updateFrequency><sy:updatePeriod> Daily\n</sy:updatePeriod>",
                        6 * USEC_PER_HOUR, 0, 0 },
                { "<sy:updatePeriod>weekly</sy:updatePeriod>", 7 * USEC_PER_DAY, 0, 0 },
                { "<sy:updateFrequency>2</sy:updateFrequency>", 12 * USEC_PER_HOUR, 0, 0 },
                { "<sy:updatePeriod>now and then</sy:updatePeriod>", USEC_INFINITY, 0, 0 },
                { "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
                        USEC_PER_DAY, 0, 0 },
                { "<skipHours><hour>0</hour><hour> 23 </hour><hour>24</hour><hour>25</hour><hour>-1</hour></skipHours>",
                        USEC_INFINITY, 1 << 0 | 1 << 23, 0 },
                { "<skipDays><day>Sunday</day><day>saturday</day><day>Someday</day></skipDays>",
                        USEC_INFINITY, 0, 1 << 0 | 1 << 6 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                Seen seen = {};
                _cleanup_(feed_parser_freep) FeedParser *parser = parser_new(NULL, NULL, &seen);
                const FeedInfo *info;

                assert_int_equal(push(parser, "<rss version='2.0' " SY "><channel>"), 0);
                assert_int_equal(push(parser, rows[i].channel), 0);
                /* of an item, they say nothing */
                assert_int_equal(
                        push(parser,
                                "<item><title>A</title><sy:updatePeriod>yearly</sy:updatePeriod>"
                                "<skipHours><hour>5</hour></skipHours></item></channel></rss>"),
                        0);
                assert_int_equal(feed_parser_finish(parser), 0);
                info = feed_parser_info(parser);
                if (info->period_usec != rows[i].period_usec || info->skip_hours != rows[i].hours ||
                        info->skip_days != rows[i].days)
                        fail_msg("%s", rows[i].channel);
                assert_int_equal(seen.n_warnings, 0);
        }
}

static void test_handler_stops(void **state) {
        Seen seen = { .fail_at = 2, .fail_with = -ECANCELED };
        _cleanup_(feed_parser_freep) FeedParser *parser = parser_new(NULL, NULL, &seen);
        static const char item[] = "<item><title>A</title></item>";

        (void) state;
        assert_int_equal(push(parser, "<rss version='2.0'>"), 0);
        assert_int_equal(push(parser, item), 0);
        assert_int_equal(push(parser, item), -ECANCELED);
        assert_int_equal(push(parser, item), -ECANCELED);
        assert_int_equal(feed_parser_finish(parser), -ECANCELED);
        assert_int_equal(seen.n_items, 2);
        assert_null(feed_parser_error(parser));
}

static void test_refused(void **state) {
        static const struct {
                const char *in, *error;
        } cases[] = {
                { "", "an empty document, not a feed" },
                { "<!DOCTYPE html><html></html>", "an HTML page, not a feed" },
                { "{}", "a JSON document, not a feed" },
                { "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><x/></rdf:RDF>",
                        "an RDF document without a channel, not a feed" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Seen seen = {};
                _cleanup_(feed_parser_freep) FeedParser *parser = parser_new(NULL, NULL, &seen);
                int r;

                r = push(parser, cases[i].in);
                if (r >= 0)
                        r = feed_parser_finish(parser);
                assert_int_equal(r, -EBADMSG);
                assert_string_equal(feed_parser_error(parser), cases[i].error);
                assert_int_equal(feed_parser_finish(parser), -EBADMSG);
        }
}

/* A feed without items is one. */
static void test_no_items(void **state) {
        static const char *const feeds[] = {
                "<rss/>",
                "<rss version='2.0'><channel/></rss>",
                "<feed xmlns='http://www.w3.org/2005/Atom'/>",
                "<RDF xmlns='http://purl.org/rss/1.0/'><channel/></RDF>",
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(feeds); i++) {
                Seen seen = {};
                _cleanup_(feed_parser_freep) FeedParser *parser = parser_new(NULL, NULL, &seen);

                if (push(parser, feeds[i]) < 0 || feed_parser_finish(parser) < 0)
                        fail_msg("%s: %s", feeds[i], strna(feed_parser_error(parser)));
                assert_int_equal(seen.n_items, 0);
        }
}

static void test_long_text(void **state) {
        Seen seen = {};
        _cleanup_(feed_parser_freep) FeedParser *parser = parser_new(NULL, NULL, &seen);

        (void) state;
        assert_int_equal(push(parser, "<rss version='2.0'><item><description>x"), 0);
        for (unsigned i = 0; i < 100000; i++)
                assert_int_equal(
                        push(parser, "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"), 0);
        assert_int_equal(push(parser, "</description></item>"), 0);
        assert_int_equal(seen.n_items, 1);
        assert_true(seen.n_summary <= FEED_FIELD_BYTES_MAX);
        assert_true(seen.n_summary >= FEED_FIELD_BYTES_MAX - 4);
        assert_true(seen.summary_valid);
        assert_string_equal(seen.warning, "a text that is too long, cut");

        assert_int_equal(push(parser, "<item><title>B</title></item></rss>"), 0);
        assert_int_equal(feed_parser_finish(parser), 0);
        assert_string_equal(seen.title, "B");
        assert_int_equal(seen.n_summary, 0);
}

static void test_many_items(void **state) {
        Seen seen = {};
        _cleanup_(feed_parser_freep) FeedParser *parser = parser_new(NULL, NULL, &seen);

        (void) state;
        assert_int_equal(push(parser, "<rss version='2.0'>"), 0);
        for (unsigned i = 0; i < FEED_ITEMS_MAX + 10; i++)
                assert_int_equal(push(parser, "<item><title>A</title></item>"), 0);
        assert_int_equal(push(parser, "<title>T</title></rss>"), 0);
        assert_int_equal(feed_parser_finish(parser), 0);
        assert_int_equal(seen.n_items, FEED_ITEMS_MAX);
        assert_true(seen.n_warnings <= WARNINGS_SHOWN_PER_KIND + 1);
        assert_string_equal(feed_parser_info(parser)->title, "T");
}

static void test_many_labels(void **state) {
        Seen seen = {};
        _cleanup_(feed_parser_freep) FeedParser *parser = parser_new("https://e.org/", NULL, &seen);

        (void) state;
        assert_int_equal(push(parser, "<rss version='2.0'><item>"), 0);
        for (unsigned i = 0; i < 3000; i++) {
                _cleanup_(buffer_done) Buffer b = {};

                assert_int_equal(buffer_printf(&b,
                                         "<category>%2000u</category><author>%2000u</author>"
                                         "<enclosure url='%u/%04000u'/>",
                                         i, i, i, i),
                        0);
                assert_int_equal(push(parser, b.data), 0);
        }
        assert_int_equal(push(parser, "<title>A</title></item></rss>"), 0);
        assert_int_equal(feed_parser_finish(parser), 0);
        assert_int_equal(seen.n_items, 1);
}

static void test_base(void **state) {
        static const struct {
                const char *url, *feed, *link;
        } cases[] = {
                { NULL, "<rss><item><title>A</title><link>/a</link></item></rss>", "" },
                { NULL, "<rss><link>https://a.org/x/</link><item><link>a</link></item></rss>",
                        "https://a.org/x/a" },
                { "https://b.org/f", "<rss><item><link>a</link></item></rss>", "https://b.org/a" },
                { "https://b.org/f",
                        "<feed><link href='https://a.org/'/><entry><link href='a'/></entry></feed>",
                        "https://b.org/a" },
                { NULL, "<feed><link href='https://a.org/'/><entry><link href='a'/></entry></feed>",
                        "https://a.org/a" },
                { "no address", "<rss><item><title>A</title><link>a</link></item></rss>", "" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Seen seen = {};
                _cleanup_(feed_parser_freep) FeedParser *parser =
                        parser_new(cases[i].url, NULL, &seen);

                assert_int_equal(push(parser, cases[i].feed), 0);
                assert_int_equal(feed_parser_finish(parser), 0);
                assert_int_equal(seen.n_items, 1);
                assert_string_equal(seen.link, cases[i].link);
        }
}

/* Every row of the tables can be reached: it is found by what it says, and no earlier one hides it.
 */
static void test_rules(void **state) {
        const Rules *formats[] = { &rules_rss, &rules_atom, &rules_sitemap };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
                const Rules *tables[] = { formats[i], &rules_modules };
                RuleIndex index;

                rule_index_init(&index, formats[i]);
                for (size_t j = 0; j < ELEMENTSOF(tables); j++)
                        for (size_t k = 0; k < tables[j]->n_rules; k++) {
                                const Rule *rule = &tables[j]->rules[k];

                                assert_ptr_equal(
                                        rule_index_find(&index, rule->place, rule->ns, rule->name),
                                        rule);
                                assert_in_range(rule->priority, 0, 9);
                                assert_true(rule->priority > 0 || rule->part == 0);
                        }
                assert_null(rule_index_find(&index, PLACE_ITEM, NS_OTHER, NAME_TITLE));
        }
}

static void test_vocabulary(void **state) {
        (void) state;
        assert_int_equal(vocabulary_name("title"), NAME_TITLE);
        assert_int_equal(vocabulary_name("pubDate"), NAME_PUBDATE);
        assert_int_equal(vocabulary_name("AUTHOR"), NAME_AUTHOR);
        assert_int_equal(vocabulary_name("updated"), NAME_UPDATED);
        assert_int_equal(vocabulary_name("titles"), NAME_OTHER);
        assert_int_equal(vocabulary_name(""), NAME_OTHER);
        assert_int_equal(vocabulary_namespace(NULL, NULL), NS_HOME);
        assert_int_equal(vocabulary_namespace("", NULL), NS_HOME);
        assert_int_equal(vocabulary_namespace(NULL, "DC"), NS_DC);
        assert_int_equal(vocabulary_namespace("http://x.org/", "dc"), NS_DC);
        assert_int_equal(vocabulary_namespace("http://x.org/", NULL), NS_OTHER);
        assert_int_equal(vocabulary_namespace("http://x.org/", "x"), NS_OTHER);
        assert_int_equal(vocabulary_namespace("HTTPS://www.w3.org/2005/ATOM/", NULL), NS_ATOM);
        assert_int_equal(vocabulary_namespace("http://purl.org/atom/ns#", NULL), NS_ATOM);
        assert_int_equal(vocabulary_namespace("http://purl.org/rss/1.0/", NULL), NS_RSS);
        assert_int_equal(
                vocabulary_namespace("http://purl.org/rss/1.0/modules/content/", NULL), NS_CONTENT);
        assert_true(vocabulary_knows("isPermaLink", 11));
        assert_false(vocabulary_knows("x", 1));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_items_come_as_they_end),
                cmocka_unit_test(test_rhythm),
                cmocka_unit_test(test_handler_stops),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_no_items),
                cmocka_unit_test(test_long_text),
                cmocka_unit_test(test_many_items),
                cmocka_unit_test(test_many_labels),
                cmocka_unit_test(test_base),
                cmocka_unit_test(test_rules),
                cmocka_unit_test(test_vocabulary),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
