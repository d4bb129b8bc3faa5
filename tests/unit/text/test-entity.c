/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "text/entity-table.h"
#include "text/entity.h"
#include "text/utf8.h"

static const struct {
        const char *s, *text;
        size_t n_used;
} cases[] = {
        { "amp;", "&", 4 },
        { "lt;b>", "<", 3 },
        { "Scaron;", "\xC5\xA0", 7 },
        { "hellip;", "\xE2\x80\xA6", 7 },
        { "NotEqualTilde;", "\xE2\x89\x82\xCC\xB8", 14 },
        { "CounterClockwiseContourIntegral;", "\xE2\x88\xB3", 32 },
        /* without a semicolon */
        { "amp b", "&", 3 },
        { "eacute", "\xC3\xA9", 6 },
        { "ampnbsp;", "&", 3 },
        { "notit;", "\xC2\xAC", 3 },
        { "copy=1", "\xC2\xA9", 4 },
        { "hellip", NULL, 0 },
        { "hellip ;", NULL, 0 },
        /* numbers */
        { "#65;", "A", 4 },
        { "#x41;", "A", 5 },
        { "#X4a;", "J", 5 },
        { "#8217;", "\xE2\x80\x99", 6 },
        { "#65 ", "A", 3 },
        { "#x1F600;", "\xF0\x9F\x98\x80", 8 },
        { "#146;", "\xE2\x80\x99", 5 },
        { "#x80;", "\xE2\x82\xAC", 5 },
        { "#129;", "\xC2\x81", 5 },
        { "#0;", "\xEF\xBF\xBD", 3 },
        { "#xD800;", "\xEF\xBF\xBD", 7 },
        { "#x110000;", "\xEF\xBF\xBD", 9 },
        { "#99999999999999999999;", "\xEF\xBF\xBD", 22 },
        /* halves of a pair */
        { "#55357;&#56832;", "\xF0\x9F\x98\x80", 15 },
        { "#xD83D;&#xde00; x", "\xF0\x9F\x98\x80", 15 },
        { "#xD83D&#56832", "\xF0\x9F\x98\x80", 13 },
        { "#55357;&#65;", "\xEF\xBF\xBD", 7 },
        { "#55357;x&#56832;", "\xEF\xBF\xBD", 7 },
        { "#56832;&#55357;", "\xEF\xBF\xBD", 7 },
        { "#55357;&#", "\xEF\xBF\xBD", 7 },
        { "#55357;&#;", "\xEF\xBF\xBD", 7 },
        { "#;", NULL, 0 },
        { "#x;", NULL, 0 },
        { "#xg", NULL, 0 },
        /* none at all */
        { "", NULL, 0 },
        { ";", NULL, 0 },
        { " D", NULL, 0 },
        { "T;", NULL, 0 },
        { "nosuchname;", NULL, 0 },
        { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;", NULL, 0 },
};

static void test_decode(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char out[9] = "";
                size_t n_out = 0, n_used;

                n_used = entity_decode(cases[i].s, strlen(cases[i].s), out, &n_out);
                out[n_out] = '\0';
                if (n_used != cases[i].n_used || !streq(out, strempty(cases[i].text)))
                        fail_msg("&%s: '%s', %zu used", cases[i].s, out, n_used);
        }
}

/* What the search and the buffers rest on; and each name is found. */
static void test_table(void **state _unused_) {
        for (size_t i = 0; i < n_entity_names; i++) {
                const EntityName *e = entity_names + i;
                char s[ENTITY_NAME_BYTES_MAX + 2], out[8];
                size_t n = strlen(e->name), n_out;

                if (i > 0)
                        assert_true(strcmp(entity_names[i - 1].name, e->name) < 0);
                assert_true(
                        n <= (e->legacy ? ENTITY_LEGACY_NAME_BYTES_MAX : ENTITY_NAME_BYTES_MAX));
                assert_true(strlen(e->text) <= 8);
                assert_true(utf8_is_valid(e->text, strlen(e->text)));

                memcpy(s, e->name, n);
                s[n] = ';';
                assert_int_equal(entity_decode(s, n + 1, out, &n_out), n + 1);
                assert_int_equal(n_out, strlen(e->text));
                assert_memory_equal(out, e->text, n_out);
                if (e->legacy)
                        assert_int_equal(entity_decode(s, n, out, &n_out), n);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_decode),
                cmocka_unit_test(test_table),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
