/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/random.h"
#include "base/str.h"
#include "base/strv.h"
#include "check.h"

static const struct {
        const char *s;
        int r;
        uint64_t value;
} u64_cases[] = {
        { "0", 0, 0 },
        { "007", 0, 7 },
        { "18446744073709551615", 0, UINT64_MAX },
        { "18446744073709551616", -ERANGE, 0 },
        { "99999999999999999999999", -ERANGE, 0 },
        { "", -EINVAL, 0 },
        { " 1", -EINVAL, 0 },
        { "1 ", -EINVAL, 0 },
        { "+1", -EINVAL, 0 },
        { "-1", -EINVAL, 0 },
        { "0x10", -EINVAL, 0 },
        { "1.0", -EINVAL, 0 },
};

static void test_parse_u64(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(u64_cases); i++) {
                uint64_t value = 4711;
                int r = parse_u64(u64_cases[i].s, &value);

                if (r != u64_cases[i].r || value != (r < 0 ? 4711 : u64_cases[i].value))
                        fail_msg("'%s': %d, %" PRIu64, u64_cases[i].s, r, value);
        }
}

static const struct {
        const char *s;
        int r;
        int64_t value;
        const char *shown; /* NULL: as read */
} milli_cases[] = {
        { "0", 0, 0, NULL },
        { "10", 0, 10000, NULL },
        { "-2.5", 0, -2500, NULL },
        { "+2.50", 0, 2500, "2.5" },
        { "0.001", 0, 1, NULL },
        { "-0.001", 0, -1, NULL },
        { "-0", 0, 0, "0" },
        { "00.75", 0, 750, "0.75" },
        { ".5", 0, 500, "0.5" },
        { "7.", 0, 7000, "7" },
        { "9223372036854775.807", 0, INT64_MAX, NULL },
        { "-9223372036854775.807", 0, -INT64_MAX, NULL },
        { "9223372036854775.808", -ERANGE, 0, NULL },
        { "9223372036854776", -ERANGE, 0, NULL },
        { "99999999999999999999", -ERANGE, 0, NULL },
        { "1.0005", -EINVAL, 0, NULL },
        { "1.0000", -EINVAL, 0, NULL },
        { "", -EINVAL, 0, NULL },
        { "-", -EINVAL, 0, NULL },
        { ".", -EINVAL, 0, NULL },
        { "--1", -EINVAL, 0, NULL },
        { "1,5", -EINVAL, 0, NULL },
        { "1e3", -EINVAL, 0, NULL },
        { " 1", -EINVAL, 0, NULL },
        { "1 ", -EINVAL, 0, NULL },
        { "nan", -EINVAL, 0, NULL },
};

static void test_parse_milli(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(milli_cases); i++) {
                int64_t value = 4711;
                char buf[32];
                int r = parse_milli(milli_cases[i].s, &value);

                if (r != milli_cases[i].r || value != (r < 0 ? 4711 : milli_cases[i].value))
                        fail_msg("'%s': %d, %" PRIi64, milli_cases[i].s, r, value);
                if (r == 0)
                        assert_text(
                                format_milli(value, buf), milli_cases[i].shown ?: milli_cases[i].s);
        }
}

static void test_milli_round_trip(void **state) {
        Random random = { 1 };

        (void) state;

        for (unsigned i = 0; i < 20000; i++) {
                int64_t before = (int64_t) (random_u64(&random) >> random_below(&random, 64)),
                        after;
                char buf[32];

                before = before == INT64_MIN ? 0 : before;
                before = i % 2 ? -before : before;
                assert_int_equal(parse_milli(format_milli(before, buf), &after), 0);
                if (after != before)
                        fail_msg("%" PRIi64 " became %" PRIi64 " by '%s'", before, after, buf);
        }

        char buf[32];
        assert_text(format_milli(INT64_MIN, buf), "-9223372036854775.808");
}

static void test_parse_boolean(void **state) {
        static const char *const yes[] = { "yes", "true", "on", "1", "YES", "True", "oN" },
                                 *const no[] = { "no", "false", "off", "0", "NO", "False", "oFF" },
                                 *const neither[] = { "", "y", "n", "2", "yess", "ye", " yes",
                                         "yes ", "-1", "00" };
        bool value;

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(yes); i++) {
                value = false;
                assert_int_equal(parse_boolean(yes[i], &value), 0);
                assert_true(value);
        }
        for (size_t i = 0; i < ELEMENTSOF(no); i++) {
                value = true;
                assert_int_equal(parse_boolean(no[i], &value), 0);
                assert_false(value);
        }
        for (size_t i = 0; i < ELEMENTSOF(neither); i++)
                assert_int_equal(parse_boolean(neither[i], &value), -EINVAL);
}

static void test_distance(void **state) {
        static const struct {
                const char *a, *b;
                unsigned distance;
        } cases[] = {
                { "", "", 0 },
                { "", "abc", 3 },
                { "interval", "interval", 0 },
                { "intervall", "interval", 1 },
                { "intervla", "interval", 1 }, /* a swap */
                { "itnervla", "interval", 2 },
                { "kitten", "sitting", 3 },
                { "ca", "abc", 3 }, /* no edit between the letters of a swap */
                { "url", "keyword", 6 },
        };
        char longest[65] = {}, longer[66] = {};

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                unsigned there = str_distance(cases[i].a, cases[i].b),
                         back = str_distance(cases[i].b, cases[i].a);

                if (there != cases[i].distance || back != there)
                        fail_msg("'%s' and '%s': %u, %u", cases[i].a, cases[i].b, there, back);
        }

        memset(longest, 'a', 64);
        memset(longer, 'a', 65);
        assert_int_equal(str_distance(longest, longest), 0);
        assert_int_equal(str_distance(longest, ""), 64);
        assert_int_equal(str_distance(longest, longer), UINT32_MAX);
        assert_int_equal(str_distance(longer, ""), UINT32_MAX);
}

static void test_comparing(void **state) {
        char s[] = " \t\v both ends \r\n\f", blank[] = " \t ", empty[] = "";

        (void) state;

        assert_text(startswith("picketd", "picket"), "d");
        assert_text(startswith("picket", ""), "picket");
        assert_null(startswith("pick", "picket"));
        assert_text(startswith_nocase("PiCKeTd", "pICket"), "d");
        assert_null(startswith_nocase("pick", "picket"));
        assert_true(endswith("feeds.conf", ".conf"));
        assert_true(endswith("x", ""));
        assert_false(endswith("conf", ".conf"));
        assert_true(streq_nocase("NATO", "nato"));
        assert_false(streq_nocase("NATO", "nat"));
        assert_false(streq_nocase("nat", "NATO"));
        assert_false(streq_nocase("\xC3\x84", "\xC3\xA4")); /* no letters of ASCII */
        assert_true(streq_ptr(NULL, NULL));
        assert_false(streq_ptr(NULL, ""));
        assert_false(streq_ptr("", NULL));
        assert_true(streq_ptr("a", "a"));

        assert_text(strstrip(s), "both ends");
        assert_text(strstrip(blank), "");
        assert_text(strstrip(empty), "");
}

/* --- lists --- */

static void test_strv(void **state) {
        _cleanup_(strv_freep) char **l = NULL, **copy = NULL;
        _cleanup_free_ char *joined = NULL, *none = NULL;

        (void) state;

        assert_int_equal(strv_length(NULL), 0);
        assert_false(strv_contains(NULL, "a"));
        strv_sort(NULL);
        assert_int_equal(strv_copy(NULL, &copy), 0);
        assert_null(copy);
        none = strv_join(NULL, ", ");
        assert_text(none, "");

        assert_int_equal(strv_extend(&l, "c"), 0);
        assert_int_equal(strv_extend(&l, ""), 0);
        assert_int_equal(strv_consume(&l, strdup("a")), 0);
        assert_int_equal(strv_extend(&l, "b"), 0);
        assert_int_equal(strv_length(l), 4);
        assert_null(l[4]);
        assert_true(strv_contains(l, "") && strv_contains(l, "b"));
        assert_false(strv_contains(l, "ab"));

        assert_int_equal(strv_copy(l, &copy), 0);
        strv_sort(copy);
        joined = strv_join(copy, ", ");
        assert_text(joined, ", a, b, c");
        assert_text(l[0], "c"); /* the copy is one */
}

static void test_strv_split(void **state) {
        static const struct {
                const char *s, *joined;
        } cases[] = {
                { "", "" }, { " \t\n ", "" }, { "one", "one" },
                { "  desktop \t ops-chat\r\n", "desktop|ops-chat" },
                { "\xC3\xA4 \xC2\xA0", "\xC3\xA4|\xC2\xA0" }, /* the space of ASCII alone */
        };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(strv_freep) char **l = NULL;
                _cleanup_free_ char *joined = NULL;

                assert_int_equal(strv_split_words(cases[i].s, &l), 0);
                joined = strv_join(l, "|");
                assert_text(joined, cases[i].joined);
        }
}

/* --- buffers --- */

static void test_buffer(void **state) {
        _cleanup_(buffer_done) Buffer b = {};
        _cleanup_free_ char *taken = NULL, *empty = NULL;

        (void) state;

        assert_text(buffer_str(&b), "");
        buffer_reset(&b);
        buffer_truncate(&b, 0);
        empty = buffer_take(&b);
        assert_text(empty, "");

        assert_int_equal(buffer_append(&b, NULL, 0), 0);
        assert_text(b.data, "");
        assert_int_equal(buffer_append_str(&b, "ab"), 0);
        assert_int_equal(buffer_append_char(&b, '\0'), 0);
        assert_int_equal(buffer_printf(&b, "%d%%", 7), 0);
        assert_int_equal(b.n_bytes, 5);
        assert_memory_equal(b.data, "ab\0007%", 6);

        buffer_truncate(&b, 9); /* not made longer */
        assert_int_equal(b.n_bytes, 5);
        buffer_truncate(&b, 1);
        assert_text(buffer_str(&b), "a");
        buffer_reset(&b);
        assert_text(buffer_str(&b), "");

        assert_int_equal(buffer_append_growing(&b, "x", SIZE_MAX), -ENOMEM);
        assert_int_equal(buffer_append_growing(&b, "x", SIZE_MAX / 2 + 1), -ENOMEM);
        assert_int_equal(buffer_append_str(&b, "still"), 0);
        taken = buffer_take(&b);
        assert_text(taken, "still");
        assert_null(b.data);
        assert_int_equal(b.n_bytes, 0);
}

/* Everything comes out as it went in, over many doublings, a NUL always behind. */
static void test_buffer_grows(void **state) {
        _cleanup_(buffer_done) Buffer b = {};
        size_t n = 0;

        (void) state;

        for (unsigned i = 0; i < 5000; i++) {
                char piece[16];
                int n_piece = snprintf(piece, sizeof piece, "%u.", i);

                assert_int_equal(i % 2 ? buffer_printf(&b, "%u.", i)
                                       : buffer_append(&b, piece, (size_t) n_piece),
                        0);
                n += (size_t) n_piece;
                assert_int_equal(b.n_bytes, n);
                assert_true(b.n_allocated > n && b.data[n] == '\0');
        }

        for (unsigned i = 0, at = 0; i < 5000; i++) {
                char piece[16];

                (void) snprintf(piece, sizeof piece, "%u.", i);
                assert_memory_equal(b.data + at, piece, strlen(piece));
                at += (unsigned) strlen(piece);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parse_u64),
                cmocka_unit_test(test_parse_milli),
                cmocka_unit_test(test_milli_round_trip),
                cmocka_unit_test(test_parse_boolean),
                cmocka_unit_test(test_distance),
                cmocka_unit_test(test_comparing),
                cmocka_unit_test(test_strv),
                cmocka_unit_test(test_strv_split),
                cmocka_unit_test(test_buffer),
                cmocka_unit_test(test_buffer_grows),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
