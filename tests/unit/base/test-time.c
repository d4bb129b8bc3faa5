/* SPDX-License-Identifier: MIT */

/* Time spans, points in time, waits and chance. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>

#include "base/backoff.h"
#include "base/random.h"
#include "base/str.h"
#include "base/time.h"
#include "check.h"

#define MONTH (UINT64_C(2629800) * USEC_PER_SEC) /* 30.44 days, as systemd.time(7) has it */
#define YEAR (UINT64_C(31557600) * USEC_PER_SEC)

static const struct {
        const char *s;
        int r;
        usec_t span;
} span_cases[] = {
        /* the examples of systemd.time(7) */
        { "2 h", 0, 2 * USEC_PER_HOUR },
        { "2hours", 0, 2 * USEC_PER_HOUR },
        { "48hr", 0, 48 * USEC_PER_HOUR },
        { "1y 12month", 0, YEAR + 12 * MONTH },
        { "55s500ms", 0, 55500 * USEC_PER_MSEC },
        { "300ms20s 5day", 0, 5 * USEC_PER_DAY + 20300 * USEC_PER_MSEC },
        /* its units */
        { "1usec", 0, 1 },
        { "1us", 0, 1 },
        { "1\xCE\xBCs", 0, 1 },
        { "1\xC2\xB5s", 0, 1 },
        { "1msec 1ms", 0, 2 * USEC_PER_MSEC },
        { "1seconds 1second 1sec 1s 1", 0, 5 * USEC_PER_SEC },
        { "1minutes 1minute 1min 1m", 0, 4 * USEC_PER_MINUTE },
        { "1hours 1hour 1hr 1h", 0, 4 * USEC_PER_HOUR },
        { "1days 1day 1d", 0, 3 * USEC_PER_DAY },
        { "1weeks 1week 1w", 0, 21 * USEC_PER_DAY },
        { "1months 1month 1M", 0, 3 * MONTH },
        { "1years 1year 1y", 0, 3 * YEAR },
        /* bare numbers, fractions, space */
        { "0", 0, 0 },
        { "90", 0, 90 * USEC_PER_SEC },
        { "1.5h", 0, 90 * USEC_PER_MINUTE },
        { ".5s", 0, 500 * USEC_PER_MSEC },
        { "0.000001", 0, 1 },
        { "0.0000019", 0, 1 },
        { "1.999999999y", 0, YEAR + YEAR / 1000000 * 999999 + YEAR % 1000000 },
        { "  10min\t", 0, 10 * USEC_PER_MINUTE },
        { "infinity", 0, USEC_INFINITY },
        { " infinity ", 0, USEC_INFINITY },
        /* limits */
        { "18446744073709551614us", 0, USEC_INFINITY - 1 },
        { "18446744073709551615us", -ERANGE, 0 },
        { "18446744073709551616us", -ERANGE, 0 },
        { "18446744073709551615", -ERANGE, 0 },
        { "18446744073709551614us 1us", -ERANGE, 0 },
        { "600000y", -ERANGE, 0 },
        /* no time spans */
        { "", -EINVAL, 0 },
        { "  ", -EINVAL, 0 },
        { "-1s", -EINVAL, 0 },
        { "+1s", -EINVAL, 0 },
        { "min", -EINVAL, 0 },
        { "1 fortnight", -EINVAL, 0 },
        { "10MIN", -EINVAL, 0 },
        { "1s,5ms", -EINVAL, 0 },
        { ".", -EINVAL, 0 },
        { ".s", -EINVAL, 0 },
        { "3.s", -EINVAL, 0 },
        { "1h .", -EINVAL, 0 },
        { "infinity 1s", -EINVAL, 0 },
        { "1s infinity", -EINVAL, 0 },
        { "Infinity", -EINVAL, 0 },
};

static void test_timespan_parse(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(span_cases); i++) {
                usec_t span = 4711;
                int r = timespan_parse(span_cases[i].s, &span);

                if (r != span_cases[i].r || span != (r < 0 ? 4711 : span_cases[i].span))
                        fail_msg("'%s': %d, %" PRIu64, span_cases[i].s, r, span);
        }
}

static void test_timespan_format(void **state) {
        static const struct {
                usec_t span;
                const char *s;
        } cases[] = {
                { 0, "0s" },
                { 999, "0s" },
                { 250 * USEC_PER_MSEC, "250ms" },
                { 1500 * USEC_PER_MSEC, "1s 500ms" },
                { 45250 * USEC_PER_MSEC, "45s" },
                { 90 * USEC_PER_SEC, "1min 30s" },
                { USEC_PER_HOUR, "1h" },
                { 90 * USEC_PER_MINUTE, "1h 30min" },
                { USEC_PER_HOUR + 59 * USEC_PER_SEC, "1h" },
                { 25 * USEC_PER_HOUR, "1d 1h" },
                { 400 * USEC_PER_DAY, "400d" },
                { USEC_INFINITY - 1, "213503982d 8h" },
                { USEC_INFINITY, "infinity" },
        };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_text(FORMAT_TIMESPAN(cases[i].span), cases[i].s);
}

/* What was shown reads as no more than was meant, and as the same when it is shown again. */
static void test_timespan_round_trip(void **state) {
        Random random = { 3 };

        (void) state;

        for (unsigned i = 0; i < 20000; i++) {
                usec_t span = random_u64(&random) >> random_below(&random, 64), read;
                char shown[TIMESPAN_CHARS_MAX];

                (void) timespan_format(span, shown);
                assert_int_equal(timespan_parse(shown, &read), 0);
                if (read > span || !streq(FORMAT_TIMESPAN(read), shown))
                        fail_msg("%" PRIu64 ", '%s', %" PRIu64, span, shown, read);
        }
}

static void test_saturation(void **state) {
        (void) state;

        assert_int_equal(usec_add(1, 2), 3);
        assert_int_equal(usec_add(USEC_INFINITY, 0), USEC_INFINITY);
        assert_int_equal(usec_add(USEC_INFINITY, USEC_INFINITY), USEC_INFINITY);
        assert_int_equal(usec_add(USEC_INFINITY - 1, 1), USEC_INFINITY);
        assert_int_equal(usec_add(USEC_INFINITY - 1, 2), USEC_INFINITY);
        assert_int_equal(usec_add(0, USEC_INFINITY - 1), USEC_INFINITY - 1);
        assert_int_equal(usec_sub(3, 2), 1);
        assert_int_equal(usec_sub(2, 3), 0);
        assert_int_equal(usec_sub(2, USEC_INFINITY), 0);
        assert_int_equal(usec_sub(USEC_INFINITY, 5), USEC_INFINITY);
        assert_int_equal(usec_sub(USEC_INFINITY, USEC_INFINITY), USEC_INFINITY);
}

static void test_rfc3339(void **state) {
        static const struct {
                usec_t t;
                const char *s;
        } cases[] = {
                { 0, "1970-01-01T00:00:00Z" },
                { UINT64_C(951782400) * USEC_PER_SEC, "2000-02-29T00:00:00Z" },
                { UINT64_C(1771569000) * USEC_PER_SEC + 999999, "2026-02-20T06:30:00Z" },
                { UINT64_C(4107542399) * USEC_PER_SEC, "2100-02-28T23:59:59Z" },
                { UINT64_C(4107542400) * USEC_PER_SEC, "2100-03-01T00:00:00Z" },
                { UINT64_C(253402300799) * USEC_PER_SEC, "9999-12-31T23:59:59Z" },
        };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_text(FORMAT_RFC3339(cases[i].t), cases[i].s);
        assert_null(FORMAT_RFC3339(UINT64_C(253402300800) * USEC_PER_SEC));
        assert_null(FORMAT_RFC3339(USEC_INFINITY - 1));
        assert_null(FORMAT_RFC3339(USEC_INFINITY));
}

static void test_bytes_format(void **state) {
        (void) state;

        assert_text(FORMAT_BYTES(0), "0 B");
        assert_text(FORMAT_BYTES(1023), "1023 B");
        assert_text(FORMAT_BYTES(1024), "1.0 KiB");
        assert_text(FORMAT_BYTES(1536 * 1024), "1.5 MiB");
        assert_text(FORMAT_BYTES(UINT64_C(512) << 20), "512 MiB");
        assert_text(FORMAT_BYTES(UINT64_MAX), "16777216 TiB");
}

static void test_clocks(void **state) {
        usec_t wall = clock_realtime(&clock_system), boot = clock_boottime(&clock_system);

        (void) state;

        assert_true(wall > UINT64_C(1700000000) * USEC_PER_SEC);
        assert_true(boot < wall);
        assert_true(clock_boottime(&clock_system) >= boot);
}

/* --- chance --- */

static void test_random(void **state) {
        Random a = { 5 }, b = { 5 }, c, zero = { 0 };
        bool seen[7] = {};

        (void) state;

        /* Reference values of SplitMix64 from 0 (Steele, Lea, Flood). */
        assert_int_equal(random_u64(&zero), UINT64_C(0xe220a8397b1dcdaf));
        assert_int_equal(random_u64(&zero), UINT64_C(0x6e789e6aa1b965f4));
        assert_int_equal(random_u64(&zero), UINT64_C(0x06c45d188009454f));

        random_init(&c);
        for (unsigned i = 0; i < 10000; i++) {
                uint64_t n = random_u64(&c) >> random_below(&c, 64);

                assert_int_equal(random_u64(&a), random_u64(&b));
                assert_int_equal(random_below(&c, 0), 0);
                assert_int_equal(random_below(&c, 1), 0);
                assert_true(random_below(&c, UINT64_MAX) < UINT64_MAX);
                if (n > 0)
                        assert_true(random_below(&c, n) < n);
                seen[random_below(&a, ELEMENTSOF(seen))] = true;
                (void) random_u64(&b);
        }
        for (size_t i = 0; i < ELEMENTSOF(seen); i++)
                assert_true(seen[i]);
}

/* --- waits --- */

/* base * 2^(n-1), at most max: the bound by another way. */
static usec_t bound(const Backoff *b, unsigned n) {
        unsigned __int128 delay = b->base_usec;

        for (unsigned i = 1; i < n && delay < b->max_usec; i++)
                delay *= 2;
        return delay > b->max_usec ? b->max_usec : (usec_t) delay;
}

static void test_backoff(void **state) {
        static const Backoff cases[] = {
                { 10 * USEC_PER_SEC, 6 * USEC_PER_HOUR },
                { 1, USEC_INFINITY },
                { 3, USEC_INFINITY - 1 },
                { USEC_INFINITY - 1, USEC_INFINITY },
                { USEC_PER_DAY, USEC_PER_SEC }, /* the most wins */
                { 7, 7 },
        };
        Random random = { 9 };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (unsigned n = 1; n <= 200; n++) {
                        usec_t most = bound(&cases[i], n);

                        for (unsigned j = 0; j < 20; j++) {
                                usec_t delay = backoff_delay(&cases[i], n, &random);

                                if (delay > most || delay < most - most / 2 - 1)
                                        fail_msg("case %zu, %u failures: %" PRIu64 " of %" PRIu64,
                                                i, n, delay, most);
                        }
                }
        for (unsigned j = 0; j < 100; j++) {
                usec_t delay = backoff_delay(&cases[0], UINT_MAX, &random);

                assert_true(delay >= 3 * USEC_PER_HOUR && delay <= 6 * USEC_PER_HOUR);
        }
        assert_int_equal(backoff_delay(&(Backoff){ 0, USEC_PER_SEC }, UINT_MAX, &random), 0);
        assert_int_equal(backoff_delay(&(Backoff){ USEC_PER_SEC, 0 }, UINT_MAX, &random), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_timespan_parse),
                cmocka_unit_test(test_timespan_format),
                cmocka_unit_test(test_timespan_round_trip),
                cmocka_unit_test(test_saturation),
                cmocka_unit_test(test_rfc3339),
                cmocka_unit_test(test_bytes_format),
                cmocka_unit_test(test_clocks),
                cmocka_unit_test(test_random),
                cmocka_unit_test(test_backoff),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
