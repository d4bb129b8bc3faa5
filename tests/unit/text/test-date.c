/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "text/date.h"

static const struct {
        const char *s, *rfc3339; /* NULL: refused */
} cases[] = {
        /* mail dates */
        { "Fri, 20 Feb 2026 06:30:00 GMT", "2026-02-20T06:30:00Z" },
        { "Fri, 20 Feb 2026 06:30:00 +0100", "2026-02-20T05:30:00Z" },
        { "Fri, 20 Feb 2026 06:30:00 -0530", "2026-02-20T12:00:00Z" },
        { "20 Feb 2026 06:30:00 GMT", "2026-02-20T06:30:00Z" },
        { "Mon, 20 Feb 2026 06:30:00 GMT", "2026-02-20T06:30:00Z" },
        { "Fri, 20 Feb 2026 06:30 GMT", "2026-02-20T06:30:00Z" },
        { "Fri, 20 Feb 2026 06:30:00", "2026-02-20T06:30:00Z" },
        { "Fri, 20 Feb 2026", "2026-02-20T00:00:00Z" },
        { "Fri, 6 Feb 2026 6:30:00 GMT", "2026-02-06T06:30:00Z" },
        { "20 Feb 26 06:30:00 GMT", "2026-02-20T06:30:00Z" },
        { "20 Feb 98 06:30:00 GMT", "1998-02-20T06:30:00Z" },
        { "Friday, 20 February 2026 06:30:00 GMT", "2026-02-20T06:30:00Z" },
        { "Thurs, 19 Sept. 2024 06:30:00 GMT", "2024-09-19T06:30:00Z" },
        { "fri, 20 FEB 2026 06:30:00 gmt", "2026-02-20T06:30:00Z" },
        { "Fri,20 Feb 2026 06:30:00 EST", "2026-02-20T11:30:00Z" },
        { "Fri, 20 Feb 2026 06:30:00 PDT", "2026-02-20T13:30:00Z" },
        { "Fri, 20 Feb 2026 06:30:00 CET", "2026-02-20T05:30:00Z" },
        { "Fri, 20 Feb 2026 06:30:00 CEST", "2026-02-20T04:30:00Z" },
        { "Fri, 20 Feb 2026 06:30:00 MSK", "2026-02-20T03:30:00Z" },
        { "Fri, 20 Feb 2026 06:30:00 Z", "2026-02-20T06:30:00Z" },
        { "Fri, 20 Feb 2026 06:30:00 A", "2026-02-20T06:30:00Z" },
        { "Fri, 20 Feb 2026 06:30:00 UT", "2026-02-20T06:30:00Z" },
        { "Fri, 20 Feb 2026 06:30:00 +01:00", "2026-02-20T05:30:00Z" },
        { "Fri, 20 Feb 2026 06:30:00 GMT+0100", "2026-02-20T05:30:00Z" },
        { "Fri, 20 Feb 2026 06:30:00 UTC+2", "2026-02-20T04:30:00Z" },
        { "Fri, 20 Feb 2026 06:30:00 +0100 (CET (winter))", "2026-02-20T05:30:00Z" },
        { "Fri (day), 20 Feb 2026 06:30:00 +0100 CET", "2026-02-20T05:30:00Z" },
        { "Fri, 20 Feb 2026 24:00:00 GMT", "2026-02-21T00:00:00Z" },
        { "Sat, 31 Dec 2016 23:59:60 GMT", "2017-01-01T00:00:00Z" },
        { "Fri, 20-Feb-26 06:30:00 GMT", "2026-02-20T06:30:00Z" },
        { "20-Feb-2026 06:30", "2026-02-20T06:30:00Z" },
        { "Fri Feb 20 06:30:00 2026", "2026-02-20T06:30:00Z" },
        { "Fri Feb  6 06:30:00 UTC 2026", "2026-02-06T06:30:00Z" },
        { "Fri Feb 20 2026 06:30:00 GMT+0100 (Central European Standard Time)",
                "2026-02-20T05:30:00Z" },
        { "February 20, 2026", "2026-02-20T00:00:00Z" },
        { "Feb 20, 2026 06:30 PM EST", "2026-02-20T23:30:00Z" },
        { "Feb 20, 2026 12:05 AM", "2026-02-20T00:05:00Z" },
        { "  \n Fri, 20 Feb 2026 06:30:00 GMT\t ", "2026-02-20T06:30:00Z" },
        { "Tue, 29 Feb 2028 00:00:00 GMT", "2028-02-29T00:00:00Z" },
        /* and no dates */
        { "Fri, 31 Feb 2026 06:30:00 GMT", NULL },
        { "Sun, 29 Feb 2026 06:30:00 GMT", NULL },
        { "Fri, 00 Feb 2026 06:30:00 GMT", NULL },
        { "Fri, 20 Foo 2026 06:30:00 GMT", NULL },
        { "Fri, 20 Feb 2026 25:30:00 GMT", NULL },
        { "Fri, 20 Feb 2026 24:30:00 GMT", NULL },
        { "Fri, 20 Feb 2026 06:60:00 GMT", NULL },
        { "Fri, 20 Feb 2026 06:30:61 GMT", NULL },
        { "Fri, 20 Feb 2026 06:30:00 XYZ", NULL },
        { "Fri, 20 Feb 2026 06:30:00 IST", NULL },
        { "Fri, 20 Feb 2026 06:30:00 +0100 EST", NULL },
        { "Fri, 20 Feb 2026 06:30:00 +2500", NULL },
        { "Fri, 20 Feb 2026 06:30:00 +0175", NULL },
        { "Fri, 20 Feb 2026 13:30 PM", NULL },
        { "Fri, 20 Feb 2026 06:30:00 GMT (never closed", NULL },
        { "20 Feb", NULL },
        { "Feb 2026", NULL },
        { "20 20 Feb 2026", NULL },
        { "20 Feb 2026 20 Feb 2026", NULL },
        { "Fri, 20 Feb 2026 06:30:00 GMT and more", NULL },
        { "Thu, 01 Jan 1969 00:00:00 GMT", NULL },
        { "yesterday", NULL },
        { "02/03/2026", NULL },
        { "", NULL },
        { "   ", NULL },
        /* ISO 8601 */
        { "2026-02-20T06:30:00Z", "2026-02-20T06:30:00Z" },
        { "2026-02-20t06:30:00z", "2026-02-20T06:30:00Z" },
        { "2026-02-20T06:30:00+01:00", "2026-02-20T05:30:00Z" },
        { "2026-02-20T06:30:00-0500", "2026-02-20T11:30:00Z" },
        { "2026-02-20T06:30:00+01", "2026-02-20T05:30:00Z" },
        { "2026-02-20T06:30:00.123456789Z", "2026-02-20T06:30:00Z" },
        { "2026-02-20T06:30:00,5+01:00", "2026-02-20T05:30:00Z" },
        { "2026-02-20 06:30:00", "2026-02-20T06:30:00Z" },
        { "2026-02-20 06:30:00 +0100", "2026-02-20T05:30:00Z" },
        { "2026-02-20 06:30:00 UTC", "2026-02-20T06:30:00Z" },
        { "2026-02-20T06:30Z", "2026-02-20T06:30:00Z" },
        { "2026-02-20T06:30", "2026-02-20T06:30:00Z" },
        { "2026-02-20", "2026-02-20T00:00:00Z" },
        { "2026-02", "2026-02-01T00:00:00Z" },
        { "2026", "2026-01-01T00:00:00Z" },
        { "2026/02/20 06:30", "2026-02-20T06:30:00Z" },
        { "20260220T063000Z", "2026-02-20T06:30:00Z" },
        { "20260220T063000+0100", "2026-02-20T05:30:00Z" },
        { "20260220", "2026-02-20T00:00:00Z" },
        { "2026-02-20T24:00:00Z", "2026-02-21T00:00:00Z" },
        { "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z" },
        { "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z" },
        { "2000-02-29", "2000-02-29T00:00:00Z" },
        { "2026-02-31", NULL },
        { "2026-13-01", NULL },
        { "2026-00-01", NULL },
        { "2026-02-00", NULL },
        { "1900-02-29", NULL },
        { "2100-02-29", NULL },
        { "2026-02-20T", NULL },
        { "2026-02T06:30", NULL },
        { "2026-02-20T06", NULL },
        { "2026-02-20T06:30:00X", NULL },
        { "2026-02-20T06:30:00Zx", NULL },
        { "2026-02-20T06:30:00+24:00", NULL },
        { "2026-2-20", NULL },
        { "202602", NULL },
        { "1969-12-31T23:59:59Z", NULL },
        { "1970-01-01T00:00:00+01:00", NULL },
        { "0000-00-00 00:00:00", NULL },
        { "0001-01-01T00:00:00Z", NULL },
        { "99999-01-01", NULL },
        /* Unix times */
        { "1771569000", "2026-02-20T06:30:00Z" },
        { "1771569000123", "2026-02-20T06:30:00Z" },
        { "0000000000", NULL },
        { "177156900", NULL },
        { "17715690001", NULL },
};

static void test_parse(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                usec_t t = USEC_INFINITY;
                int r = date_parse(cases[i].s, &t);
                const char *shown = r < 0 ? NULL : FORMAT_RFC3339(t);

                if (!streq_ptr(shown, cases[i].rfc3339))
                        fail_msg("'%s': %s", cases[i].s, strna(shown));
        }
}

static void test_fraction(void **state _unused_) {
        usec_t t;

        assert_int_equal(date_parse("2026-02-20T06:30:00.25Z", &t), 0);
        assert_true(t == UINT64_C(1771569000250000));
        assert_int_equal(date_parse("1771569000123", &t), 0);
        assert_true(t == UINT64_C(1771569000123000));
}

static void test_too_long(void **state _unused_) {
        char s[300];
        usec_t t;

        memset(s, '(', sizeof(s) - 1);
        s[sizeof(s) - 1] = '\0';
        assert_int_equal(date_parse(s, &t), -EINVAL);
}

static void test_http(void **state _unused_) {
        static const struct {
                const char *s, *rfc3339;
        } dates[] = {
                { "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z" },
                { "Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z" },
                { "Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z" },
                { " Sun, 6 Nov 1994 08:49:37 gmt ", "1994-11-06T08:49:37Z" },
                { "Friday, 20-Feb-26 06:30:00 GMT", "2026-02-20T06:30:00Z" },
                { "Fri, 20 Feb 2026 06:30:00", NULL },
                { "Fri, 20 Feb 2026 06:30:00 EST", NULL },
                { "Fri, 20 Feb 2026 06:30:00 GMT x", NULL },
                { "Fri, 20 Feb 26 06:30:00 GMT", NULL },
                { "Fri, 31 Feb 2026 06:30:00 GMT", NULL },
                { "20 Feb 2026 06:30:00 GMT", NULL },
                { "2026-02-20T06:30:00Z", NULL },
                { "0", NULL },
                { "-1", NULL },
                { "", NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(dates); i++) {
                usec_t t = USEC_INFINITY;
                int r = date_parse_http(dates[i].s, &t);
                const char *shown = r < 0 ? NULL : FORMAT_RFC3339(t);

                if (!streq_ptr(shown, dates[i].rfc3339))
                        fail_msg("'%s': %s", dates[i].s, strna(shown));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parse),
                cmocka_unit_test(test_fraction),
                cmocka_unit_test(test_too_long),
                cmocka_unit_test(test_http),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
