/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "match/score.h"
#include "profile-maker.h"

/* --- the formula --- */

static void test_points(void **state) {
        static const struct {
                int64_t weight, factor;
                unsigned n;
                int64_t points;
        } table[] = {
                { 10000, 1500, 1, 15000 },
                { 10000, 1500, 2, 18750 },
                { 10000, 1500, 3, 20000 },
                { 10000, 1000, 4, 13750 },
                { 10000, 750, 1, 7500 },
                { 10000, 750, 3, 10000 }, /* three in a body are one in a summary */
                { 6000, 750, 3, 6000 },
                { 1, 750, 1, 0 },
                { -1, 750, 1, 0 }, /* toward zero */
                { -3, 500, 1, -1 },
                { 7, 750, 3, 7 },
                { 3333, 750, 2, 3124 },
                { 999999, 1500, 7, 2142855 },
                { 1000000, 1000000, 1, 1000000000 },
                { 1000000, 1000, UINT32_MAX, 1499999 },
                { 0, 1500, 5, 0 },
        };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (score_points(table[i].weight, table[i].factor, table[i].n) != table[i].points)
                        fail_msg("%zu: %lld", i,
                                (long long) score_points(
                                        table[i].weight, table[i].factor, table[i].n));

        assert_int_equal(score_total(12345, 1000), 12345);
        assert_int_equal(score_total(12345, 500), 6172);
        assert_int_equal(score_total(-12345, 500), -6172);
        assert_int_equal(score_total(12345, 0), 0);
        assert_int_equal(score_total(INT64_MAX, 2000), INT64_MAX);
}

/* --- whole verdicts --- */

/* The explanation as "SCORE hits: EXPRESSION field xCOUNT POINTS, ..." with marks: M matched, N
 * near, and what blocks. */
static void show(const Verdict *v, Buffer *b) {
        char s[32];

        assert_int_equal(buffer_printf(b, "%s%s%s", format_milli(v->score_milli, s),
                                 v->matched ? " M" : "", v->near ? " N" : ""),
                0);
        for (size_t i = 0; i < v->n_hits; i++)
                assert_int_equal(buffer_printf(b, " [%s %s x%u %s]", v->hits[i].expression,
                                         field_to_string(v->hits[i].field), v->hits[i].count,
                                         format_milli(v->hits[i].points_milli, s)),
                        0);
        if (v->blocked_by)
                assert_int_equal(buffer_printf(b, " {%s}", v->blocked_by), 0);
}

static const struct {
        const char *lines[6];
        const char *text[FIELD_MAX];
        int64_t feed_weight_milli;
        const char *wanted;
} verdicts[] = {
        /* fields and factors */
        { { "10 KFOR" }, { "KFOR" }, 1000, "15 M N [KFOR title x1 15]" },
        { { "10 KFOR" }, { "", "KFOR" }, 1000, "10 M N [KFOR summary x1 10]" },
        { { "10 KFOR" }, { "", "", "KFOR" }, 1000, "10 M N [KFOR category x1 10]" },
        { { "10 KFOR" }, { "", "", "", "KFOR" }, 1000, "10 M N [KFOR author x1 10]" },
        { { "10 KFOR" }, { "", "", "", "", "KFOR" }, 1000, "7.5 N [KFOR body x1 7.5]" },
        { { "10 KFOR" }, { "", "", "", "", "", "KFOR" }, 1000, "0" },
        { { "10 feed:KFOR" }, { "", "", "", "", "", "KFOR" }, 1000,
                "10 M N [feed:KFOR feed x1 10]" },
        { { "10 KFOR" }, { "x" }, 1000, "0" },
        { { "10 KFOR" }, { NULL }, 1000, "0" },
        /* repeats, and the best field */
        { { "10 KFOR" }, { "KFOR KFOR" }, 1000, "18.75 M N [KFOR title x2 18.75]" },
        { { "10 KFOR" }, { "", "KFOR KFOR KFOR" }, 1000, "13.333 M N [KFOR summary x3 13.333]" },
        { { "10 KFOR" }, { "", "KFOR", "", "", "KFOR KFOR KFOR" }, 1000,
                "10 M N [KFOR summary x1 10]" },
        { { "10 KFOR" }, { "", "KFOR", "", "", "KFOR KFOR KFOR KFOR" }, 1000,
                "10.312 M N [KFOR body x4 10.312]" },
        { { "10 KFOR" }, { "KFOR", "KFOR KFOR KFOR KFOR KFOR" }, 1000,
                "15 M N [KFOR title x1 15]" },
        { { "10 KFOR" }, { "", "KFOR", "KFOR", "KFOR" }, 1000, "10 M N [KFOR summary x1 10]" },
        { { "10 KFOR" },
                { "", "",
                        "KFOR\x1f"
                        "KFOR" },
                1000, "12.5 M N [KFOR category x2 12.5]" },
        { { "10 Kosovo Force" },
                { "", "",
                        "Kosovo\x1f"
                        "Force" },
                1000, "0" },
        { { "10 Kosovo NEAR/100 Force" },
                { "", "", "",
                        "Kosovo\x1f"
                        "Force" },
                1000, "0" },
        { { "10 Kosovo NEAR/9 Force" }, { "Kosovo", "Force" }, 1000, "0" },
        /* sums, the feed's weight */
        { { "10 KFOR", "2.5 NATO" }, { "KFOR", "NATO" }, 1000,
                "17.5 M N [KFOR title x1 15] [NATO summary x1 2.5]" },
        { { "10 KFOR" }, { "KFOR" }, 500, "7.5 N [KFOR title x1 15]" },
        { { "0.001 KFOR" }, { "", "", "", "", "KFOR" }, 1000, "0 N [KFOR body x1 0]" },
        { { "3.333 KFOR", "threshold 5" }, { "KFOR KFOR" }, 777, "4.855 N [KFOR title x2 6.249]" },
        /* & */
        { { "10 a & b" }, { "a b a b" }, 1000, "15 M N [a & b title x1 15]" },
        { { "10 a & b" }, { "a", "b" }, 1000, "10 M N [a & b summary x1 10]" },
        { { "10 a & b" }, { "a", "", "", "", "b" }, 1000, "7.5 N [a & b body x1 7.5]" },
        { { "10 a & b" }, { "a", "b", "", "", "b a" }, 1000, "10 M N [a & b summary x1 10]" },
        { { "10 a & b" }, { "", "", "a", "b" }, 1000, "10 M N [a & b category x1 10]" },
        { { "10 a & (b | c)" }, { "a", "c", "", "", "b" }, 1000,
                "10 M N [a & (b | c) summary x1 10]" },
        { { "10 a & (b | (c & d))" }, { "a c", "", "", "", "b d" }, 1000,
                "7.5 N [a & (b | (c & d)) body x1 7.5]" },
        { { "10 a & !b" }, { "a a" }, 1000, "15 M N [a & !b title x1 15]" },
        { { "10 a & !b" }, { "a", "", "", "", "b" }, 1000, "0" },
        { { "10 a & !title:b" }, { "a", "", "", "", "b" }, 1000,
                "15 M N [a & !title:b title x1 15]" },
        { { "10 a & feed:x" }, { "a", "", "", "", "", "x" }, 1000,
                "10 M N [a & feed:x feed x1 10]" },
        { { "10 title:a & body:b" }, { "a b", "", "", "", "a b" }, 1000,
                "7.5 N [title:a & body:b body x1 7.5]" },
        /* the alternative that gives most */
        { { "10 (a & b) | c" }, { "a b", "c c" }, 1000, "15 M N [(a & b) | c title x1 15]" },
        { { "10 (a & b) | c" }, { "a", "c c", "", "", "b" }, 1000,
                "12.5 M N [(a & b) | c summary x2 12.5]" },
        /* negative weights */
        { { "-8 football" }, { "football football" }, 1000, "-8 [football title x1 -8]" },
        { { "-8 football" }, { "", "football" }, 1000, "-8 [football summary x1 -8]" },
        { { "-8 football" }, { "", "", "", "", "football football" }, 1000,
                "-4 [football body x1 -4]" },
        { { "-8 football" }, { "", "", "football", "", "football" }, 1000,
                "-8 [football category x1 -8]" },
        { { "-8 a & b" }, { "a", "", "", "", "b" }, 1000, "-4 [a & b body x1 -4]" },
        { { "-8 a & b" }, { "a", "b", "", "", "a b" }, 1000, "-8 [a & b title x1 -8]" },
        { { "-8 a & (b | c)" }, { "a", "c", "", "", "b" }, 1000, "-8 [a & (b | c) title x1 -8]" },
        { { "-8 football | handball" }, { "handball", "", "", "", "football" }, 1000,
                "-8 [football | handball title x1 -8]" },
        { { "-0.003 x" }, { "", "", "", "", "x" }, 1000, "-0.001 [x body x1 -0.001]" },
        { { "10 KFOR", "-8 football" }, { "KFOR", "", "", "", "football" }, 1000,
                "11 M N [KFOR title x1 15] [football body x1 -4]" },
        { { "-8 feed:x" }, { "", "", "", "", "", "x" }, 1000, "-8 [feed:x feed x1 -8]" },
        /* a trial */
        { { "0 KFOR" }, { "KFOR KFOR", "KFOR" }, 1000, "0 [KFOR title x2 0]" },
        { { "0 KFOR" }, { "", "", "", "", "KFOR" }, 1000, "0 [KFOR body x1 0]" },
        { { "0 KFOR", "10 NATO" }, { "KFOR NATO" }, 1000,
                "15 M N [KFOR title x1 0] [NATO title x1 15]" },
        /* require and exclude */
        { { "10 KFOR", "require Kosov*" }, { "KFOR" }, 1000,
                "15 N [KFOR title x1 15] {require = Kosov*}" },
        { { "10 KFOR", "require Kosov*" }, { "KFOR", "", "", "", "Kosova" }, 1000,
                "15 M N [KFOR title x1 15]" },
        { { "10 KFOR", "require a", "require b" }, { "KFOR a" }, 1000,
                "15 N [KFOR title x1 15] {require = b}" },
        { { "10 KFOR", "require a", "require b" }, { "KFOR b a" }, 1000,
                "15 M N [KFOR title x1 15]" },
        { { "10 KFOR", "exclude title:(quiz | horoscope)" }, { "KFOR quiz" }, 1000,
                "15 [KFOR title x1 15] {exclude = title:(quiz | horoscope)}" },
        { { "10 KFOR", "exclude title:(quiz | horoscope)" }, { "KFOR", "quiz" }, 1000,
                "15 M N [KFOR title x1 15]" },
        { { "10 KFOR", "exclude a", "exclude b" }, { "KFOR b" }, 1000,
                "15 [KFOR title x1 15] {exclude = b}" },
        { { "10 KFOR", "require a", "exclude b" }, { "KFOR b" }, 1000,
                "15 [KFOR title x1 15] {exclude = b}" },
        { { "10 KFOR", "exclude feed:tabloid" }, { "KFOR", "", "", "", "", "tabloid" }, 1000,
                "15 [KFOR title x1 15] {exclude = feed:tabloid}" },
        /* near */
        { { "1 KFOR", "threshold 30" }, { "KFOR" }, 1000, "1.5 N [KFOR title x1 1.5]" },
        { { "1 KFOR", "threshold 30", "require x" }, { "KFOR" }, 1000,
                "1.5 [KFOR title x1 1.5] {require = x}" },
        { { "10 KFOR", "threshold 30", "require x" }, { "KFOR" }, 1000,
                "15 N [KFOR title x1 15] {require = x}" },
        { { "9.999 KFOR", "threshold 30", "require x" }, { "KFOR" }, 1000,
                "14.998 [KFOR title x1 14.998] {require = x}" },
        { { "-1 x", "require x" }, { "x" }, 1000, "-1 [x title x1 -1]" },
        { { "10 KFOR", "require x" }, { "x" }, 1000, "0" },
};

static void test_verdicts(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(verdicts); i++) {
                _cleanup_(profile_set_freep) ProfileSet *set = maker_set(verdicts[i].lines);
                _cleanup_(buffer_done) Buffer b = {};
                Document document = {};
                Verdict *v = NULL;

                memcpy(document.text, verdicts[i].text, sizeof document.text);
                for (unsigned again = 0; again < 2; again++) { /* nothing is left of the first */
                        assert_int_equal(profile_set_score(
                                                 set, &document, verdicts[i].feed_weight_milli, &v),
                                0);
                        buffer_reset(&b);
                        show(v, &b);
                        verdict_array_free(v, 1);
                        if (!streq(buffer_str(&b), verdicts[i].wanted))
                                fail_msg("%s: %s\nwanted %s", verdicts[i].lines[0], buffer_str(&b),
                                        verdicts[i].wanted);
                }
        }
}

/* Several profiles share terms and one pass; their order is kept. */
static void test_several(void **state) {
        static const char *const first[] = { "10 KFOR", "5 Kosovo", "require Kosovo", NULL },
                                 *const second[] = { "3 NATO", "exclude KFOR", NULL },
                                 *const third[] = { "7 KFOR", NULL };
        _cleanup_(diags_done) Diags diags = {};
        _cleanup_(profile_set_freep) ProfileSet *set = NULL;
        ProfileSettings settings[3];
        ProfileMaker m[3];
        Verdict *v = NULL;

        (void) state;

        profile_make(&m[0], first);
        profile_make(&m[1], second);
        profile_make(&m[2], third);
        for (size_t i = 0; i < 3; i++)
                settings[i] = m[i].settings;
        settings[2].factor_milli[FIELD_TITLE] = 2000;
        settings[2].name.text = (char *) "third";

        assert_int_equal(profile_set_new(settings, 3, &diags, &set), 0);
        assert_int_equal(profile_set_size(set), 3);
        assert_int_equal(
                profile_set_score(set, &(Document){ .text = { "KFOR in Kosovo: NATO" } }, 1000, &v),
                0);
        assert_int_equal(v[0].score_milli, 22500);
        assert_true(v[0].matched);
        assert_int_equal(v[0].n_hits, 2);
        assert_int_equal(v[1].score_milli, 4500);
        assert_string_equal(v[1].blocked_by, "exclude = KFOR");
        assert_int_equal(v[2].score_milli, 14000);
        assert_string_equal(v[2].profile, "third");
        assert_int_equal(v[2].body, BODY_NOT_GIVEN);
        verdict_array_free(v, 3);

        set = profile_set_free(set);
        assert_int_equal(profile_set_new(NULL, 0, &diags, &set), 0);
        assert_int_equal(profile_set_score(set, &(Document){}, 1000, &v), 0);
        verdict_array_free(v, 0);
}

/* An explanation adds up; spans stay within their bound. */
static void test_many_spans(void **state) {
        static const char *const lines[] = { "10 KFOR", "1 KFOR NEAR/3 KFOR", NULL };
        _cleanup_(profile_set_freep) ProfileSet *set = maker_set(lines);
        _cleanup_(buffer_done) Buffer b = {};
        Verdict *v = NULL;

        (void) state;

        for (unsigned i = 0; i < 10000; i++)
                assert_int_equal(buffer_append_str(&b, "KFOR "), 0);
        assert_int_equal(
                profile_set_score(set,
                        &(Document){ .text = { "KFOR", [FIELD_BODY] = buffer_str(&b) } }, 1000, &v),
                0);
        assert_int_equal(v->hits[0].n_spans, SPANS_PER_KEYWORD_MAX);
        assert_int_equal(v->hits[0].spans[0].field, FIELD_TITLE);
        assert_int_equal(v->hits[0].spans[1].field, FIELD_BODY);
        assert_int_equal(v->hits[1].count, 2000);
        assert_int_equal(v->score_milli, v->hits[0].points_milli + v->hits[1].points_milli);
        verdict_array_free(v, 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_points),
                cmocka_unit_test(test_verdicts),
                cmocka_unit_test(test_several),
                cmocka_unit_test(test_many_spans),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
