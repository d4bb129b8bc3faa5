/* SPDX-License-Identifier: MIT */

/* A page is read in one go, and the loop waits: so of pages with more markup than any of the press
 * the first part is read, and a large page of the press whole. PICKET_TEST_TIMES=1 prints how long
 * each takes, which should be 50 ms at most on a machine with nothing else to do. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "article/article.h"
#include "base/buffer.h"
#include "base/str.h"

/* Sanitizers and valgrind take their share, and so do others on the machine. */
#define SECONDS_MAX 30

#define SENTENCE \
        "The harbour master closed the northern basin, after a crane had been seen to lean. "
#define FIRST "<html><body><p>" SENTENCE SENTENCE "</p>"

static int extract_timed(const char *name, const Buffer *html, Article *ret) {
        const clock_t start = clock();
        clock_t taken;
        int r;

        r = article_extract(html->data, html->n_bytes, "https://example.org/page", NULL, ret);
        taken = clock() - start;
        if (getenv("PICKET_TEST_TIMES"))
                print_message("%6.1f ms %s\n", 1000.0 * (double) taken / CLOCKS_PER_SEC, name);
        if (taken > SECONDS_MAX * CLOCKS_PER_SEC)
                fail_msg("'%s' took too long", name);
        return r;
}

static void append_times(Buffer *b, const char *unit, size_t n) {
        while (n-- > 0)
                assert_int_equal(buffer_append_str(b, unit), 0);
}

static void test_hostile(void **state _unused_) {
        static const struct {
                const char *before, *unit;
                bool cut;
        } cases[] = {
                { "", "<b>x", true },
                { "", "<p>x", true },
                { "", "<div>x", true },
                { "", "<a href=/x>y</a> ", true },
                { "", "<table><tr><td>x</table>", true },
                { "", "<div><h3><a href=/n>Another story of the town</a></h3>In a line.</div>",
                        true },
                { "", "<p a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9>x", true },
                { "", "<meta property=\"og:title\" content=\"A title\">", true },
                { "", "<script type=\"application/ld+json\">{\"headline\":\"x\"}</script>", true },
                { "", "<span itemscope itemtype=\"NewsArticle\"><i itemprop=headline>", true },
                { "", "</p>", true },
                { "", "&x;", true },
                { "", "&eacute;", true },
                { "<p title=\"", "&x;", true },
                { "", "< ", true },
                { "<pre>", "a\n\n", true },
                { "<p>", SENTENCE, true },
                { "", "<br><br>" SENTENCE, true },
                /* Nothing of this is an element, so that what is behind is read. */
                { "<!--", "-", false },
                { "<script>", "a&&b<c;", false },
                { "<script type=\"application/ld+json\">[", "[],", false },
                { "<script type=\"application/ld+json\">", "[", false },
        };
        /* Where one allocation fails at a time it is their kinds that count. */
        const size_t n_bytes = getenv("TORTURE_AT") ? 64 * 1024 : ARTICLE_BYTES_MAX;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(buffer_done) Buffer html = {};
                _cleanup_(article_done) Article article = {};
                int r;

                append_times(&html, FIRST, 1);
                append_times(&html, cases[i].before, 1);
                append_times(&html, cases[i].unit, n_bytes / strlen(cases[i].unit));
                r = extract_timed(cases[i].unit, &html, &article);
                if (getenv("TORTURE_AT"))
                        continue;
                /* Clutter may outweigh what is read; it is no error of another kind. */
                assert_true(r == 0 || r == -ENODATA);
                if (r == 0)
                        assert_int_equal(article.cut, cases[i].cut);
        }
}

/* 2 MiB, 20,000 elements. */
static void test_large(void **state _unused_) {
        _cleanup_(buffer_done) Buffer html = {};
        _cleanup_(article_done) Article article = {};
        int r;

        append_times(&html, "<html><head><title>A crane leans</title><script>", 1);
        append_times(&html, "var a=b&&c(d<e);", 70 * 1000);
        append_times(&html, "</script><style>", 1);
        append_times(&html, ".a{b:c}", 20 * 1000);
        append_times(&html, "</style></head><body>", 1);
        for (unsigned i = 0; i < 6000; i++)
                assert_int_equal(
                        buffer_printf(&html,
                                "<div class=\"row item-%u\"><a href=\"/news/%u?a=1&amp;b=2\">"
                                "<span class=\"t\">Story number %u</span></a></div>",
                                i, i, i),
                        0);
        append_times(&html, "<article><h1>A crane leans</h1>", 1);
        append_times(&html, "<p class=para>" SENTENCE SENTENCE SENTENCE SENTENCE "</p>", 1000);
        append_times(
                &html, "<p>This is the last paragraph of it, and it is read.</p></article>", 1);

        r = extract_timed("a large page", &html, &article);
        if (r == -ENOMEM)
                return;
        assert_int_equal(r, 0);
        assert_false(article.cut);
        assert_true(endswith(article.text, "and it is read."));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_hostile),
                cmocka_unit_test(test_large),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
