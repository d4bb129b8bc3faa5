/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "http/answer.h"

/* Sun, 06 Nov 1994 08:49:37 GMT */
#define NOW (UINT64_C(784111777) * USEC_PER_SEC)
#define NEVER (7 * USEC_PER_DAY)

static void read_head(Answer *answer, const char *lines) {
        while (*lines) {
                size_t n = strcspn(lines, "\n");

                assert_int_equal(answer_add_line(answer, lines, n), 0);
                lines += n + (lines[n] == '\n');
        }
}

static const struct {
        const char *head;
        usec_t expected;
} retries[] = {
        { "", 0 },
        { "Retry-After: 120", 120 * USEC_PER_SEC },
        { "retry-after:120", 120 * USEC_PER_SEC },
        { "Retry-After: 0", 0 },
        { "Retry-After: -5", 0 },
        { "Retry-After: 1.5", 1500 * USEC_PER_MSEC },
        { "Retry-After: 0.25", 250 * USEC_PER_MSEC },
        { "Retry-After: 0.1234567890123", 123456 },
        { "Retry-After: 2.", 2 * USEC_PER_SEC },
        { "Retry-After: .5", 0 },
        { "Retry-After: 1.5x", 0 },
        { "Retry-After: 5 minutes", 0 },
        { "Retry-After: soon", 0 },
        { "Retry-After: 700000", NEVER },
        { "Retry-After: 99999999999999999999999999", NEVER },
        /* dates: against the answer's own */
        { "Date: Sun, 06 Nov 1994 08:49:37 GMT\nRetry-After: Sun, 06 Nov 1994 09:49:37 GMT",
                USEC_PER_HOUR },
        { "Date: Sun, 06 Nov 1994 08:49:37 GMT\nRetry-After: Sunday, 06-Nov-94 09:49:37 GMT",
                USEC_PER_HOUR },
        { "Date: Sun, 06 Nov 1994 08:49:37 GMT\nRetry-After: Sun Nov  6 09:49:37 1994",
                USEC_PER_HOUR },
        { "Date: Sun, 06 Nov 2005 08:49:37 GMT\nRetry-After: Sun, 06 Nov 2005 08:50:37 GMT",
                USEC_PER_MINUTE },
        { "Retry-After: Sun, 06 Nov 1994 08:50:37 GMT", USEC_PER_MINUTE },
        { "Retry-After: Sun, 06 Nov 1994 08:48:37 GMT", 0 },
        { "Date: nonsense\nRetry-After: Sun, 06 Nov 1994 08:50:37 GMT", USEC_PER_MINUTE },
        { "Date: Sun, 06 Nov 1994 08:49:37 GMT\nRetry-After: Fri, 06 Jan 1995 08:49:37 GMT",
                NEVER },
};

static const struct {
        const char *head;
        uint64_t expected_seconds;
} ages[] = {
        { "", 0 },
        { "Cache-Control: max-age=3600", 3600 },
        { "CACHE-CONTROL: Max-Age=3600", 3600 },
        { "Cache-Control: public, max-age = \"60\" , must-revalidate", 60 },
        { "Cache-Control: public\nCache-Control: max-age=60", 60 },
        { "Cache-Control: max-age=60\nCache-Control: max-age=120", 60 },
        { "Cache-Control: s-maxage=60", 0 },
        { "Cache-Control: x-max-age=60", 0 },
        { "Cache-Control: max-ages=60", 0 },
        { "Cache-Control: ext=\"a, max-age=7\", max-age=60", 60 },
        { "Cache-Control: no-cache", 0 },
        { "Cache-Control: no-store, max-age=60", 60 },
        { "Cache-Control: max-age=-1", 0 },
        { "Cache-Control: max-age", 0 },
        { "Cache-Control: max-age=", 0 },
        { "Cache-Control: max-age=99999999999999999999", UINT64_C(10) * 366 * 86400 },
        { "Cache-Control: max-age=3600\nAge: 600", 3000 },
        { "Cache-Control: max-age=60\nAge: 600", 0 },
        { "Cache-Control: max-age=60\nAge: soon", 60 },
        { "Date: Sun, 06 Nov 1994 08:49:37 GMT\nExpires: Sun, 06 Nov 1994 08:59:37 GMT", 600 },
        { "Expires: Sun, 06 Nov 1994 08:59:37 GMT", 600 },
        { "Expires: Sun, 06 Nov 1994 08:59:37 GMT\nAge: 60", 540 },
        { "Expires: 0", 0 },
        { "Expires: Sun, 06 Nov 1994 08:39:37 GMT", 0 },
        { "Expires: Sun, 06 Nov 1994 08:59:37 GMT\nCache-Control: max-age=60", 60 },
        { "Expires: Sun, 06 Nov 1994 08:59:37 GMT\nCache-Control: max-age=x", 0 },
};

static void test_hints(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(retries); i++) {
                Answer answer = {};

                read_head(&answer, retries[i].head);
                if (answer_retry_after(&answer, NOW) != retries[i].expected)
                        fail_msg("%s: %lu", retries[i].head, answer_retry_after(&answer, NOW));
                answer_done(&answer);
        }
        for (size_t i = 0; i < ELEMENTSOF(ages); i++) {
                Answer answer = {};

                read_head(&answer, ages[i].head);
                if (answer_max_age(&answer, NOW) != ages[i].expected_seconds * USEC_PER_SEC)
                        fail_msg("%s: %lu", ages[i].head, answer_max_age(&answer, NOW));
                answer_done(&answer);
        }
}

static void test_fields(void **state) {
        Answer answer = {};

        (void) state;
        read_head(&answer,
                "HTTP/1.1 103 Early Hints\nETag: \"early\"\n"
                "HTTP/2 200 \netag:  W/\"a: b\" \nETag: \"second\"\n"
                "Last-Modified: Sunday, 06-Nov-94 08:49:37 GMT\nContent-Type: text/xml\n"
                "Location:\nno colon\n folded: x\n");
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.etag, "W/\"a: b\"");
        assert_string_equal(answer.last_modified, "Sunday, 06-Nov-94 08:49:37 GMT");
        assert_string_equal(answer.content_type, "text/xml");
        assert_null(answer.location);
        answer_done(&answer);
}

static void test_status_lines(void **state) {
        static const struct {
                const char *line;
                unsigned status;
        } lines[] = {
                { "HTTP/1.1 404 Not Found", 404 },
                { "HTTP/1.0 200", 200 },
                { "HTTP/3  200", 200 },
                { "HTTP/1.1", 0 },
                { "HTTP/1.1 20", 0 },
                { "HTTP/1.1 abc", 0 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                Answer answer = {};

                read_head(&answer, lines[i].line);
                assert_int_equal(answer.status, lines[i].status);
                answer_done(&answer);
        }
}

static void test_date_and_challenge(void **state) {
        static const struct {
                const char *head;
                usec_t date_usec;
                bool challenge;
        } heads[] = {
                { "", 0, false },
                { "Date: Sun, 06 Nov 1994 08:49:37 GMT", 784111777 * USEC_PER_SEC, false },
                { "Date: today", 0, false },
                { "CF-Mitigated: challenge", 0, true },
                { "cf-mitigated: block", 0, false },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(heads); i++) {
                Answer answer = {};

                read_head(&answer, heads[i].head);
                assert_true(answer_sent(&answer) == heads[i].date_usec);
                assert_int_equal(answer.challenge, heads[i].challenge);
                answer_done(&answer);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_hints),
                cmocka_unit_test(test_fields),
                cmocka_unit_test(test_status_lines),
                cmocka_unit_test(test_date_and_challenge),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
