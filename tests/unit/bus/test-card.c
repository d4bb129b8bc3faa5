/* SPDX-License-Identifier: MIT */

/* What a desktop notification says. The agent's files are in no archive, so the one under test is
 * compiled in. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "notify/card.c"

static const struct {
        const char *name, *text;
        size_t n_chars_max;
        const char *expected;
} clean_cases[] = {
        { "plain", "Kosovo Force", 20, "Kosovo Force" },
        { "space is folded", "  a\t\r\n b\u00a0c\u2028d ", 20, "a b c d" },
        { "controls part words", "a\x07z\x1b[31m", 20, "a z [31m" },
        { "C1 controls too", "a\xc2\x9bz", 20, "a z" },
        { "reading direction", "a\u202e\u2066\u200f\u061cz", 20, "az" },
        { "invisible", "a\u200b\ufeff\u00adz\U000E0041", 20, "az" },
        { "joiners stay", "\u0645\u06cc\u200c\u062e", 20, "\u0645\u06cc\u200c\u062e" },
        { "bad bytes", "a\xff\xc3z", 20, "a\uFFFD\uFFFDz" },
        { "cut", "abcdef", 3, "abc\u2026" },
        { "exact", "abc", 3, "abc" },
        { "trailing space is no excess", "abc   ", 3, "abc" },
        { "cut before a word", "abc def", 4, "abc\u2026" },
        { "cut by code points", "\u00e9\u00e9\u00e9", 2, "\u00e9\u00e9\u2026" },
        { "empty", "", 3, "" },
        { "nothing visible", "\u202e \n", 3, "" },
};

static void test_clean(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(clean_cases); i++) {
                _cleanup_(buffer_done) Buffer b = {};

                assert_int_equal(
                        card_append_clean(&b, clean_cases[i].text, clean_cases[i].n_chars_max), 0);
                if (!streq(buffer_str(&b), clean_cases[i].expected))
                        fail_msg("%s: '%s'", clean_cases[i].name, buffer_str(&b));
        }
}

static void test_escape(void **state) {
        static const char *const cases[][2] = {
                { "R&D <DoD>", "R&amp;D &lt;DoD&gt;" },
                { "\"a\" 'b'", "&quot;a&quot; &#39;b&#39;" },
                { "&amp;", "&amp;amp;" },
                { "\u00e9\n", "\u00e9\n" },
                { "", "" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *escaped = NULL;

                assert_int_equal(card_escape(cases[i][0], &escaped), 0);
                assert_string_equal(escaped, cases[i][1]);
        }
}

static const struct {
        const char *name, *urgency, *json;
        const char *title, *text, *link;
        Urgency expected_urgency;
} card_cases[] = {
        { "an alert", "critical",
                "{\"title\":\"T\",\"profile_title\":\"P\",\"reason\":\"R\",\"feed\":\"F\","
                "\"link\":\"https://example.org/a?b=c#d\"}",
                "T", "P\nR\nF", "https://example.org/a?b=c#d", URGENCY_CRITICAL },
        { "members missing", "low", "{\"title\":\"T\",\"reason\":null,\"feed\":\"F\"}", "T", "F",
                NULL, URGENCY_LOW },
        { "no title", "normal", "{\"feed\":\"F\"}", "Picket alert", "F", NULL, URGENCY_NORMAL },
        { "unknown urgency", "apocalyptic", "{\"title\":\"T\"}", "T", "", NULL, URGENCY_NORMAL },
        { "a program's scheme", "normal", "{\"title\":\"T\",\"link\":\"file:///bin/sh\"}", "T", "",
                NULL, URGENCY_NORMAL },
        { "a relative link", "normal", "{\"title\":\"T\",\"link\":\"/a\"}", "T", "", NULL,
                URGENCY_NORMAL },
        { "a user name in the link", "normal",
                "{\"title\":\"T\",\"link\":\"https://bank.example@evil.example/\"}", "T", "", NULL,
                URGENCY_NORMAL },
        { "a link of another type", "normal", "{\"title\":\"T\",\"link\":[]}", "T", "", NULL,
                URGENCY_NORMAL },
        { "no JSON", "normal", "<html>", "Picket alert",
                "It cannot be shown here. `picketctl alerts` lists it.", NULL, URGENCY_NORMAL },
        { "no object", "normal", "[1]", "Picket alert",
                "It cannot be shown here. `picketctl alerts` lists it.", NULL, URGENCY_NORMAL },
};

static void test_card(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(card_cases); i++) {
                _cleanup_(card_freep) Card *card = NULL;

                assert_int_equal(card_new(card_cases[i].urgency, card_cases[i].json, &card), 0);
                if (!streq(card->title, card_cases[i].title) ||
                        !streq(card->text, card_cases[i].text) ||
                        !streq_ptr(card->link, card_cases[i].link) ||
                        card->urgency != card_cases[i].expected_urgency)
                        fail_msg("%s: '%s' '%s' '%s'", card_cases[i].name, card->title, card->text,
                                strna(card->link));
        }
}

static void test_digest(void **state) {
        _cleanup_(card_freep) Card *few = NULL, *many = NULL;
        Card one = { .title = (char *) "One", .urgency = URGENCY_LOW };
        Card two = { .title = (char *) "Two", .urgency = URGENCY_CRITICAL };
        Card *cards[12];

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cards); i++)
                cards[i] = i % 2 == 0 ? &one : &two;

        assert_int_equal(card_new_digest(cards, 4, &few), 0);
        assert_string_equal(few->title, "4 alerts while you were away");
        assert_string_equal(few->text, "\u2022 One\n\u2022 Two\n\u2022 One\n\u2022 Two");
        assert_int_equal(few->urgency, URGENCY_CRITICAL);
        assert_null(few->link);

        assert_int_equal(card_new_digest(cards, 12, &many), 0);
        assert_non_null(strstr(many->text, "\nand 2 more"));
}

static void test_digest_groups_by_story(void **state) {
        _cleanup_(card_freep) Card *digest = NULL;
        Card a = { .title = (char *) "One", .story = (char *) "1", .profile = (char *) "KFOR" };
        Card b = { .title = (char *) "Two", .story = (char *) "2", .profile = (char *) "KFOR" };
        Card c = { .title = (char *) "One", .story = (char *) "1", .profile = (char *) "Summit" };
        Card *cards[] = { &a, &b, &c };

        (void) state;
        assert_int_equal(card_new_digest(cards, ELEMENTSOF(cards), &digest), 0);
        assert_string_equal(digest->title, "3 alerts while you were away");
        assert_string_equal(digest->text, "\u2022 One (KFOR, Summit)\n\u2022 Two (KFOR)");
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_clean),
                cmocka_unit_test(test_escape),
                cmocka_unit_test(test_card),
                cmocka_unit_test(test_digest),
                cmocka_unit_test(test_digest_groups_by_story),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
