/* SPDX-License-Identifier: MIT */

/* An entry came as another left the list: are they one? And when is much that is new an archive? */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buffer.h"
#include "base/str.h"
#include "story/renewal.h"

#define T0 (UINT64_C(1790000000) * USEC_PER_SEC + 7 * USEC_PER_SEC)
#define HOUR (T0 / USEC_PER_HOUR * USEC_PER_HOUR)
#define ENTRIES_MAX 8

/* Long enough to tell. */
#define SUM_A "The mission said on Monday that it would send two more companies to the north."
#define SUM_B "A spokesman for the alliance denied that any decision about bases had been made."
#define TITLE_A "KFOR sends two companies north"
#define TITLE_B "Alliance denies decision about bases"
#define TITLE_C "Ministers meet in Ankara before summit"
#define TITLE_D "Police report of the day for Kosovo"
#define NONE USEC_INFINITY

typedef struct Row {
        const char *title, *summary;
        usec_t date_usec;
        int match; /* of fresh ones: which of gone, -1: none */
} Row;

static const struct {
        const char *name;
        bool irregular, reset;
        Row gone[ENTRIES_MAX], fresh[ENTRIES_MAX];
} cases[] = {
        { "nothing in common", false, false, { { TITLE_A, SUM_A, T0, 0 } },
                { { TITLE_B, SUM_B, T0 + 1, -1 } } },
        { "title, at the same second", false, false, { { TITLE_A, SUM_A, T0, 0 } },
                { { TITLE_A, SUM_B, T0, 0 } } },
        { "title, on the same day", false, false, { { TITLE_A, NULL, HOUR, 0 } },
                { { TITLE_A, NULL, HOUR, 0 } } },
        { "a title alone", false, false, { { TITLE_A, NULL, T0, 0 } },
                { { TITLE_A, NULL, T0 + USEC_PER_HOUR, -1 } } },
        { "title and summary, no dates", false, false, { { TITLE_A, SUM_A, NONE, 0 } },
                { { TITLE_A, SUM_A, NONE, 0 } } },
        { "a title alone, no dates", false, false, { { TITLE_A, NULL, NONE, 0 } },
                { { TITLE_A, NULL, NONE, -1 } } },
        { "half a title, at the same second", false, false, { { TITLE_A, NULL, T0, 0 } },
                { { "KFOR sends three companies south", NULL, T0, -1 } } },
        { "more than half of it", false, false, { { TITLE_A, NULL, T0, 0 } },
                { { "KFOR sends two more companies north", NULL, T0, 0 } } },
        { "more than half of it, on the same day", false, false, { { TITLE_A, NULL, HOUR, 0 } },
                { { "KFOR sends two more companies north", NULL, HOUR, -1 } } },
        { "other numbers", false, false, { { "Quake of 5.9 shakes western Kosovo", NULL, T0, 0 } },
                { { "Quake of 6.8 shakes western Kosovo", NULL, T0, -1 } } },
        { "summary, at the same second", false, false, { { TITLE_A, SUM_A, T0, 0 } },
                { { TITLE_C, SUM_A, T0, 0 } } },
        { "summary alone", false, false, { { TITLE_A, SUM_A, T0, 0 } },
                { { TITLE_C, SUM_A, T0 + USEC_PER_HOUR, -1 } } },
        { "summary, and much the same title", false, false, { { TITLE_A, SUM_A, T0, 0 } },
                { { "KFOR sends two more companies north", SUM_A, T0 + USEC_PER_DAY, 0 } } },
        { "the same three days later", false, false, { { TITLE_A, SUM_A, T0, 0 } },
                { { "KFOR sends two more companies north", SUM_A, T0 + 3 * USEC_PER_DAY, -1 } } },
        { "summary cut shorter", false, false, { { TITLE_A, SUM_A " And more.", T0, 0 } },
                { { TITLE_C, SUM_A, T0, 0 } } },
        { "the surer one", false, false,
                { { "KFOR sends two more companies north", NULL, T0, 0 },
                        { TITLE_A, NULL, T0, 0 } },
                { { TITLE_A, NULL, T0, 1 }, { "KFOR sends two companies", NULL, T0, 0 } } },
        { "once each", false, false, { { TITLE_A, SUM_A, T0, 0 } },
                { { TITLE_A, SUM_A, T0, 0 }, { TITLE_A, SUM_A, T0, -1 } } },
        { "another platform", false, true,
                { { TITLE_A, NULL, T0, 0 }, { TITLE_B, NULL, T0, 0 }, { TITLE_C, NULL, T0, 0 } },
                { { TITLE_D, NULL, T0 + 9 * USEC_PER_DAY, -1 },
                        { TITLE_C, SUM_A, T0 + 9 * USEC_PER_DAY, 2 }, { TITLE_A, NULL, NONE, 0 },
                        { TITLE_B, NULL, T0, 1 } } },
        { "after long absence it is another edition", true, false,
                { { TITLE_A, NULL, T0, 0 }, { TITLE_B, NULL, T0, 0 }, { TITLE_C, NULL, T0, 0 } },
                { { TITLE_A, NULL, T0 + 9 * USEC_PER_DAY, -1 },
                        { TITLE_B, NULL, T0 + 9 * USEC_PER_DAY, -1 },
                        { TITLE_C, NULL, T0 + 9 * USEC_PER_DAY, -1 } } },
        { "columns with other summaries", false, false,
                { { TITLE_A, SUM_A, T0, 0 }, { TITLE_B, SUM_A, T0, 0 }, { TITLE_C, SUM_A, T0, 0 } },
                { { TITLE_A, SUM_B, T0 + USEC_PER_DAY, -1 },
                        { TITLE_B, SUM_B, T0 + USEC_PER_DAY, -1 },
                        { TITLE_C, SUM_B, T0 + USEC_PER_DAY, -1 } } },
        { "one title for all", false, false,
                { { TITLE_A, NULL, T0, 0 }, { TITLE_A, NULL, T0 + 1, 0 },
                        { TITLE_A, NULL, T0 + 2, 0 } },
                { { TITLE_A, NULL, T0 + 3, -1 }, { TITLE_A, NULL, T0 + 4, -1 },
                        { TITLE_A, NULL, T0 + 5, -1 } } },
        { "short names of rubrics", false, false,
                { { "Weather", NULL, T0, 0 }, { "Traffic", NULL, T0, 0 },
                        { "Police", NULL, T0, 0 } },
                { { "Weather", NULL, T0 + USEC_PER_DAY, -1 },
                        { "Traffic", NULL, T0 + USEC_PER_DAY, -1 },
                        { "Police", NULL, T0 + USEC_PER_DAY, -1 } } },
        { "too few of the list", false, false,
                { { TITLE_A, NULL, T0, 0 }, { TITLE_B, NULL, T0, 0 }, { TITLE_D, NULL, T0, 0 } },
                { { TITLE_A, NULL, T0 + 3, -1 }, { TITLE_B, NULL, T0 + 3, -1 },
                        { TITLE_C, NULL, T0 + 3, -1 } } },
        { "a number that was not there", false, false,
                { { "KFOR sends companies to the north", NULL, T0, 0 } },
                { { "KFOR sends 2 companies to the north", NULL, T0, -1 } } },
        { "much else is new", false, false,
                { { TITLE_A, NULL, T0, 0 }, { TITLE_B, NULL, T0, 0 }, { TITLE_C, NULL, T0, 0 } },
                { { TITLE_A, NULL, T0 + 3, -1 }, { TITLE_B, NULL, T0 + 3, -1 },
                        { TITLE_C, NULL, T0 + 3, -1 }, { TITLE_D, NULL, T0 + 3, -1 },
                        { "Soldiers", NULL, T0 + 3, -1 }, { "Bases", NULL, T0 + 3, -1 },
                        { "Talks", NULL, T0 + 3, -1 } } },
        { "two with one title", false, true,
                { { TITLE_A, NULL, T0, 0 }, { TITLE_B, NULL, T0, 0 }, { TITLE_C, NULL, T0, 0 },
                        { TITLE_D, NULL, T0, 0 } },
                { { TITLE_A, NULL, T0 + 3, -1 }, { TITLE_A, NULL, T0 + 4, -1 },
                        { TITLE_B, NULL, T0 + 3, 1 }, { TITLE_C, NULL, T0 + 3, 2 },
                        { TITLE_D, NULL, T0 + 3, 3 } } },
        { "no words", false, false, { { NULL, NULL, T0, 0 } }, { { "?", NULL, T0, -1 } } },
};

static size_t make(const Row *rows, RenewalEntry *entries) {
        size_t n = 0;

        while (n < ENTRIES_MAX && rows[n].date_usec != 0) {
                char *title = rows[n].title ? strdup(rows[n].title) : NULL,
                     *summary = rows[n].summary ? strdup(rows[n].summary) : NULL;
                ItemRecord record = { .id = (int64_t) n + 1,
                        .title = title,
                        .summary = summary,
                        .published_usec = rows[n].date_usec,
                        .updated_usec = USEC_INFINITY };

                assert_int_equal(renewal_entry(&record, &entries[n++]), 0);
                free(title);
                free(summary);
        }
        return n;
}

static void test_matches(void **state) {
        (void) state;
        for (size_t c = 0; c < ELEMENTSOF(cases); c++) {
                RenewalEntry gone[ENTRIES_MAX], fresh[ENTRIES_MAX];
                size_t matches[ENTRIES_MAX], n_gone = make(cases[c].gone, gone),
                                             n_fresh = make(cases[c].fresh, fresh);

                if (renewal_match(fresh, n_fresh, gone, n_gone, !cases[c].irregular, matches) !=
                        cases[c].reset)
                        fail_msg("%s: renewed or not", cases[c].name);
                for (size_t i = 0; i < n_fresh; i++) {
                        int got = matches[i] == SIZE_MAX ? -1 : (int) matches[i];

                        if (got != cases[c].fresh[i].match)
                                fail_msg("%s: %zu is %d, not %d", cases[c].name, i, got,
                                        cases[c].fresh[i].match);
                        renewal_entry_done(&fresh[i]);
                }
                for (size_t i = 0; i < n_gone; i++)
                        renewal_entry_done(&gone[i]);
        }
}

/* A full list of titles of @n_words without numbers, of which two lists share none, all at one
 * second. */
static void make_full(RenewalEntry *entries, char list, unsigned n_words) {
        for (unsigned i = 0; i < RENEWAL_ENTRIES_MAX; i++) {
                _cleanup_(buffer_done) Buffer title = {};
                ItemRecord record = { .published_usec = T0, .updated_usec = USEC_INFINITY };

                for (unsigned n = 0; n < n_words; n++)
                        assert_int_equal(buffer_printf(&title, "%c%c%c%c%c ", list, 'a' + i % 26,
                                                 'a' + i / 26, 'a' + n % 26, 'a' + n / 26),
                                0);
                record.title = title.data;
                assert_int_equal(renewal_entry(&record, &entries[i]), 0);
        }
}

/* CPU time of holding two full lists against each other, the best of three. */
static clock_t match_full(unsigned n_words) {
        static RenewalEntry gone[RENEWAL_ENTRIES_MAX], fresh[RENEWAL_ENTRIES_MAX];
        static size_t matches[RENEWAL_ENTRIES_MAX];
        clock_t best = 0;

        make_full(gone, 'a', n_words);
        make_full(fresh, 'b', n_words);
        for (unsigned i = 0; i < 3; i++) {
                clock_t begin = clock(), span;

                assert_false(renewal_match(fresh, RENEWAL_ENTRIES_MAX, gone, RENEWAL_ENTRIES_MAX,
                        /* regular= */ true, matches));
                span = clock() - begin;
                best = i == 0 ? span : MIN(best, span);
        }

        for (size_t i = 0; i < RENEWAL_ENTRIES_MAX; i++) {
                assert_true(matches[i] == SIZE_MAX);
                renewal_entry_done(&gone[i]);
                renewal_entry_done(&fresh[i]);
        }
        return best;
}

/* Each title meets each other one: that must not be each of its words as well. */
static void test_long_titles(void **state) {
        clock_t few = match_full(4), many = match_full(64);

        (void) state;
        if (getenv("PICKET_TEST_FIGURES"))
                print_message("%ju and %ju clocks\n", (uintmax_t) few, (uintmax_t) many);
        if (many > 48 * few)
                fail_msg("titles 16 times as long take %ju clocks for %ju", (uintmax_t) many,
                        (uintmax_t) few);
}

static void test_floods(void **state) {
        static const struct {
                size_t n, n_old;
                uint64_t n_usual;
                bool flood;
        } floods[] = {
                { 10, 10, 5, false },
                { 11, 11, 5, true },
                { 11, 11, 21, true },
                { 11, 11, 22, false },
                { 12, 6, 5, false },
                { 12, 7, 5, true },
                { 0, 0, 0, false },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(floods); i++)
                if (renewal_is_flood(floods[i].n, floods[i].n_old, floods[i].n_usual) !=
                        floods[i].flood)
                        fail_msg("%zu of %zu, usual %zu", floods[i].n_old, floods[i].n,
                                (size_t) floods[i].n_usual);
        assert_true(renewal_is_old(T0, T0 + 7 * USEC_PER_DAY));
        assert_false(renewal_is_old(T0, T0 + 7 * USEC_PER_DAY - 1));
        assert_false(renewal_is_old(T0, 0));
        assert_false(renewal_is_old(USEC_INFINITY, T0));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_matches),
                cmocka_unit_test(test_long_titles),
                cmocka_unit_test(test_floods),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
