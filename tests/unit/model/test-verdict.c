/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>

#include "base/json.h"
#include "base/random.h"
#include "base/str.h"
#include "model/verdict.h"
#include "check.h"

static void assert_same(const Verdict *a, const Verdict *b) {
        assert_text(a->profile, b->profile);
        assert_int_equal(a->score_milli, b->score_milli);
        assert_int_equal(a->threshold_milli, b->threshold_milli);
        assert_int_equal(a->matched, b->matched);
        assert_true(streq_ptr(a->blocked_by, b->blocked_by));
        assert_int_equal(a->body, b->body);
        assert_true(streq_ptr(a->body_reason, b->body_reason));
        assert_int_equal(a->n_hits, b->n_hits);

        for (size_t i = 0; i < a->n_hits; i++) {
                const KeywordHit *x = &a->hits[i], *y = &b->hits[i];

                assert_text(x->expression, y->expression);
                assert_int_equal(x->weight_milli, y->weight_milli);
                assert_int_equal(x->field, y->field);
                assert_int_equal(x->count, y->count);
                assert_int_equal(x->points_milli, y->points_milli);
                assert_true(streq_ptr(x->words, y->words));
                assert_int_equal(x->n_spans, y->n_spans);
                for (size_t j = 0; j < x->n_spans; j++) {
                        assert_int_equal(x->spans[j].field, y->spans[j].field);
                        assert_int_equal(x->spans[j].offset, y->spans[j].offset);
                        assert_int_equal(x->spans[j].n_bytes, y->spans[j].n_bytes);
                }
        }
}

/* Through text and back, and by verdict_copy(). */
static void round_trip(const Verdict *verdict) {
        _cleanup_(verdict_done) Verdict back = {}, copy = {};
        _cleanup_free_ char *text = NULL;
        json_t *json = verdict_to_json(verdict), *read;
        json_error_t error;

        assert_int_equal(json_to_text(json, JSON_LINE, &text), 0);
        json_decref(json);
        read = json_loads(text, /* flags= */ 0, &error);
        assert_non_null(read);
        assert_int_equal(verdict_from_json(read, &back), 0);
        json_decref(read);
        assert_same(verdict, &back);

        assert_int_equal(verdict_copy(verdict, &copy), 0);
        assert_same(verdict, &copy);
        assert_int_equal(verdict->near, copy.near);
        assert_ptr_not_equal(verdict->profile, copy.profile);
}

static void test_round_trip(void **state) {
        Span spans[SPANS_PER_KEYWORD_MAX];
        KeywordHit hits[3] = {
                { .expression = (char *) "Kosovo NEAR/12 (troop* | \"peace\")",
                        .weight_milli = 6125,
                        .field = FIELD_BODY,
                        .count = UINT32_MAX,
                        .points_milli = 4593,
                        .words = (char *) "Kosovo ... T\xC3\xBCrk \\ \" \n\x01",
                        .spans = spans,
                        .n_spans = ELEMENTSOF(spans) },
                { .expression = (char *) "", .weight_milli = -1000000, .points_milli = -1 },
                { .expression = (char *) "trial",
                        .field = FIELD_FEED,
                        .spans = spans,
                        .n_spans = 1 },
        };
        const Verdict verdicts[] = {
                { .profile = (char *) "" },
                { .profile = (char *) "kfor", .near = true, .body = BODY_WANTED },
                { .profile = (char *) "kfor",
                        .score_milli = 27500,
                        .threshold_milli = 10001,
                        .matched = true,
                        .hits = hits,
                        .n_hits = ELEMENTSOF(hits),
                        .body = BODY_FAILED,
                        .body_reason = (char *) "HTTP 503" },
                { .profile = (char *) "kfor",
                        .score_milli = -INT64_C(8000000000000),
                        .threshold_milli = INT64_C(8999999999999),
                        .blocked_by = (char *) "exclude = title:(quiz)",
                        .hits = hits + 1,
                        .n_hits = 1,
                        .body = BODY_PAGE },
        };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(spans); i++)
                spans[i] = (Span){ (Field) (i % FIELD_MAX), UINT32_MAX - (uint32_t) i,
                        (uint32_t) (i * i) };
        for (size_t i = 0; i < ELEMENTSOF(verdicts); i++)
                round_trip(&verdicts[i]);
}

static void test_milli(void **state) {
        Random random = { 11 };

        (void) state;

        for (unsigned i = 0; i < 20000; i++) {
                int64_t milli = (int64_t) random_below(&random, UINT64_C(2000000000)) - 1000000000;
                KeywordHit hit = {
                        .expression = (char *) "x", .weight_milli = milli, .points_milli = -milli
                };
                Verdict verdict = { .profile = (char *) "p",
                        .score_milli = milli,
                        .threshold_milli = milli / 7,
                        .hits = &hit,
                        .n_hits = 1 };
                _cleanup_free_ char *text = NULL;
                json_t *json = json_milli(milli);
                char shown[32];

                /* What is printed is the decimal itself. */
                assert_int_equal(json_to_text(json, JSON_LINE | JSON_ENCODE_ANY, &text), 0);
                json_decref(json);
                assert_text(text, format_milli(milli, shown));
                if (i % 20 == 0)
                        round_trip(&verdict);
        }
}

#define GOOD_HIT                                                                             \
        "{\"expression\":\"a\",\"weight\":1,\"field\":\"title\",\"count\":1,\"points\":1.5," \
        "\"words\":null,\"spans\":[[\"title\",0,1]]}"
#define DOCUMENT(score, matched, keywords, body)                                       \
        "{\"profile\":\"p\",\"score\":" score ",\"threshold\":10,\"matched\":" matched \
        ",\"keywords\":" keywords ",\"blocked_by\":null,\"body\":" body ",\"body_reason\":null}"

static void test_bad_documents(void **state) {
        static const struct {
                const char *text;
                int r;
        } cases[] = {
                { DOCUMENT("1", "true", "[" GOOD_HIT "]", "\"feed\""), 0 },
                { DOCUMENT("1", "true", "[]", "\"feed\""), 0 },
                { "null", -EBADMSG },
                { "[]", -EBADMSG },
                { "{}", -EBADMSG },
                { "\"p\"", -EBADMSG },
                { DOCUMENT("\"1\"", "true", "[]", "\"feed\""), -EBADMSG },
                { DOCUMENT("null", "true", "[]", "\"feed\""), -EBADMSG },
                { DOCUMENT("1e300", "true", "[]", "\"feed\""), -EBADMSG },
                { DOCUMENT("-1e300", "true", "[]", "\"feed\""), -EBADMSG },
                { DOCUMENT("9223372036854775807", "true", "[]", "\"feed\""), -EBADMSG },
                { DOCUMENT("1", "1", "[]", "\"feed\""), -EBADMSG },
                { DOCUMENT("1", "null", "[]", "\"feed\""), -EBADMSG },
                { DOCUMENT("1", "true", "{}", "\"feed\""), -EBADMSG },
                { DOCUMENT("1", "true", "null", "\"feed\""), -EBADMSG },
                { DOCUMENT("1", "true", "\"a\"", "\"feed\""), -EBADMSG },
                { DOCUMENT("1", "true", "[null]", "\"feed\""), -EBADMSG },
                { DOCUMENT("1", "true", "[{}]", "\"feed\""), -EBADMSG },
                { DOCUMENT("1", "true", "[" GOOD_HIT ",1]", "\"feed\""), -EBADMSG },
                { DOCUMENT("1", "true", "[]", "\"nobody\""), -EBADMSG },
                { DOCUMENT("1", "true", "[]", "3"), -EBADMSG },
        };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(verdict_done) Verdict verdict = {};
                json_t *json = json_loads(cases[i].text, JSON_DECODE_ANY, NULL);
                int r;

                assert_non_null(json);
                r = verdict_from_json(json, &verdict);
                json_decref(json);
                if (r != cases[i].r)
                        fail_msg("%s: %d", cases[i].text, r);
                assert_true(r >= 0 || !verdict.profile);
        }
}

/* A good document with one member left out or replaced by something else: nothing but 0 and
 * -EBADMSG comes of it, and no memory is lost. */
static void damage(json_t *root, json_t *object, const char *key) {
        json_t *others[] = { NULL, json_null(), json_true(), json_integer(-1),
                json_integer(INT64_C(1) << 40), json_real(1e18), json_string("?"), json_array(),
                json_object(), json_pack("[[sii]]", "title", -1, 0), json_pack("[[s]]", "title"),
                json_pack("[[sii]]", "nowhere", 0, 0), json_array() };
        json_t *kept = json_incref(json_object_get(object, key));

        for (size_t i = 0; i <= SPANS_PER_KEYWORD_MAX; i++)
                json_array_append_new(
                        others[ELEMENTSOF(others) - 1], json_pack("[sii]", "title", 0, 1));

        for (size_t i = 0; i < ELEMENTSOF(others); i++) {
                _cleanup_(verdict_done) Verdict verdict = {};
                int r;

                if (others[i])
                        assert_int_equal(json_object_set(object, key, others[i]), 0);
                else
                        assert_int_equal(json_object_del(object, key), 0);
                r = verdict_from_json(root, &verdict);
                if (r != 0 && r != -EBADMSG)
                        fail_msg("%s, no. %zu: %d", key, i, r);
                if (streq(key, "spans") && i != 7) /* the empty list is one */
                        assert_int_equal(r, -EBADMSG);
                json_decref(others[i]);
        }
        assert_int_equal(json_object_set_new(object, key, kept), 0);
}

static void test_damaged_documents(void **state) {
        static const char *const of_verdict[] = { "profile", "score", "threshold", "matched",
                "keywords", "blocked_by", "body", "body_reason" },
                                 *const of_hit[] = { "expression", "weight", "field", "count",
                                         "points", "words", "spans" };
        json_t *root = json_loads(
                DOCUMENT("1", "true", "[" GOOD_HIT "," GOOD_HIT "]", "\"failed\""), 0, NULL);

        (void) state;

        assert_non_null(root);
        for (size_t i = 0; i < ELEMENTSOF(of_verdict); i++)
                damage(root, root, of_verdict[i]);
        for (size_t i = 0; i < ELEMENTSOF(of_hit); i++)
                damage(root, json_array_get(json_object_get(root, "keywords"), 1), of_hit[i]);
        json_decref(root);
}

/* --- in words --- */

static void test_reason(void **state) {
        KeywordHit hits[] = {
                { .expression = (char *) "Kosovo NEAR/12 troop*",
                        .field = FIELD_BODY,
                        .count = 3,
                        .points_milli = 6750,
                        .words = (char *) "Kosovo ... troops" },
                { .expression = (char *) "KFOR",
                        .field = FIELD_TITLE,
                        .count = 1,
                        .points_milli = 15000,
                        .words = (char *) "KFOR" },
                { .expression = (char *) "football",
                        .field = FIELD_SUMMARY,
                        .count = 1,
                        .points_milli = -8000 },
                { .expression = (char *) "same",
                        .field = FIELD_BODY,
                        .count = 1,
                        .points_milli = 6750 },
                { .expression = (char *) "trial", .field = FIELD_BODY, .count = 2 },
        };
        struct {
                Verdict verdict;
                size_t n_max;
                const char *reason;
        } cases[] = {
                { { .score_milli = 0, .threshold_milli = 10000 }, 400,
                        "score 0 of 10: no keyword matched" },
                { { .score_milli = 21750, .threshold_milli = 10000, .hits = hits, .n_hits = 2 },
                        400,
                        "score 21.75 of 10: \"KFOR\" +15 (title), \"Kosovo ... troops\" +6.75 "
                        "(body, 3 times)" },
                { { .score_milli = 20500, .threshold_milli = 12500, .hits = hits, .n_hits = 5 },
                        400,
                        "score 20.5 of 12.5: \"KFOR\" +15 (title), football -8 (summary), "
                        "\"Kosovo ... troops\" +6.75 (body, 3 times), same +6.75 (body), trial 0 "
                        "(body, 2 times)" },
                { { .score_milli = 20500, .threshold_milli = 12500, .hits = hits, .n_hits = 5 },
                        100,
                        "score 20.5 of 12.5: \"KFOR\" +15 (title), football -8 (summary), and 3 "
                        "more" },
                { { .score_milli = 20500, .threshold_milli = 12500, .hits = hits, .n_hits = 5 }, 60,
                        "score 20.5 of 12.5: \"KFOR\" +15 (title), and 4 more" },
                { { .threshold_milli = 10000, .body = BODY_WANTED }, 400,
                        "score 0 of 10: no keyword matched; body not read yet" },
                { { .score_milli = 15000,
                          .threshold_milli = 10000,
                          .hits = hits + 1,
                          .n_hits = 1,
                          .body = BODY_FAILED,
                          .body_reason = (char *) "HTTP 503" },
                        400,
                        "score 15 of 10: \"KFOR\" +15 (title); body could not be read: HTTP 503" },
                { { .threshold_milli = 10000, .body = BODY_FAILED }, 400,
                        "score 0 of 10: no keyword matched; body could not be read: n/a" },
                /* the end is kept, keywords make room for it */
                { { .score_milli = 20500,
                          .threshold_milli = 12500,
                          .hits = hits,
                          .n_hits = 5,
                          .body = BODY_FAILED,
                          .body_reason = (char *) "HTTP 503" },
                        100,
                        "score 20.5 of 12.5: \"KFOR\" +15 (title), and 4 more; body could not be "
                        "read: HTTP 503" },
        };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *reason = verdict_reason(&cases[i].verdict, cases[i].n_max);

                assert_text(reason, cases[i].reason);
        }
}

/* Never longer than asked for, never cut inside a character. */
static void test_reason_is_bounded(void **state) {
        char words[1501];
        KeywordHit hits[150] = {};
        Verdict verdict = {
                .hits = hits, .n_hits = ELEMENTSOF(hits), .body = BODY_FAILED, .body_reason = words
        };

        (void) state;

        for (size_t i = 0; i < 500; i++)
                memcpy(words + 3 * i, "\xE2\x82\xAC", 3);
        words[1500] = '\0';

        for (unsigned which = 0; which < 4; which++) {
                for (size_t i = 0; i < ELEMENTSOF(hits); i++)
                        hits[i] = (KeywordHit){ .expression = (char *) "x",
                                .words = which & 1 ? words : NULL,
                                .count = 1 };
                verdict.body = which & 2 ? BODY_FAILED : BODY_FEED;

                for (size_t n_max = 0; n_max < 2000; n_max += n_max < 100 ? 1 : 37) {
                        _cleanup_free_ char *reason = verdict_reason(&verdict, n_max);
                        size_t n, n_continued = 0;

                        assert_non_null(reason);
                        n = strlen(reason);
                        assert_true(n <= n_max);
                        for (size_t i = 0; i < n; i++)
                                n_continued += ((unsigned char) reason[i] & 0xC0) == 0x80;
                        for (size_t i = 0; i < n; i++)
                                n_continued -= (unsigned char) reason[i] == 0xE2 ? 2 : 0;
                        assert_int_equal(n_continued, 0);
                }
        }
}

/* --- quotes --- */

#define TEXT "KFOR troops: the Kosovo-Force of Kosovo's troops, T\xC3\xBCrkiye, KFOR"

static void test_quote(void **state) {
        static const struct {
                const char *name;
                struct {
                        const char *word;
                        unsigned nth;
                } words[4];
                const char *quote;
        } cases[] = {
                { "one", { { "KFOR", 0 } }, "KFOR" },
                { "neighbours", { { "KFOR", 0 }, { "troops", 0 } }, "KFOR troops" },
                { "hyphen", { { "Kosovo", 0 }, { "Force", 0 } }, "Kosovo-Force" },
                { "distant", { { "KFOR", 0 }, { "Kosovo", 0 } }, "KFOR ... Kosovo" },
                { "a colon between", { { "troops", 0 }, { "the", 0 } }, "troops ... the" },
                { "repeated", { { "KFOR", 0 }, { "KFOR", 1 } }, "KFOR" },
                { "repeated, then another", { { "troops", 0 }, { "troops", 1 }, { "KFOR", 1 } },
                        "troops ... KFOR" },
                { "overlapping", { { "Kosovo-Force", 0 }, { "Force", 0 }, { "of", 0 } },
                        "Kosovo-Force of" },
                { "several bytes", { { "T\xC3\xBCrkiye", 0 } }, "T\xC3\xBCrkiye" },
        };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const Document document = {
                        .text = { [FIELD_SUMMARY] = TEXT, [FIELD_TITLE] = "in the title" }
                };
                Span spans[6] = { { FIELD_TITLE, 0, 2 } }; /* not the field of the points */
                KeywordHit hit = { .field = FIELD_SUMMARY, .spans = spans, .n_spans = 1 };
                Verdict verdict = { .hits = &hit, .n_hits = 1 };
                const char *text = document.text[FIELD_SUMMARY];

                for (size_t j = 0; j < 4 && cases[i].words[j].word; j++) {
                        const char *at = strstr(text, cases[i].words[j].word);

                        for (unsigned k = cases[i].words[j].nth; k > 0; k--)
                                at = strstr(at + 1, cases[i].words[j].word);
                        spans[hit.n_spans++] = (Span){ FIELD_SUMMARY, (uint32_t) (at - text),
                                (uint32_t) strlen(cases[i].words[j].word) };
                }

                for (unsigned k = 0; k < 2; k++) { /* again: replaced */
                        assert_int_equal(verdict_quote(&verdict, &document), 0);
                        if (!streq_ptr(hit.words, cases[i].quote))
                                fail_msg("%s: %s", cases[i].name, strna(hit.words));
                }
                free(hit.words);
        }
}

static void test_quote_of_much(void **state) {
        char text[4096] = {};
        Span spans[SPANS_PER_KEYWORD_MAX];
        KeywordHit hits[2] = {
                { .field = FIELD_BODY, .spans = spans, .n_spans = ELEMENTSOF(spans) },
                { .field = FIELD_TITLE, .spans = spans, .n_spans = 1 }
        };
        Verdict verdict = { .hits = hits, .n_hits = 2 };
        const Document document = { .text = { [FIELD_BODY] = text } };

        (void) state;

        for (unsigned i = 0; i < ELEMENTSOF(spans); i++) {
                char word[8] = { 'w', (char) ('a' + i % 26), (char) ('a' + i / 26), 'x' };

                spans[i] = (Span){ FIELD_BODY, i * 20, 4 };
                memset(text + (size_t) i * 20, '.', 20);
                memcpy(text + (size_t) i * 20, word, 4);
        }

        assert_int_equal(verdict_quote(&verdict, &document), 0);
        assert_non_null(hits[0].words);
        assert_true(strlen(hits[0].words) < 100);
        assert_non_null(startswith(hits[0].words, "waax ... wbax ... wcax"));
        assert_null(hits[1].words); /* there is no title, so nothing is said of it */
        free(hits[0].words);
}

static void test_copy_of_nothing(void **state) {
        _cleanup_(verdict_done) Verdict copy = {};
        const Verdict none = {};

        (void) state;

        assert_int_equal(verdict_copy(&none, &copy), 0);
        assert_null(copy.profile);
        assert_int_equal(copy.n_hits, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_round_trip),
                cmocka_unit_test(test_milli),
                cmocka_unit_test(test_bad_documents),
                cmocka_unit_test(test_damaged_documents),
                cmocka_unit_test(test_reason),
                cmocka_unit_test(test_reason_is_bounded),
                cmocka_unit_test(test_quote),
                cmocka_unit_test(test_quote_of_much),
                cmocka_unit_test(test_copy_of_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
