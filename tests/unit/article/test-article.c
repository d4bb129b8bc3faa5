/* SPDX-License-Identifier: MIT */

/* tests/corpus/pages/ holds NAME.html and NAME.expected: five lines of metadata, an empty line and
 * the text, or the name of the error. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <time.h>

#include "article/article.h"
#include "article/page.h"
#include "base/buffer.h"

#define PAGES "tests/corpus/pages/"

static void read_whole(const char *path, Buffer *ret) {
        FILE *f = fopen(path, "re");
        char chunk[4096];
        size_t n;

        if (!f)
                fail_msg("cannot open %s (run from the root of the sources)", path);
        while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
                assert_int_equal(buffer_append(ret, chunk, n), 0);
        (void) fclose(f);
}

static const char *or_dash(const char *s) {
        return s ? s : "-";
}

static void describe(int error, const Article *article, Buffer *ret) {
        if (error < 0) {
                assert_int_equal(buffer_printf(ret, "-%s\n", strerrorname_np(-error)), 0);
                return;
        }
        assert_int_equal(
                buffer_printf(ret,
                        "title: %s\nurl: %s\nlanguage: %s\npublished: %s\nmodified: %s\n\n%s\n",
                        or_dash(article->title), or_dash(article->url), or_dash(article->language),
                        or_dash(FORMAT_RFC3339(article->published_usec)),
                        or_dash(FORMAT_RFC3339(article->modified_usec)), or_dash(article->text)),
                0);
}

static void test_pages(void **state _unused_) {
        glob_t pages = {};

        assert_int_equal(glob(PAGES "*.html", 0, NULL, &pages), 0);
        assert_true(pages.gl_pathc >= 12);

        for (size_t i = 0; i < pages.gl_pathc; i++) {
                _cleanup_(buffer_done) Buffer html = {}, expected = {}, found = {};
                _cleanup_(article_done) Article article = {};
                char path[512];
                int r;

                read_whole(pages.gl_pathv[i], &html);
                (void) snprintf(path, sizeof(path), "%.*s.expected",
                        (int) (strlen(pages.gl_pathv[i]) - strlen(".html")), pages.gl_pathv[i]);
                read_whole(path, &expected);

                r = article_extract(html.data, html.n_bytes, "https://example.org/page",
                        /* content_type= */ NULL, &article);
                describe(r, &article, &found);
                if (!streq(buffer_str(&found), buffer_str(&expected)))
                        fail_msg("%s:\n%s", pages.gl_pathv[i], buffer_str(&found));
        }

        globfree(&pages);
}

static void test_charset(void **state _unused_) {
        static const struct {
                const char *bytes, *content_type, *charset;
        } cases[] = {
                { "\xEF\xBB\xBF<meta charset=koi8-r>", "text/html; charset=latin1", "utf-8" },
                { "<meta charset=koi8-r>", "text/html; charset=latin1", "windows-1252" },
                { "<meta charset=koi8-r>", "text/html; charset=klingon", "koi8-r" },
                { "<meta charset=koi8-r>", NULL, "koi8-r" },
                { "<META  CHARSET = \"Windows-1250\" />", NULL, "windows-1250" },
                { "<meta name=a content='text/html; charset=koi8-r'>", NULL, "utf-8" },
                { "<meta content='text/html; charset=koi8-r' http-equiv=Content-Type>", NULL,
                        "koi8-r" },
                { "<!-- <meta charset=koi8-r> --><meta charset=gbk>", NULL, "gb18030" },
                { "<a title='<meta charset=koi8-r>'><meta charset=gbk>", NULL, "gb18030" },
                { "<meta charset=utf-16le>", NULL, "utf-8" },
                { "<p>\xC3\xBC", NULL, "utf-8" },
                { "<p>\xFC</p>", NULL, "windows-1252" },
                { "<meta charset=", NULL, "utf-8" },
                { "<!-- ", NULL, "utf-8" },
                { "<", NULL, "utf-8" },
                { "", NULL, "utf-8" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                size_t n_bom;
                const char *charset = page_charset(
                        cases[i].bytes, strlen(cases[i].bytes), cases[i].content_type, &n_bom);

                if (!streq(charset, cases[i].charset))
                        fail_msg("%s: %s", cases[i].bytes, charset);
        }
}

static void test_foreign_types(void **state _unused_) {
        static const char *const types[] = { "image/png", "application/json; charset=utf-8",
                "application/pdf", "Application/RSS+xml" };
        Article article;

        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                assert_int_equal(article_extract("<p>x", 4, NULL, types[i], &article), -EBADMSG);
        assert_int_equal(article_extract("", 0, NULL, NULL, &article), -EBADMSG);
        assert_int_equal(article_extract("<!-- x -->", 10, NULL, NULL, &article), -ENODATA);
}

/* Depth and size that take others down: bounded in time, and no stack is used up. */
static void test_hostile(void **state _unused_) {
        static const struct {
                const char *unit;
                size_t n;
        } cases[] = {
                { "<div>", 100000 },
                { "<div class='content related'>", 100000 },
                { "<b>", 100000 },
                { "<form>", 100000 },
                { "<h1>x", 100000 },
                { "<table><tr><td>", 30000 },
                { "<a href=x>", 100000 },
                { "<p>word, word. ", 200000 },
                { "<p>", 1200000 },
                { "<script type=application/ld+json>{\"@type\":\"Article\"}</script>", 50000 },
                { "<script type=application/ld+json>[", 50000 },
                { "<script>var a = 'some script'; ", 130000 },
                { "<![CDATA[", 100000 },
                { "<time datetime=x>", 100000 },
                { "<meta charset=", 100000 },
                { "&amp;&nosuch", 100000 },
                { "<p a='", 100000 },
                { "<option>", 100000 },
        };

        /* Where one allocation fails at a time it is their kinds that count, and libxml2, once it
         * failed, takes its time over much. */
        const size_t divisor = getenv("TORTURE_AT") ? 100 : 1;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(buffer_done) Buffer html = {};
                _cleanup_(article_done) Article article = {};
                const clock_t start = clock();
                int r;

                assert_int_equal(buffer_append_str(&html, "<html><body>"), 0);
                for (size_t k = 0; k < cases[i].n / divisor; k++)
                        assert_int_equal(buffer_append_str(&html, cases[i].unit), 0);
                assert_int_equal(buffer_append_str(&html, "deep, deep down. </div></b>"), 0);

                r = article_extract(html.data, html.n_bytes, NULL, NULL, &article);
                assert_true(r == 0 || r == -ENODATA || r == -EBADMSG);
                if (getenv("PICKET_TEST_TIMES"))
                        print_message("%s: %.0f ms\n", cases[i].unit,
                                1000.0 * (double) (clock() - start) / CLOCKS_PER_SEC);
                /* Sanitizers and valgrind take their share. */
                if (clock() - start > 60 * CLOCKS_PER_SEC)
                        fail_msg("'%s' took too long", cases[i].unit);
        }
}

/* Left to libxml2, this takes an hour. */
static void test_attributes(void **state _unused_) {
        _cleanup_(buffer_done) Buffer html = {};
        _cleanup_(article_done) Article article = {};
        const clock_t start = clock();

        assert_int_equal(buffer_append_str(&html, "<html><body><!--<a b=\"--><p"), 0);
        for (unsigned n = 0; n < 400000; n++)
                assert_int_equal(buffer_printf(&html, " b%u=c", n), 0);
        assert_int_equal(buffer_append_str(&html, ">A text.</p>"), 0);
        assert_true(article_extract(html.data, html.n_bytes, NULL, NULL, &article) < 0);
        assert_true(clock() - start < 60 * CLOCKS_PER_SEC);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pages),
                cmocka_unit_test(test_charset),
                cmocka_unit_test(test_foreign_types),
                cmocka_unit_test(test_hostile),
                cmocka_unit_test(test_attributes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
