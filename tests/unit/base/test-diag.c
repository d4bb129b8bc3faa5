/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/str.h"
#include "check.h"

/* What diags_print() writes of one. */
static char *print_one(DiagSeverity severity, SourcePos pos, const char *message, bool color) {
        _cleanup_(diags_done) Diags diags = {};
        char *s = NULL;
        size_t n = 0;
        FILE *f = open_memstream(&s, &n);

        assert_non_null(f);
        diag_add(&diags, severity, pos, "%s", message);
        assert_int_equal(diags.n_items, 1);
        assert_int_equal(diags.n_errors, severity == DIAG_ERROR);
        diags_print(&diags, f, color);
        assert_int_equal(fclose(f), 0);
        assert_non_null(s);
        return s;
}

static const struct {
        const char *name;
        DiagSeverity severity;
        SourcePos pos;
        bool color;
        const char *printed;
} cases[] = {
        { "nothing known", DIAG_ERROR, {}, false, "error: wrong\n" },
        { "a file", DIAG_WARNING, { .file = "a.conf" }, false, "a.conf: warning: wrong\n" },
        { "a line", DIAG_ERROR, { "a.conf", 7, 0, "key = value" }, false,
                "a.conf:7: error: wrong\n" },
        { "a column", DIAG_ERROR, { "a.conf", 7, 1, "key = value" }, false,
                "a.conf:7:1: error: wrong\n    key = value\n    ^\n" },
        { "no source", DIAG_ERROR, { "a.conf", 7, 3, NULL }, false, "a.conf:7:3: error: wrong\n" },
        { "behind the end", DIAG_ERROR, { "a.conf", 7, 4, "key" }, false,
                "a.conf:7:4: error: wrong\n    key\n       ^\n" },
        { "characters of several bytes", DIAG_ERROR,
                { "a.conf", 1, 11, "T\xC3\xBCrkiye \xE2\x82\xAC x" }, false,
                "a.conf:1:11: error: wrong\n    T\xC3\xBCrkiye \xE2\x82\xAC x\n              ^\n" },
        { "control characters", DIAG_ERROR, { "a.conf", 1, 3, "a\tb\x1b[31m\x7f" }, false,
                "a.conf:1:3: error: wrong\n    a b [31m \n      ^\n" },
        { "color", DIAG_ERROR, { "a.conf", 1, 0, NULL }, true,
                "a.conf:1: \x1b[1;31merror:\x1b[0m wrong\n" },
        { "color of a warning", DIAG_WARNING, {}, true, "\x1b[1;33mwarning:\x1b[0m wrong\n" },
};

static void test_print(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *s =
                        print_one(cases[i].severity, cases[i].pos, "wrong", cases[i].color);

                if (!streq(s, cases[i].printed))
                        fail_msg("%s:\n%s", cases[i].name, s);
        }
}

/* Of a long line a part is shown that holds the column, whole characters, and the caret stands
 * below the right one. */
static void test_long_line(void **state) {
        char source[3 * 1000 + 1];
        static const unsigned columns[] = { 1, 2, 79, 80, 81, 82, 500, 999, 1000 };

        (void) state;

        for (unsigned i = 0; i < 1000; i++) /* U+2800 + i mod 256: every one tells where it is */
                memcpy(source + 3 * i,
                        (char[]){
                                (char) 0xE2, (char) (0xA0 + (i / 64 % 4)), (char) (0x80 + i % 64) },
                        3);
        source[sizeof source - 1] = '\0';

        for (size_t i = 0; i < ELEMENTSOF(columns); i++) {
                SourcePos pos = { NULL, 0, columns[i], source };
                _cleanup_free_ char *s = print_one(DIAG_ERROR, pos, "x", /* color= */ false);
                const char *line = strstr(s, "\n    "),
                           *below = line ? strstr(line + 1, "\n    ") : NULL;
                size_t n_shown, n_before;

                assert_non_null(below);
                n_shown = (size_t) (below - line) - strlen("\n    ");
                n_before = (size_t) (strchr(below, '^') - below) - strlen("\n    ");

                assert_int_equal(n_shown % 3, 0);
                assert_true(n_shown > 0 && n_shown <= 3 * 160);
                assert_memory_equal(line + 5 + 3 * n_before, source + 3 * (columns[i] - 1), 3);
        }
}

static void test_many(void **state) {
        _cleanup_(diags_done) Diags diags = {};
        char name[] = "a.conf";

        (void) state;

        for (unsigned i = 1; i <= 100; i++)
                if (i % 3)
                        diag_error(&diags, ((SourcePos){ .file = name, .line = i }), "no. %u", i);
                else
                        diag_warning(&diags, ((SourcePos){ .file = name, .line = i }), "no. %u", i);
        name[0] = 'b'; /* what is kept is a copy */

        assert_int_equal(diags.n_items, 100);
        assert_int_equal(diags.n_errors, 67);
        assert_text(diags.items[99].message, "no. 100");
        assert_text(diags.items[99].file, "a.conf");
        assert_int_equal(diags.items[98].severity, DIAG_WARNING);

        diags_done(&diags);
        assert_int_equal(diags.n_items, 0);
        diags_done(&diags);
}

static void test_severity_names(void **state) {
        (void) state;

        for (DiagSeverity i = 0; i < DIAG_SEVERITY_MAX; i++)
                assert_non_null(diag_severity_to_string(i));
        assert_null(diag_severity_to_string(DIAG_SEVERITY_MAX));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_print),
                cmocka_unit_test(test_long_line),
                cmocka_unit_test(test_many),
                cmocka_unit_test(test_severity_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
