/* SPDX-License-Identifier: MIT */

/* Golden files, one per format and sample, in tests/corpus/sinks/; PICKET_GOLDEN_WRITE=1 writes
 * them anew, for the eye to judge in the diff. Beside them, what must hold whatever comes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>

#include "base/buffer.h"
#include "deliver/render.h"
#include "deliver/sink.h"
#include "samples.h"
#include "text/utf8.h"

#define ID "01hqwf3zt9k2m4n6p8r0s2t4v6"

static const struct {
        const char *name;
        SinkSettings sink;
} formats[] = {
        { "json", { .type = SINK_WEBHOOK, .format = SINK_JSON } },
        { "slack", { .type = SINK_WEBHOOK, .format = SINK_SLACK } },
        { "discord", { .type = SINK_WEBHOOK, .format = SINK_DISCORD } },
        { "desktop", { .type = SINK_DESKTOP } },
};

static char *file_read(const char *path) {
        _cleanup_(buffer_done) Buffer b = {};
        char piece[4096];
        size_t n;
        FILE *f;

        f = fopen(path, "re");
        if (!f)
                fail_msg("%s: %m", path);
        while ((n = fread(piece, 1, sizeof piece, f)) > 0)
                assert_int_equal(buffer_append(&b, piece, n), 0);
        fclose(f);
        return buffer_take(&b);
}

/* Golden files are indented, so that a change can be read. */
static void assert_golden(const char *body, const char *format, const char *sample) {
        _cleanup_(json_freep) Json *root = NULL;
        _cleanup_free_ char *path = NULL, *shown = NULL, *line = NULL, *golden = NULL;

        root = json_loads(body, /* flags= */ 0, /* error= */ NULL);
        assert_non_null(root);
        shown = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
        assert_non_null(shown);
        assert_true(asprintf(&line, "%s\n", shown) > 0);
        assert_true(asprintf(&path, "tests/corpus/sinks/%s-%s.json", format, sample) > 0);

        if (getenv("PICKET_GOLDEN_WRITE")) {
                FILE *f = fopen(path, "we");

                assert_non_null(f);
                assert_true(fputs(line, f) >= 0);
                assert_int_equal(fclose(f), 0);
                return;
        }

        golden = file_read(path);
        assert_string_equal(line, golden);
}

static void test_golden(void **state _unused_) {
        const struct {
                const char *name;
                AlertType type;
                Alert alert;
        } samples[] = {
                { "plain", ALERT_RAISED, sample_plain() },
                { "hostile", ALERT_RAISED, sample_hostile() },
                { "bare", ALERT_RAISED, sample_bare() },
                { "test", ALERT_TEST, sample_plain() },
        };

        for (size_t i = 0; i < ELEMENTSOF(formats); i++)
                for (size_t k = 0; k < ELEMENTSOF(samples); k++) {
                        _cleanup_free_ char *body = NULL;

                        assert_int_equal(sink_render(&formats[i].sink, samples[k].type,
                                                 &samples[k].alert, ID, &body),
                                0);
                        assert_golden(body, formats[i].name, samples[k].name);
                }
}

/* Every text of the document, however deep. */
static void walk(const json_t *json, void (*on_text)(const char *text)) {
        const char *key;
        json_t *value;
        size_t i;

        if (json_is_string(json))
                on_text(json_string_value(json));
        json_array_foreach ((json_t *) json, i, value)
                walk(value, on_text);
        json_object_foreach ((json_t *) json, key, value)
                walk(value, on_text);
}

static void assert_no_strange_character(const char *text) {
        for (size_t at = 0, n; at < strlen(text); at += n) {
                uint32_t c;

                n = utf8_decode(text + at, strlen(text + at), &c);
                if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
                        (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f)
                        fail_msg("U+%04X in '%s'", c, text);
        }
}

static void assert_no_slack_mention(const char *text) {
        if (strstr(text, "<!") || strstr(text, "<@") || strstr(text, "<#"))
                fail_msg("'%s'", text);
}

static void test_hostile(void **state _unused_) {
        const Alert alert = sample_hostile();

        for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
                _cleanup_(json_freep) Json *root = NULL;
                _cleanup_free_ char *body = NULL;

                assert_int_equal(sink_render(&formats[i].sink, ALERT_RAISED, &alert, ID, &body), 0);
                assert_null(strstr(body, "javascript:"));
                assert_null(strstr(body, "data:text"));

                root = json_loads(body, /* flags= */ 0, /* error= */ NULL);
                assert_non_null(root);
                walk(root, assert_no_strange_character);
                if (formats[i].sink.format == SINK_SLACK)
                        walk(root, assert_no_slack_mention);
        }
}

static size_t n_embed_units;

static void count_units(const char *text) {
        n_embed_units += utf8_n_utf16(text, strlen(text));
}

static void assert_units_max(const json_t *json, const char *path[], size_t n_max) {
        const char *text;

        for (; *path; path++)
                json = ascii_isdigit(**path) ? json_array_get(json, (size_t) (**path - '0'))
                                             : json_object_get(json, *path);
        text = json_string_value(json);
        assert_non_null(text);
        assert_in_range(utf8_n_utf16(text, strlen(text)), 1, n_max);
}

/* An alert of which every part is far too long, of characters that grow when they are escaped. */
static void test_huge(void **state _unused_) {
        enum { N = 60000 };
        _cleanup_free_ char *long_text = malloc(N + 1), *link = malloc(8001);
        static KeywordHit hits[300];
        static StorySource sources[300];
        const char *fill = "\"<&*\xf0\x9f\x92\xa5"; /* a collision symbol, two UTF-16 units */
        Alert alert = sample_plain();

        assert_non_null(long_text);
        assert_non_null(link);
        for (size_t i = 0; i < N; i++)
                long_text[i] = fill[i % 8];
        long_text[N] = '\0';
        memset(link, 'a', 8000);
        memcpy(link, "https://x.example/", strlen("https://x.example/"));
        link[8000] = '\0';

        for (size_t i = 0; i < ELEMENTSOF(hits); i++) {
                hits[i] = sample_hits[0];
                hits[i].expression = long_text;
        }
        for (size_t i = 0; i < ELEMENTSOF(sources); i++)
                sources[i] = (StorySource){ long_text, long_text, link, SAMPLE_RAISED_USEC };

        alert.profile = alert.profile_title = alert.feed = long_text;
        alert.story.title = alert.story.summary = long_text;
        alert.verdict.hits = hits;
        alert.verdict.n_hits = ELEMENTSOF(hits);
        alert.verdict.body_reason = long_text;
        alert.sources = sources;
        alert.n_sources = ELEMENTSOF(sources);

        for (size_t k = 0; k < 2; k++) {
                /* Addresses right at the limits, then over all of them. */
                alert.story.link = k == 0 ? link + 0 : (char *) "https://y.example/";
                link[k == 0 ? 2040 : 240] = '\0';

                for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
                        _cleanup_(json_freep) Json *root = NULL;
                        _cleanup_free_ char *body = NULL;

                        assert_int_equal(
                                sink_render(&formats[i].sink, ALERT_TEST, &alert, ID, &body), 0);
                        root = json_loads(body, /* flags= */ 0, /* error= */ NULL);
                        assert_non_null(root);

                        if (formats[i].sink.type == SINK_DESKTOP)
                                assert_in_range(strlen(body), 1, 16000);
                        else if (formats[i].sink.format == SINK_JSON)
                                assert_in_range(strlen(body), 1, 19999);
                        else if (formats[i].sink.format == SINK_SLACK) {
                                assert_in_range(utf8_n_utf16(body, strlen(body)), 1, 12000);
                                assert_units_max(root,
                                        (const char *[]){ "blocks", "0", "text", "text", NULL },
                                        150);
                                assert_units_max(root,
                                        (const char *[]){ "blocks", "1", "text", "text", NULL },
                                        3000);
                        } else {
                                n_embed_units = 0;
                                walk(json_object_get(root, "embeds"), count_units);
                                assert_in_range(n_embed_units, 1, 6000);
                                assert_units_max(root,
                                        (const char *[]){ "embeds", "0", "title", NULL }, 256);
                                assert_units_max(root,
                                        (const char *[]){ "embeds", "0", "fields",
                                                k == 0 ? "0" : "1", "value", NULL },
                                        1024);
                        }
                }
        }
}

static void test_text(void **state _unused_) {
        static const struct {
                const char *name, *text;
                RenderEscape escape;
                size_t n_max;
                const char *expected;
        } cases[] = {
                { "none", NULL, RENDER_PLAIN, 9, "" },
                { "fits", "abc", RENDER_PLAIN, 3, "abc" },
                { "cut", "abcd", RENDER_PLAIN, 3, "ab\xe2\x80\xa6" },
                { "no room", "ab", RENDER_PLAIN, 1, "\xe2\x80\xa6" },
                { "no room at all", "ab", RENDER_PLAIN, 0, "" },
                { "folded", " a\n\tb ", RENDER_PLAIN, 9, "a b" },
                { "two units", "\xf0\x9f\x92\xa5\xf0\x9f\x92\xa5", RENDER_PLAIN, 3,
                        "\xf0\x9f\x92\xa5\xe2\x80\xa6" },
                { "mark stays with its letter",
                        "ae\xcc\x81"
                        "b",
                        RENDER_PLAIN, 3, "a\xe2\x80\xa6" },
                { "mended",
                        "a\xff"
                        "b",
                        RENDER_PLAIN, 9,
                        "a\xef\xbf\xbd"
                        "b" },
                { "slack", "R&D <!here>", RENDER_SLACK, 99, "R&amp;D &lt;!here&gt;" },
                { "no cut in an entity", "a&&", RENDER_SLACK, 7, "a&amp;\xe2\x80\xa6" },
                { "entity does not fit", "a&&", RENDER_SLACK, 6, "a\xe2\x80\xa6" },
                { "discord", "*a* @here", RENDER_DISCORD, 99, "\\*a\\* \\@here" },
                { "no cut in an escape", "ab**", RENDER_DISCORD, 4, "ab\xe2\x80\xa6" },
                { "emoji name", "Kosovo: :x:", RENDER_DISCORD, 99, "Kosovo: \\:x:" },
                { "heading", "# a - #b", RENDER_DISCORD, 99, "\\# a - #b" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(buffer_done) Buffer b = {};

                assert_int_equal(
                        render_text(&b, cases[i].text, cases[i].escape, cases[i].n_max), 0);
                if (!streq(buffer_str(&b), cases[i].expected))
                        fail_msg("%s: '%s'", cases[i].name, buffer_str(&b));
        }
}

static void test_link(void **state _unused_) {
        static const struct {
                const char *url, *expected;
        } cases[] = {
                { NULL, "" },
                { "https://a.example/b?c=d&e#f", "https://a.example/b?c=d&e#f" },
                { "http://a.example/<b>|c", "http://a.example/%3Cb%3E%7Cc" },
                { "https://a.example/\xc3\xbc", "https://a.example/%C3%BC" },
                { "https://\xd0\xb0.example/", "" },
                { "https://user:password@a.example/", "" },
                { "javascript:alert(1)", "" },
                { "ftp://a.example/", "" },
                { "//a.example/", "" },
                { "https://a.example/0123456789012345678901234567890123456789", "" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(buffer_done) Buffer b = {};

                assert_int_equal(render_link(&b, cases[i].url, 40), 0);
                assert_string_equal(buffer_str(&b), cases[i].expected);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_golden),
                cmocka_unit_test(test_hostile),
                cmocka_unit_test(test_huge),
                cmocka_unit_test(test_text),
                cmocka_unit_test(test_link),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
