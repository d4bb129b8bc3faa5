/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/str.h"
#include "feed/author.h"

static const struct {
        const char *text;
        const char *names; /* each ends with '|' */
} cases[] = {
        { "", "" },
        { "Ann Ace", "Ann Ace|" },
        /* an address and a name, in any order */
        { "ann@example.org", "ann@example.org|" },
        { "ann@example.org (Ann Ace)", "Ann Ace|" },
        { "ann@example.org (Ann (AP))", "Ann (AP)|" },
        { "Ann Ace (ann@example.org)", "Ann Ace|" },
        { "Ann Ace <ann@example.org>", "Ann Ace|" },
        { "<ann@example.org> Ann Ace", "Ann Ace|" },
        { "\"Ann Ace\" <ann@example.org>", "Ann Ace|" },
        { "Ann Ace ann@example.org", "Ann Ace|" },
        { "ann@example.org - Ann Ace", "Ann Ace|" },
        { "Ann Ace <mailto:ann@example.org>", "Ann Ace|" },
        { "mailto:ann@example.org", "ann@example.org|" },
        { "ann@example.org ()", "ann@example.org|" },
        { "Ann <ann@example.org", "Ann|" },
        /* no address */
        { "@ann", "@ann|" },
        { "@ann (Ann)", "@ann (Ann)|" },
        { "Ann @ Wire", "Ann @ Wire|" },
        { "Ann@", "Ann@|" },
        { "Ace & Sons (Europe)", "Ace & Sons (Europe)|" },
        { "Ann (https://social.example/@ann)", "Ann (https://social.example/@ann)|" },
        { "()", "()|" },
        { "((((", "((((|" },
        /* several */
        { "Ace, Ann", "Ace, Ann|" },
        { "Ace, Ann (ann@example.org)", "Ace, Ann|" },
        { "a@example.org, b@example.org", "a@example.org|b@example.org|" },
        { "a@example.org (A, of X), b@example.org (B)", "A, of X|B|" },
        { "A <a@example.org>; B <b@example.org>;", "A|B|" },
        { "A, B <b@example.org>", "A, B|" },
};

static void test_author_text(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                AuthorText text = author_text(cases[i].text);
                char names[128] = "";
                const char *name;
                size_t n_name, n = 0;

                while (author_text_next(&text, &name, &n_name))
                        n += (size_t) snprintf(
                                names + n, sizeof(names) - n, "%.*s|", (int) n_name, name);
                if (!streq(names, cases[i].names))
                        fail_msg("'%s': '%s', not '%s'", cases[i].text, names, cases[i].names);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_author_text),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
