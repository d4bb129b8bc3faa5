/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "match/expression.h"
#include "profile-maker.h"

/* What is wrong, and in which column. The expression begins in column 11. */
static const struct {
        const char *expression;
        unsigned column;
        const char *message; /* a part of it */
} errors[] = {
        /* & and | */
        { "a | b & c", 17, "'(a | b) & c' or 'a | (b & c)'" },
        { "a & b | c", 17, "'(a & b) | c' or 'a & (b | c)'" },
        { "a | b | c & d", 21, "'(a | b | c) & d' or 'a | b | (c & d)'" },
        { "x & (a | b c & d)", 24, "'(a | b c) & d' or 'a | (b c & d)'" },
        { "\"a b\" | b & c", 21, "'(\"a b\" | b) & c'" },
        { "Косово | б & c", 22, "'(Косово | б) & c'" },
        { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | b & c",
                94, "'(A | B) & C' or 'A | (B & C)'" },
        /* ! */
        { "!a", 11, "negations alone" },
        { "!a & !b", 11, "negations alone" },
        { "(!a)", 12, "negations alone" },
        { "a & (!b | c)", 16, "'!' stands only inside '&'" },
        { "a | !b", 15, "'!' stands only inside '&'" },
        { "a | (!b & !c)", 16, "negations alone" },
        { "!!a & b", 12, "not behind NEAR or another '!'" },
        { "a & !(!b)", 17, "negation of a negation" },
        { "a NEAR/3 !b", 20, "not behind NEAR" },
        { "a NEAR/3 (!b)", 21, "inside NEAR" },
        { "a NEAR/3 (b & c)", 21, "cannot stand inside NEAR" },
        { "a NEAR/3 (b | (c & d))", 21, "cannot stand inside NEAR" },
        { "Yahoo!", 16, "an operator is missing before '!'" },
        /* what is missing */
        { "", 11, "empty" },
        { "  ", 11, "empty" },
        { "a |", 14, "missing before the end" },
        { "a & & b", 15, "missing before '&'" },
        { "| a", 11, "missing before '|'" },
        { "a NEAR/3", 19, "missing before the end" },
        { "NEAR/3 a", 11, "missing before NEAR" },
        { "()", 12, "missing before ')'" },
        { "(a", 11, "not closed" },
        { "a)", 12, "no parenthesis is open" },
        { "a (b)", 13, "an operator is missing before '('" },
        { "(a) b", 15, "an operator is missing before a word" },
        { "a title:b", 13, "an operator is missing before a field" },
        { "title:", 17, "before a word, a phrase or a parenthesis" },
        { "title:!a", 17, "before a word, a phrase or a parenthesis" },
        { "title:(summary:a)", 18, "matches nothing" },
        /* fields */
        { "foo:bar", 11, "the fields are title, summary, body, category, author and feed" },
        { "a | titel:bar", 15, "did you mean 'title:'" },
        { "https://x.org", 11, "unknown field 'https:'" },
        /* NEAR */
        { "a NEAR b", 13, "NEAR needs a number" },
        { "a NEAR/ b", 13, "NEAR needs a number" },
        { "a NEAR/101 b", 18, "at most 100 words" },
        { "a NEAR/99999999999999999999 b", 18, "at most 100 words" },
        { "a NEAR/x b", 18, "a number up to 100, not 'x'" },
        { "a NEAR/5x b", 19, "a number up to 100" },
        { "a NEAR/-1 b", 18, "a number up to 100" },
        /* words */
        { "ab*", 11, "too short" },
        { "a | é1*", 15, "too short" },
        { "kfor.c*", 11, "too short" },
        { "*", 11, "no letter and no digit" },
        { "Kos*vo", 14, "only at the end of a word" },
        { "Kosov**", 16, "only at the end of a word" },
        { "*Kosovo", 11, "only at the end of a word" },
        { "a — b", 13, "no letter and no digit" },
        { "=", 11, "no letter and no digit" },
        { "ъ", 11, "nothing once it is folded" },
        { "\"Kosovo Force", 11, "quote is not closed" },
        { "a “Kosovo", 13, "quote is not closed" },
        { "\"\"", 11, "nothing stands between" },
        { "a | \" - \"", 15, "nothing stands between" },
};

static void test_errors(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(errors); i++) {
                SettingText text = maker_text(errors[i].expression, 3, 11);
                _cleanup_(diags_done) Diags diags = {};
                Expression *e = NULL;

                assert_int_equal(expression_parse(&text, &diags, &e), -EINVAL);
                assert_null(e);
                assert_int_equal(diags.n_errors, 1);
                for (size_t j = 0; j < diags.n_items; j++) {
                        const Diag *d = &diags.items[j];

                        if (d->severity != DIAG_ERROR)
                                continue;
                        if (d->line != 3 || !streq(d->file, "test.conf") ||
                                d->column != errors[i].column ||
                                !strstr(d->message, errors[i].message))
                                fail_msg("'%s': %s:%u:%u: %s", errors[i].expression, d->file,
                                        d->line, d->column, d->message);
                }
        }
}

static const struct {
        const char *expression;
        unsigned column;
        const char *message;
} warnings[] = {
        { "a near/5 b", 13, "written in capitals: NEAR/5" },
        { "a Near/5 b", 13, "written in capitals: NEAR/5" },
        { "a AND b", 13, "write '&'" },
        { "a OR b", 13, "write '|'" },
        { "NOT a", 11, "write '!'" },
        { "a and b", 0, "" },
        { "\"a AND b\"", 0, "" },
        { "a near b", 0, "" },
        { "NEAR/5th", 0, NULL },
};

static void test_warnings(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(warnings); i++) {
                SettingText text = maker_text(warnings[i].expression, 3, 11);
                _cleanup_(expression_freep) Expression *e = NULL;
                _cleanup_(diags_done) Diags diags = {};

                if (!warnings[i].message) {
                        assert_int_equal(expression_parse(&text, &diags, &e), -EINVAL);
                        continue;
                }
                assert_int_equal(expression_parse(&text, &diags, &e), 0);
                assert_int_equal(diags.n_items, warnings[i].column > 0);
                if (diags.n_items == 0)
                        continue;
                assert_int_equal(diags.items[0].column, warnings[i].column);
                assert_non_null(strstr(diags.items[0].message, warnings[i].message));
        }
}

/* All errors of all profiles in one run, and duplicates. */
static void test_all_errors(void **state) {
        static const char *const lines[] = { "10 a | b & c", "5 x", "3 (y", "require !z",
                "exclude foo:q", "5 x", NULL };
        _cleanup_(diags_done) Diags diags = {};
        ProfileSettings settings[2];
        ProfileSet *set = NULL;
        ProfileMaker m;

        (void) state;

        profile_make(&m, lines);
        settings[0] = settings[1] = m.settings;
        assert_int_equal(profile_set_new(settings, 2, &diags, &set), -EINVAL);
        assert_null(set);
        assert_int_equal(diags.n_errors, 8);
        assert_int_equal(diags.n_items, 10);
        assert_int_equal(diags.items[0].line, 1);
        assert_int_equal(diags.items[0].column, 10);
        assert_int_equal(diags.items[1].line, 3);
        assert_int_equal(diags.items[2].line, 4);
        assert_int_equal(diags.items[3].line, 5);
        assert_non_null(strstr(diags.items[4].message, "stands in test.conf:2 already"));
}

static int parse_repeated(const char *piece, size_t n, const char *end, size_t n_end) {
        _cleanup_(expression_freep) Expression *e = NULL;
        _cleanup_(diags_done) Diags diags = {};
        _cleanup_(buffer_done) Buffer b = {};
        SettingText text;

        for (; n > 0; n--)
                assert_int_equal(buffer_append_str(&b, piece), 0);
        assert_int_equal(buffer_append_str(&b, "a"), 0);
        for (; n_end > 0; n_end--)
                assert_int_equal(buffer_append_str(&b, end), 0);
        text = maker_text(buffer_str(&b), 1, 1);
        return expression_parse(&text, &diags, &e);
}

static void test_bounds(void **state) {
        (void) state;

        assert_int_equal(parse_repeated("(", 100, ")", 100), 0);
        assert_int_equal(parse_repeated("(", 101, ")", 101), -EINVAL);
        assert_int_equal(parse_repeated("(", 60000, ")", 0), -EINVAL);
        assert_int_equal(parse_repeated("title:(", 9000, "", 0), -EINVAL);
        assert_int_equal(parse_repeated("!", 60000, "", 0), -EINVAL);
        assert_int_equal(parse_repeated("a NEAR/1 ", 100, "", 0), 0);
        assert_int_equal(parse_repeated("a NEAR/1 ", 101, "", 0), -EINVAL);
        assert_int_equal(parse_repeated("a | ", 15000, "", 0), 0);
        assert_int_equal(parse_repeated("a & ", 15000, "", 0), 0);
        assert_int_equal(parse_repeated("a ", 30000, "", 0), 0);
        assert_int_equal(parse_repeated("a ", 40000, "", 0), -EINVAL);
}

/* Words alone belong together; what is alike melts. */
static void test_tree(void **state) {
        _cleanup_(expression_freep) Expression *e = NULL, *f = NULL;
        _cleanup_(diags_done) Diags diags = {};
        SettingText text = maker_text("(a & b) | c | d e | (f | (g & h))", 1, 1);

        (void) state;

        assert_int_equal(expression_parse(&text, &diags, &e), 0);
        assert_int_equal(e->kind, EXPRESSION_OR);
        assert_false(expression_is_placed(e));
        assert_int_equal(e->n_children, 3);
        assert_true(expression_is_placed(e->children[0]));
        assert_int_equal(e->children[0]->n_children, 3);
        assert_int_equal(e->children[0]->children[0]->fields, FIELDS_DEFAULT);

        text = maker_text("title:(a | feed) NEAR/3 =B*CD", 1, 1);
        assert_int_equal(expression_parse(&text, &diags, &f), -EINVAL);
        text = maker_text("title:(a | feed) NEAR/3 =BCD*", 1, 1);
        assert_int_equal(expression_parse(&text, &diags, &f), 0);
        assert_int_equal(f->kind, EXPRESSION_NEAR);
        assert_int_equal(f->children[0]->children[0]->fields, FIELD_BIT(FIELD_TITLE));
        assert_string_equal(f->children[1]->exact, "BCD");
        assert_string_equal(f->children[1]->folded, "bcd");
        assert_true(f->children[1]->prefix);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_errors),
                cmocka_unit_test(test_warnings),
                cmocka_unit_test(test_all_errors),
                cmocka_unit_test(test_bounds),
                cmocka_unit_test(test_tree),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
