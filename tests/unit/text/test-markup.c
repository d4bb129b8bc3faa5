/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <time.h>

#include "base/str.h"
#include "text/markup.h"

static const struct {
        const char *html, *text;
} cases[] = {
        { "", "" },
        { "plain", "plain" },
        { "<p>One</p><p>Two</p>", "One Two" },
        { "One<br>Two<br/>Three", "One Two Three" },
        { "<b>KF</b>OR", "KFOR" },
        { "<a href=\"x\">NATO</a>'s", "NATO's" },
        { "<ul><li>a</li><li>b</li></ul>", "a b" },
        { "<table><tr><td>a<td>b</table>", "a b" },
        { "text<img src=x alt=\"a > b\">more", "text more" },
        { "  \t\n a \r\n  b  ", "a b" },
        { "a&nbsp;b&#160;c", "a b c" },
        { "AT&amp;T &lt;b&gt; &amp;lt;", "AT&T <b> &lt;" },
        { "R&D, AT&T; 5 & 6 &", "R&D, AT&T; 5 & 6 &" },
        { "1 < 2 and 3 > 2, I <3 U", "1 < 2 and 3 > 2, I <3 U" },
        { "a <", "a <" },
        { "a<!-- no > no -->b", "ab" },
        { "a<!-->b", "ab" },
        { "a<!-- never closed", "a" },
        { "a<!DOCTYPE html>b<?php no ?>c", "abc" },
        { "<![CDATA[<p>in a section</p>]]> out ]]>", "in a section out ]]>" },
        { "a<script>if (a < b) x('</p>')</script>b", "a b" },
        { "a<style>p { }</style >b<SCRIPT>no</Script>c", "a b c" },
        { "a<script src=x />b", "a b" },
        { "a<script>never closed", "a" },
        { "a<iframe src=x>b", "a b" },
        { "a<iframe>no</iframe>b<iframe>c", "a b c" },
        { "<p title='a > b' class=c>x</p>", "x" },
        { "<p title=\"never closed>x</p>y", "x y" },
        { "<p it's>x</p>", "x" },
        { "a <b c<i>d</i>", "a d" },
        { "cut off <a href=\"http://exa", "cut off" },
        { "</p>x</>y", "xy" },
        { "so\xC2\xAD"
          "ft ze\xE2\x80\x8Bro \xEF\xBB\xBF"
          "bom \xE2\x80\xAE"
          "bidi",
                "soft zero bom bidi" },
        { "&shy;&zwnj;&#8203;x", "x" },
        { "K\xE2\x80\x8D"
          "FOR",
                "KFOR" },
        /* Persian is spelled with it. */
        { "\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE", "\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE" },
        { "a\x01\x7F"
          "b\xC2\x81"
          "c",
                "abc" },
        { "by <press@example.org> or <https://example.org/>",
                "by <press@example.org> or <https://example.org/>" },
        /* Windows-1252 that was taken for Latin-1 */
        { "\xC2\x93"
          "a\xC2\x94\xC2\x85 \xC2\x80",
                "\xE2\x80\x9C"
                "a\xE2\x80\x9D\xE2\x80\xA6 \xE2\x82\xAC" },
        { "thin\xE2\x80\x89space\xE3\x80\x80"
          "wide\xE2\x80\xA8line",
                "thin space wide line" },
        { "bad \xE9 byte", "bad \xEF\xBF\xBD byte" },
        { "x<h1>y</h1>z<wbr>z", "x y zz" },
};

static void test_markup(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(buffer_done) Buffer b = {};

                assert_int_equal(markup_to_text(cases[i].html, strlen(cases[i].html), &b), 0);
                if (!streq(buffer_str(&b), cases[i].text))
                        fail_msg("'%s': '%s'", cases[i].html, buffer_str(&b));
        }
}

static void test_fold(void **state _unused_) {
        static const struct {
                const char *in, *out;
        } folds[] = {
                { " a  <b> &amp; ", "a <b> &amp;" },
                { "\xC2\xA0\n", "" },
                { "a]]>\xC2\xAD"
                  "b",
                        "a]]>b" },
                { "\xE2\x80\x8F\xE2\x81\xA6x", "x" },
        };

        for (size_t i = 0; i < ELEMENTSOF(folds); i++) {
                _cleanup_(buffer_done) Buffer b = {};

                assert_int_equal(text_fold_space(folds[i].in, strlen(folds[i].in), &b), 0);
                assert_string_equal(buffer_str(&b), folds[i].out);
        }
}

static void test_append(void **state _unused_) {
        _cleanup_(buffer_done) Buffer b = {};

        assert_int_equal(buffer_append_str(&b, "before:"), 0);
        assert_int_equal(markup_to_text(" <p>after", 9, &b), 0);
        assert_string_equal(buffer_str(&b), "before:after");
}

static void test_has_markup(void **state _unused_) {
        static const struct {
                const char *text;
                bool has;
        } looks[] = {
                { "", false },
                { "plain", false },
                { "<p>x", true },
                { "a<br/>b", true },
                { "a &amp; b", true },
                { "&#8217;", true },
                { "AT&T", false },
                { "?a=1&copy=2", false },
                { "1 < 2 > 1", false },
                { "I <3 it", false },
                { "a <b", false },
                { "<!-- x -->", true },
        };

        for (size_t i = 0; i < ELEMENTSOF(looks); i++)
                if (text_has_markup(looks[i].text, strlen(looks[i].text)) != looks[i].has)
                        fail_msg("'%s'", looks[i].text);
}

/* Text taken by block is what it is character by character: U+200B between them leaves no blocks,
 * and nothing else behind. */
static void test_blocks(void **state _unused_) {
        static const char *const pieces[] = { "a", "word", "another word", " ", "  ", "\n",
                "\xC3\xBC", "\xD0\xB6", "\xD8\x9C", "\xD8\xA7", "\xC2\xAD", "\xE5\xAD\x97", "]",
                "\xFF", "\x7F" };
        uint32_t random = 1;

        for (size_t n = 0; n < 5000; n++) {
                _cleanup_(buffer_done) Buffer text = {}, apart = {}, folded = {}, expected = {};

                for (size_t left = n % 50; left > 0; left--) {
                        const char *piece;

                        random = random * 1664525 + 1013904223;
                        piece = pieces[(random >> 16) % ELEMENTSOF(pieces)];
                        assert_int_equal(buffer_append_str(&text, piece), 0);
                        assert_int_equal(buffer_append_str(&apart, piece), 0);
                        assert_int_equal(buffer_append_str(&apart, "\xE2\x80\x8B"), 0);
                }
                assert_int_equal(text_fold_space(buffer_str(&text), text.n_bytes, &folded), 0);
                assert_int_equal(text_fold_space(buffer_str(&apart), apart.n_bytes, &expected), 0);
                assert_string_equal(buffer_str(&folded), buffer_str(&expected));
        }
}

/* What made others quadratic: each unit repeated to 1 MiB takes some milliseconds. */
static void test_linear(void **state _unused_) {
        static const char *const units[] = { "<a \">\" ", "<a b=\"", "<!--", "<script>", "<iframe>",
                "<iframe></", "<template></x>", "<a b='\"'", "&#0", "&amp", "<![CDATA[", "]]", "<",
                "<p", "</", "<!", "\xE2\x80" };
        const size_t n = (size_t) 1024 * 1024;
        _cleanup_free_ char *text = malloc(n);

        assert_non_null(text);
        for (size_t i = 0; i < ELEMENTSOF(units); i++) {
                _cleanup_(buffer_done) Buffer b = {};
                const clock_t start = clock();

                for (size_t at = 0; at < n; at++)
                        text[at] = units[i][at % strlen(units[i])];
                assert_int_equal(markup_to_text(text, n, &b), 0);
                (void) text_has_markup(text, n);
                /* Sanitizers and valgrind take their share. */
                if (clock() - start > 20 * CLOCKS_PER_SEC)
                        fail_msg("'%s' took too long", units[i]);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_markup),
                cmocka_unit_test(test_fold),
                cmocka_unit_test(test_append),
                cmocka_unit_test(test_has_markup),
                cmocka_unit_test(test_blocks),
                cmocka_unit_test(test_linear),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
