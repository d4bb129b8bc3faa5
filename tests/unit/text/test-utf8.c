/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "text/utf8.h"

#define R "\xEF\xBF\xBD"

static const struct {
        const char *name, *bytes, *mended;
} cases[] = {
        { "empty", "", "" },
        { "ascii", "Kosovo Force", "Kosovo Force" },
        { "long ascii, then one letter", "0123456789abcdef\xC3\xBC", "0123456789abcdef\xC3\xBC" },
        { "two, three, four bytes", "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80",
                "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80" },
        { "a replacement of one's own", R "x", R "x" },
        { "last code point", "\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF" },
        { "over the last", "\xF4\x90\x80\x80", R R R R },
        { "lone continuation", "a\x80z", "a" R "z" },
        { "latin1", "caf\xE9 x", "caf" R " x" },
        { "overlong slash", "\xC0\xAF", R R },
        { "overlong of three", "\xE0\x80\xAF", R R R },
        { "surrogate", "\xED\xA0\x80", R R R },
        { "never a byte", "\xFF\xFE", R R },
        /* Unicode, table 3-8. */
        { "maximal subparts", "\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64",
                "a" R R R "b" R "c" R R "d" },
        { "cut at the end", "x\xE2\x82", "x" R },
};

static void test_mend(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(buffer_done) Buffer b = {};
                const size_t n = strlen(cases[i].bytes);

                assert_int_equal(utf8_append_mended(&b, cases[i].bytes, n), 0);
                if (!streq(buffer_str(&b), cases[i].mended))
                        fail_msg("%s: '%s'", cases[i].name, buffer_str(&b));
                if (utf8_is_valid(cases[i].bytes, n) != streq(cases[i].bytes, cases[i].mended))
                        fail_msg("%s: validity", cases[i].name);
                assert_true(utf8_is_valid(buffer_str(&b), b.n_bytes));
        }
}

/* Every code point there and back, and surrogates refused. */
/* Wherever the first bad byte lies among characters of all lengths, it is found. */
static void test_n_valid(void **state _unused_) {
        static const char *const pieces[] = { "a", "abcdefghijklmnop", "\xC3\xBC", "\xD0\xB6",
                "\xE2\x82\xAC", "\xF0\x9F\x98\x80" };
        static const char *const bad[] = { "\xFF", "\x80", "\xC3z", "\xE2\x82z", "\xC3\xC3\xBC" };
        uint32_t random = 1;

        for (size_t n = 0; n < 5000; n++) {
                _cleanup_(buffer_done) Buffer text = {};
                size_t n_valid = 0;

                for (size_t i = 0; i < 40; i++) {
                        const char *piece;

                        random = random * 1664525 + 1013904223;
                        piece = pieces[(random >> 16) % ELEMENTSOF(pieces)];
                        if (i == n % 40) {
                                n_valid = text.n_bytes;
                                piece = bad[n / 40 % ELEMENTSOF(bad)];
                        }
                        assert_int_equal(buffer_append_str(&text, piece), 0);
                }
                assert_int_equal(utf8_n_valid(text.data, text.n_bytes), n_valid);
        }
}

static void test_round_trip(void **state _unused_) {
        for (uint32_t c = 0; c <= CODEPOINT_MAX + 16; c++) {
                char s[4];
                size_t n = utf8_encode(c, s);
                uint32_t back;

                assert_int_equal(utf8_decode(s, n, &back), n);
                if ((c >= 0xD800 && c <= 0xDFFF) || c > CODEPOINT_MAX)
                        assert_int_equal(back, CODEPOINT_REPLACEMENT);
                else
                        assert_int_equal(back, c);
        }
}

static void test_cut(void **state _unused_) {
        const char *s = "a\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80";
        static const size_t expected[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10 };

        for (size_t i = 0; i < ELEMENTSOF(expected); i++)
                assert_int_equal(utf8_cut(s, 10, i), expected[i]);
        /* What is no UTF-8 is cut all the same. */
        assert_int_equal(utf8_cut("\x80\x80\x80\x80\x80\x80", 6, 5), 5);
}

static void test_counts(void **state _unused_) {
        const char *s = "a\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80";

        assert_int_equal(utf8_n_chars(s, strlen(s)), 4);
        assert_int_equal(utf8_n_utf16(s, strlen(s)), 5);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_mend),
                cmocka_unit_test(test_n_valid),
                cmocka_unit_test(test_round_trip),
                cmocka_unit_test(test_cut),
                cmocka_unit_test(test_counts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
