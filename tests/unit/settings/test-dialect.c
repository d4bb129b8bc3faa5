/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/str.h"
#include "settings/dialect.h"

/* Writes each line down as "LINE:COLUMN [TYPE|NAME]" or "LINE:COLUMN KEY@COLUMN=VALUE". */
static int on_line(const DialectLine *line, void *userdata) {
        Buffer *b = userdata;

        switch (line->kind) {
        case DIALECT_SECTION:
                return buffer_printf(b, "%u:%u [%s|%s]\n", line->pos.line, line->pos.column,
                        line->type, line->name);
        case DIALECT_BROKEN_SECTION:
                return buffer_printf(b, "%u broken\n", line->pos.line);
        case DIALECT_ASSIGNMENT:
                return buffer_printf(b, "%u:%u %s@%u=%s\n", line->pos.line, line->pos.column,
                        line->key, line->value_column, line->value);
        case DIALECT_KIND_MAX:
                break;
        }

        return -1;
}

static const struct {
        const char *name, *text, *lines, *errors;
} cases[] = {
        { "nothing", "", "", "" },
        { "section", "[feed bbc]\n", "1:2 [feed|bbc]\n", "" },
        { "section without a name", "  [ picket ]  \n", "1:5 [picket|]\n", "" },
        { "assignment", "a = b\n", "1:1 a@5=b\n", "" },
        { "no space, no newline at the end", "a=b", "1:1 a@3=b\n", "" },
        { "space at the ends", "\t a b \t=  c d \t\n", "1:3 a b@11=c d\n", "" },
        { "empty value", "a =\n", "1:1 a@4=\n", "" },
        { "more than one =", "a = b=c\n", "1:1 a@5=b=c\n", "" },
        { "comments", "# a = b\n  ; c\n#\n", "", "" },
        { "no comment behind a value", "a = b # c\n", "1:1 a@5=b # c\n", "" },
        { "quotes are kept", "a = \"b\"\n", "1:1 a@5=\"b\"\n", "" },
        { "carriage returns", "[a b]\r\nc = d\r\n\r\n", "1:2 [a|b]\n2:1 c@5=d\n", "" },
        { "byte order mark", "\xEF\xBB\xBFx = y\n", "1:1 x@5=y\n", "" },
        { "columns are characters", "k\xC3\xBCr = \xC3\xBC\n", "1:1 k\xC3\xBCr@7=\xC3\xBC\n", "" },
        { "continued", "a = b\\\nc\nd = e\n", "1:1 a@5=b c\n3:1 d@5=e\n", "" },
        { "comments between", "a = b \\\n# no \\\n  ; no\n  c\n", "1:1 a@5=b    c\n", "" },
        { "two backslashes", "a = b\\\\\nc = d\n", "1:1 a@5=b\\\\\n2:1 c@5=d\n", "" },
        { "space behind a backslash", "a = b\\ \nc = d\n", "1:1 a@5=b\\\n2:1 c@5=d\n", "" },
        { "an empty line ends it", "a = b\\\n\nc = d\n", "1:1 a@5=b\n3:1 c@5=d\n", "" },
        { "continued to the end", "a = b \\", "1:1 a@5=b\n", "" },
        { "continued with carriage returns", "a = b\\\r\nc\r\n", "1:1 a@5=b c\n", "" },
        { "no =", "nonsense\na = b\n", "2:1 a@5=b\n", "1:1 expected 'KEY = VALUE'\n" },
        { "no key", " = b\n", "", "1:2 expected 'KEY = VALUE'\n" },
        { "open section", "[feed a\nb = c\n", "1 broken\n2:1 b@5=c\n",
                "1:7 a section must end with ']', and nothing may follow it\n" },
        { "text behind a section", "[feed a] # b\n", "1 broken\n",
                "1:12 a section must end with ']', and nothing may follow it\n" },
        { "empty section", "[]\n", "1 broken\n",
                "1:1 a section needs a type, such as [feed NAME]\n" },
        { "a lone bracket", "[\n", "1 broken\n",
                "1:1 a section must end with ']', and nothing may follow it\n" },
        { "bad UTF-8", "a = \xC3\xBC\xFF\nb = c\n", "2:1 b@5=c\n",
                "1:6 byte 0xff is no UTF-8 here\n" },
        { "bad UTF-8 in a comment", "a = b\n# \xC3\n", "1:1 a@5=b\n",
                "2:3 byte 0xc3 is no UTF-8 here\n" },
        { "U+FFFD itself is fine", "a = \xEF\xBF\xBD\n", "1:1 a@5=\xEF\xBF\xBD\n", "" },
        { "bad UTF-8 in a section", "[f \xFF]\na = b\n", "1 broken\n2:1 a@5=b\n",
                "1:4 byte 0xff is no UTF-8 here\n" },
        { "bad part of a continued line", "a = b\\\n\xFF\nc = d\n", "3:1 c@5=d\n",
                "2:1 byte 0xff is no UTF-8 here\n" },
        { "control character", "a = \x1b[31m\n", "", "1:5 control character U+001B\n" },
        { "carriage return inside", "a = b\rc\n", "", "1:6 control character U+000D\n" },
};

static void read_into(const char *text, size_t n_bytes, Buffer *lines, Buffer *errors) {
        _cleanup_(diags_done) Diags diags = {};

        assert_int_equal(dialect_read("f", text, n_bytes, &diags, on_line, lines), 0);
        for (size_t i = 0; i < diags.n_items; i++)
                assert_int_equal(buffer_printf(errors, "%u:%u %s\n", diags.items[i].line,
                                         diags.items[i].column, diags.items[i].message),
                        0);
}

static void test_lines(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(buffer_done) Buffer lines = {}, errors = {};

                read_into(cases[i].text, strlen(cases[i].text), &lines, &errors);
                if (!streq(buffer_str(&lines), cases[i].lines) ||
                        !streq(buffer_str(&errors), cases[i].errors))
                        fail_msg("%s:\n%s%s", cases[i].name, buffer_str(&lines),
                                buffer_str(&errors));
        }
}

static void test_nul(void **state) {
        _cleanup_(buffer_done) Buffer lines = {}, errors = {};

        (void) state;
        read_into("a = b\0c\nd = e\n", 14, &lines, &errors);
        assert_string_equal(buffer_str(&lines), "2:1 d@5=e\n");
        assert_string_equal(buffer_str(&errors), "1:6 control character U+0000\n");
}

/* A line of @n_bytes, "k = xxx...", and one that follows. */
static void make_line(Buffer *text, size_t n_bytes) {
        assert_int_equal(buffer_append_str(text, "k = "), 0);
        while (text->n_bytes < n_bytes)
                assert_int_equal(buffer_append_char(text, 'x'), 0);
        assert_int_equal(buffer_append_str(text, "\nl = m\n"), 0);
}

static void test_long_lines(void **state) {
        _cleanup_(buffer_done) Buffer good = {}, bad = {}, lines = {}, errors = {};

        (void) state;
        make_line(&good, DIALECT_LINE_BYTES_MAX);
        read_into(good.data, good.n_bytes, &lines, &errors);
        assert_string_equal(buffer_str(&errors), "");
        assert_true(lines.n_bytes > DIALECT_LINE_BYTES_MAX);

        buffer_reset(&lines);
        make_line(&bad, DIALECT_LINE_BYTES_MAX + 1);
        read_into(bad.data, bad.n_bytes, &lines, &errors);
        assert_string_equal(buffer_str(&errors), "1:0 the line is longer than 64.0 KiB\n");
        assert_string_equal(buffer_str(&lines), "2:1 l@5=m\n");
}

/* Continuing a line does not get around the limit, and is reported once. */
static void test_long_joined_line(void **state) {
        _cleanup_(buffer_done) Buffer text = {}, lines = {}, errors = {};
        char part[4096];

        (void) state;
        memset(part, 'x', sizeof(part));
        part[sizeof(part) - 1] = '\n';
        part[sizeof(part) - 2] = '\\';
        for (size_t i = 0; i < DIALECT_JOINED_BYTES_MAX / sizeof(part) + 3; i++)
                assert_int_equal(buffer_append(&text, part, sizeof(part)), 0);
        assert_int_equal(buffer_append_str(&text, "\nl = m\n"), 0);

        read_into(text.data, text.n_bytes, &lines, &errors);
        assert_string_equal(
                buffer_str(&errors), "257:0 the continued line is longer than 1.0 MiB\n");
        assert_string_equal(buffer_str(&lines), "261:1 l@5=m\n");
}

static void test_too_many_errors(void **state) {
        _cleanup_(buffer_done) Buffer text = {}, lines = {};
        _cleanup_(diags_done) Diags diags = {};

        (void) state;
        for (size_t i = 0; i < DIALECT_ERRORS_MAX + 100; i++)
                assert_int_equal(buffer_append_str(&text, "x\n"), 0);
        assert_int_equal(dialect_read("f", text.data, text.n_bytes, &diags, on_line, &lines), 0);
        assert_int_equal(diags.n_errors, DIALECT_ERRORS_MAX + 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lines),
                cmocka_unit_test(test_nul),
                cmocka_unit_test(test_long_lines),
                cmocka_unit_test(test_long_joined_line),
                cmocka_unit_test(test_too_many_errors),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
