/* SPDX-License-Identifier: MIT */

/* What is written directly reads back as the same string, at every length and place. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/str.h"

static void check(const char *s) {
        _cleanup_(buffer_done) Buffer text = {};
        json_t *read;

        assert_int_equal(json_append_string(&text, s), 0);
        read = json_loadb(text.data, text.n_bytes, JSON_DECODE_ANY, NULL);
        if (!read || !streq_ptr(json_string_value(read), s))
                fail_msg("'%s' is written as '%s'", strna(s), buffer_str(&text));
        json_decref(read);
}

static void test_string(void **state _unused_) {
        check(NULL);
        check("");
        check("plain");
        check("ćђ 漢字 \xF0\x9F\x98\x80");
        check("a \"quote\", a \\, a /, \b\f\n\r\t\x01\x1F\x7F");

        /* Each byte that is escaped, at each place of what is looked at in one go and beside. */
        for (size_t n = 1; n < 40; n++)
                for (size_t at = 0; at < n; at++)
                        for (const char *c = "\"\\\n\x01 x"; *c; c++) {
                                char s[40] = "";

                                memset(s, 'a', n);
                                s[at] = *c;
                                check(s);
                        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_string) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
