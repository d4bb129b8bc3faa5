/* SPDX-License-Identifier: MIT */

/* Every feed of tests/corpus/feeds gives the JSON beside it, read whole and byte by byte: NAME.xml,
 * NAME.jsonfeed, or NAME.html with its expressions in NAME.xpath. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>

#include "base/buffer.h"
#include "feed/feed.h"
#include "feed/json.h"

#define CORPUS "tests/corpus/feeds/*/*.{xml,jsonfeed,html}"
/* As many as there are: a corpus that is not found must not pass. */
#define CORPUS_FEEDS_MIN 320

static int on_item(const Item *item, void *userdata) {
        return json_array_append_new(json_object_get(userdata, "items"), feed_item_to_json(item));
}

static void on_warning(unsigned line, const char *message, void *userdata) {
        json_t *text = line > 0 ? json_sprintf("line %u: %s", line, message) : json_string(message);

        assert_int_equal(json_array_append_new(json_object_get(userdata, "warnings"), text), 0);
}

/* Lines of "key = expression", cut in place. */
static FeedXPath read_expressions(char *text) {
        FeedXPath xpath = {};

        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
                char *value = strstr(line, " = ");

                assert_non_null(value);
                *value = '\0';
                value += 3;
                if (streq(line, "item"))
                        xpath.item = value;
                else if (streq(line, "title"))
                        xpath.title = value;
                else if (streq(line, "link"))
                        xpath.link = value;
                else if (streq(line, "summary"))
                        xpath.summary = value;
                else if (streq(line, "date"))
                        xpath.date = value;
                else
                        fail_msg("an unknown key '%s'", line);
        }
        return xpath;
}

static json_t *parse(const Buffer *feed, const FeedXPath *xpath, size_t n_chunk) {
        const FeedOptions options = { .url = "https://example.org/feed.xml", .xpath = xpath };
        _cleanup_(feed_parser_freep) FeedParser *parser = NULL;
        json_t *read = json_pack("{s[]s[]}", "items", "warnings");
        const FeedHandler handler = { on_item, on_warning, read };
        json_t *info;

        assert_int_equal(feed_parser_new(&options, &handler, &parser), 0);
        for (size_t i = 0; i < feed->n_bytes; i += n_chunk)
                assert_int_equal(
                        feed_parser_push(parser, feed->data + i, MIN(n_chunk, feed->n_bytes - i)),
                        0);
        assert_int_equal(feed_parser_finish(parser), 0);

        info = feed_info_to_json(feed_parser_info(parser));
        assert_int_equal(json_object_update(read, info), 0);
        json_decref(info);
        return read;
}

static void read_file(const char *path, Buffer *ret) {
        char chunk[4096];
        FILE *f = fopen(path, "re");
        size_t n;

        assert_non_null(f);
        while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
                assert_int_equal(buffer_append(ret, chunk, n), 0);
        fclose(f);
}

static void check(const char *path, const json_t *expected, const json_t *read, const char *how) {
        char *shown;

        if (json_equal(expected, read))
                return;

        shown = json_dumps(read, JSON_INDENT(1) | JSON_SORT_KEYS);
        print_error("%s, read %s, gives:\n%s\n", path, how, shown);
        free(shown);
        fail();
}

static void test_corpus(void **state) {
        glob_t found = {};

        (void) state;
        assert_int_equal(glob(CORPUS, GLOB_BRACE, NULL, &found), 0);
        assert_true(found.gl_pathc >= CORPUS_FEEDS_MIN);

        for (size_t i = 0; i < found.gl_pathc; i++) {
                _cleanup_(buffer_done) Buffer feed = {}, expressions = {};
                const char *path = found.gl_pathv[i];
                const char *dot = strrchr(path, '.');
                json_t *expected, *read;
                FeedXPath xpath = {};
                char beside[512];

                if (streq(dot, ".html")) {
                        snprintf(beside, sizeof(beside), "%.*s.xpath", (int) (dot - path), path);
                        read_file(beside, &expressions);
                        xpath = read_expressions(expressions.data);
                }
                snprintf(beside, sizeof(beside), "%.*s.json", (int) (dot - path), path);
                expected = json_load_file(beside, JSON_REJECT_DUPLICATES, NULL);
                if (!expected)
                        fail_msg("%s is missing or no JSON", beside);
                read_file(path, &feed);

                read = parse(&feed, xpath.item ? &xpath : NULL, feed.n_bytes);
                check(path, expected, read, "whole");
                json_decref(read);

                /* Where libxml2 is with its lines depends on the chunks, what it reads does not. */
                read = parse(&feed, xpath.item ? &xpath : NULL, 1);
                json_object_del(read, "warnings");
                json_object_del(expected, "warnings");
                check(path, expected, read, "byte by byte");
                json_decref(read);
                json_decref(expected);
        }

        globfree(&found);
}

/* A feed that is cut off gives its complete items, each as it is, and no half one. Longer feeds
 * are of the limits, and would take their time; JSON may name the authors of its items behind them.
 */
#define CUT "tests/corpus/feeds/*/*.xml"
#define CUT_BYTES_MAX 4096
#define CUT_STEP 7

static json_t *parse_cut(const Buffer *feed, size_t n_bytes) {
        const FeedOptions options = { .url = "https://example.org/feed.xml" };
        _cleanup_(feed_parser_freep) FeedParser *parser = NULL;
        json_t *read = json_pack("{s[]s[]}", "items", "warnings");
        const FeedHandler handler = { on_item, on_warning, read };
        int r;

        assert_int_equal(feed_parser_new(&options, &handler, &parser), 0);
        r = feed_parser_push(parser, feed->data, n_bytes);
        if (r >= 0)
                r = feed_parser_finish(parser);
        assert_true(r == 0 || r == -EBADMSG);
        return read;
}

static void test_cut(void **state) {
        glob_t found = {};

        (void) state;
        assert_int_equal(glob(CUT, 0, NULL, &found), 0);
        for (size_t i = 0; i < found.gl_pathc; i++) {
                _cleanup_(buffer_done) Buffer feed = {};
                size_t n_before = 0, n_items;
                json_t *whole;

                read_file(found.gl_pathv[i], &feed);
                if (feed.n_bytes > CUT_BYTES_MAX)
                        continue;
                whole = parse_cut(&feed, feed.n_bytes);

                for (size_t n = 1; n < feed.n_bytes; n += CUT_STEP) {
                        json_t *read = parse_cut(&feed, n), *items = json_object_get(read, "items");

                        n_items = json_array_size(items);
                        if (n_items < n_before)
                                fail_msg("%s, cut at %zu, loses an item", found.gl_pathv[i], n);
                        for (size_t k = 0; k < n_items; k++)
                                if (!json_equal(json_array_get(items, k),
                                            json_array_get(json_object_get(whole, "items"), k)))
                                        fail_msg("%s, cut at %zu, has another item %zu",
                                                found.gl_pathv[i], n, k + 1);
                        n_before = n_items;
                        json_decref(read);
                }
                json_decref(whole);
        }
        globfree(&found);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_corpus),
                cmocka_unit_test(test_cut),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
