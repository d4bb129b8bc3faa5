/* SPDX-License-Identifier: MIT */

#include "support.h"

static const struct {
        const char *name;
        PollPolicy policy;
        usec_t silence;
        PollAnswer answer;
        usec_t expected;
} waits[] = {
        { "configured", { .interval_usec = MINUTE }, DAY,
                { .outcome = POLL_READ, .status = 200, .n_new_items = 1 }, MINUTE },
        { "configured, long", { .interval_usec = 2 * DAY }, DAY,
                { .outcome = POLL_READ, .status = 200 }, 2 * DAY },
        { "configured, too short", { .interval_usec = 1 }, DAY,
                { .outcome = POLL_READ, .status = 200 }, MINUTE },

        { "max-age on a 200", { .interval_usec = MINUTE }, DAY,
                { .outcome = POLL_READ, .status = 200, .max_age_usec = HOUR }, HOUR },
        { "max-age on a 304", { .interval_usec = MINUTE }, DAY,
                { .outcome = POLL_NOT_MODIFIED, .status = 304, .max_age_usec = HOUR }, HOUR },
        { "max-age shorter than ours", { .interval_usec = 2 * HOUR }, DAY,
                { .outcome = POLL_READ, .status = 200, .max_age_usec = HOUR }, 2 * HOUR },
        { "max-age of years", { .interval_usec = MINUTE }, DAY,
                { .outcome = POLL_READ, .status = 200, .max_age_usec = 6000 * DAY }, 6 * HOUR },
        { "ttl", { .interval_usec = MINUTE }, DAY,
                { .outcome = POLL_READ, .status = 200, .ttl_usec = 2 * HOUR }, 2 * HOUR },
        { "ttl and max-age", { .interval_usec = MINUTE }, DAY,
                { .outcome = POLL_READ,
                        .status = 200,
                        .ttl_usec = 2 * HOUR,
                        .max_age_usec = 3 * HOUR },
                3 * HOUR },
        { "ttl unknown", { .interval_usec = MINUTE }, DAY,
                { .outcome = POLL_READ,
                        .status = 200,
                        .ttl_usec = USEC_INFINITY,
                        .max_age_usec = USEC_INFINITY,
                        .retry_after_usec = USEC_INFINITY },
                MINUTE },
        { "hint under a long interval of ours", { .interval_usec = 12 * HOUR }, DAY,
                { .outcome = POLL_READ, .status = 200, .max_age_usec = DAY }, 12 * HOUR },

        { "first failure", { .interval_usec = 10 * MINUTE }, DAY,
                { .outcome = POLL_FAILED, .status = 500 }, 10 * MINUTE },
        { "503 with Retry-After", { .interval_usec = 10 * MINUTE }, DAY,
                { .outcome = POLL_FAILED, .status = 503, .retry_after_usec = 3 * HOUR }, 3 * HOUR },
        { "503 with a short Retry-After", { .interval_usec = 10 * MINUTE }, DAY,
                { .outcome = POLL_FAILED, .status = 503, .retry_after_usec = 1 }, 10 * MINUTE },
        { "Retry-After over the cap of hints", { .interval_usec = 10 * MINUTE }, DAY,
                { .outcome = POLL_FAILED,
                        .trouble = FEED_TROUBLE_RATE_LIMITED,
                        .status = 429,
                        .retry_after_usec = 3 * DAY },
                3 * DAY },
        { "Retry-After over its own cap", { .interval_usec = 10 * MINUTE }, DAY,
                { .outcome = POLL_FAILED,
                        .trouble = FEED_TROUBLE_RATE_LIMITED,
                        .status = 429,
                        .retry_after_usec = 30 * DAY },
                7 * DAY },
        { "429 without Retry-After", { .interval_usec = 10 * MINUTE }, DAY,
                { .outcome = POLL_FAILED, .trouble = FEED_TROUBLE_RATE_LIMITED, .status = 429 },
                HOUR },
        { "429 with Retry-After", { .interval_usec = 10 * MINUTE }, DAY,
                { .outcome = POLL_FAILED,
                        .trouble = FEED_TROUBLE_RATE_LIMITED,
                        .status = 429,
                        .retry_after_usec = 20 * MINUTE },
                20 * MINUTE },
};

static void test_waits(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(waits); i++) {
                Feed feed = known_feed(waits[i].silence);

                (void) take(&feed, &waits[i].policy, waits[i].answer, NOW);
                assert_wait(waits[i].name, &feed, NOW, waits[i].expected);
                assert_int_equal(feed.last_poll_usec, NOW);
                assert_int_equal(feed.last_status, waits[i].answer.status);
                feed_done(&feed);
        }
}

static void test_first_read(void **state) {
        Feed feed = FEED_INIT;

        (void) state;
        assert_int_equal(schedule_due(&feed, &automatic, NOW), 0);
        (void) take(&feed, &automatic,
                (PollAnswer){ .outcome = POLL_READ,
                        .status = 200,
                        .n_items = 50,
                        .n_new_items = 50,
                        .title = "A" },
                NOW);
        assert_wait("first read", &feed, NOW, 30 * MINUTE);
        assert_true(feed.polled_once);
        assert_int_equal(feed.n_items, 50);
        assert_string_equal(feed.title, "A");
        feed_done(&feed);
}

/* Expected wait after the nth failure in a row. */
static usec_t after_failures(usec_t base, unsigned n) {
        usec_t wait = base << MIN(n - 1, 20u);

        return MIN(wait, DAY);
}

static void frb_110_119_failures_in_a_row(void **state) {
        static const struct {
                unsigned status;
                usec_t base;
        } rows[] = { { 0, 10 * MINUTE }, { 404, 10 * MINUTE }, { 400, 10 * MINUTE },
                { 403, 4 * HOUR }, { 401, DAY }, { 407, DAY }, { 500, 10 * MINUTE },
                { 503, 10 * MINUTE }, { 429, HOUR }, { 206, 10 * MINUTE },
                { 200, 10 * MINUTE } /* stopped being a feed */ };

        (void) state;
        for (size_t s = 0; s < ELEMENTSOF(rows); s++) {
                PollAnswer answer = { .outcome = POLL_FAILED,
                        .status = rows[s].status,
                        .trouble = schedule_trouble(rows[s].status),
                        .message = "broken" };
                usec_t base = rows[s].base, now_usec = NOW;

                if (answer.trouble == FEED_TROUBLE_NONE)
                        answer.trouble = FEED_TROUBLE_NO_FEED;
                Feed feed = known_feed(DAY);

                for (unsigned n = 1; now_usec < NOW + 30 * DAY; n++) {
                        unsigned events = take(&feed, &ten_minutes, answer, now_usec);

                        assert_int_equal(events, n == 1 ? POLL_EVENT_TROUBLE : 0);
                        assert_int_equal(feed.n_failures, n);
                        assert_string_equal(feed.last_error, "broken");
                        assert_wait("in a row", &feed, now_usec, after_failures(base, n));
                        now_usec = feed.next_poll_usec;
                }
                for (unsigned n = 0; n < 50; n++) { /* for years */
                        unsigned events = take(&feed, &ten_minutes, answer, now_usec);

                        assert_int_equal(events, n == 0 ? POLL_EVENT_NEGLECTED : 0);
                        assert_wait("neglected", &feed, now_usec, 7 * DAY);
                        now_usec = feed.next_poll_usec;
                }

                answer = (PollAnswer){ .outcome = POLL_NOT_MODIFIED, .status = 304 };
                assert_int_equal(
                        take(&feed, &ten_minutes, answer, now_usec) & ~(unsigned) POLL_EVENT_SILENT,
                        POLL_EVENT_RECOVERED);
                assert_int_equal(feed.n_failures, 0);
                assert_null(feed.last_error);
                assert_wait("recovered", &feed, now_usec, 10 * MINUTE);
                assert_int_equal(take(&feed, &ten_minutes, answer, now_usec), 0);
                feed_done(&feed);
        }
}

/* The cap of a day does not shorten an interval that is longer. */
static void test_failures_of_a_rare_feed(void **state) {
        const PollPolicy rare = { .interval_usec = 3 * DAY };
        Feed feed = known_feed(DAY);

        (void) state;
        for (unsigned i = 0; i < 3; i++) {
                (void) take(
                        &feed, &rare, (PollAnswer){ .outcome = POLL_FAILED, .status = 500 }, NOW);
                assert_wait("rare", &feed, NOW, 3 * DAY);
        }
        feed_done(&feed);
}

static const char long_validator[1100] = { [0 ... 1098] = 'x' };

static const struct {
        const char *name;
        PollOutcome outcome;
        const char *etag, *last_modified, *expected_etag, *expected_last_modified;
} validators[] = {
        { "200 with both", POLL_READ, "W/\"2\"", "new", "W/\"2\"", "new" },
        { "200 with one clears the other", POLL_READ, "\"2\"", NULL, "\"2\"", NULL },
        { "200 with none clears both", POLL_READ, NULL, NULL, NULL, NULL },
        { "200 with an empty one", POLL_READ, "", "new", NULL, "new" },
        { "200, control character", POLL_READ, "\"a\x01\"", "new", NULL, "new" },
        { "200, too long", POLL_READ, long_validator, "new", NULL, "new" },
        { "304 with both", POLL_NOT_MODIFIED, "\"2\"", "new", "\"2\"", "new" },
        { "304 with an ETag", POLL_NOT_MODIFIED, "\"2\"", NULL, "\"2\"", "old" },
        { "304 with a date", POLL_NOT_MODIFIED, NULL, "new", "\"1\"", "new" },
        { "304 with none", POLL_NOT_MODIFIED, NULL, NULL, "\"1\"", "old" },
        { "304, bad one", POLL_NOT_MODIFIED, "a\nb", NULL, "\"1\"", "old" },
        { "failure", POLL_FAILED, "\"2\"", "new", "\"1\"", "old" },
};

static void test_validators(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(validators); i++) {
                Feed feed = known_feed(DAY);
                PollAnswer answer = { .outcome = validators[i].outcome,
                        .etag = validators[i].etag,
                        .last_modified = validators[i].last_modified };

                feed.etag = strdup("\"1\"");
                feed.last_modified = strdup("old");
                (void) take(&feed, &ten_minutes, answer, NOW);
                if (!streq_ptr(feed.etag, validators[i].expected_etag) ||
                        !streq_ptr(feed.last_modified, validators[i].expected_last_modified))
                        fail_msg("%s: %s, %s", validators[i].name, strna(feed.etag),
                                strna(feed.last_modified));
                feed_done(&feed);
        }
}

/* What a feed said last holds over 304s; what the server said is replaced by each answer. */
static void test_hints_over_answers(void **state) {
        const PollPolicy minute = { .interval_usec = MINUTE };
        Feed feed = known_feed(DAY);

        (void) state;
        (void) take(&feed, &minute,
                (PollAnswer){ .outcome = POLL_READ,
                        .status = 200,
                        .ttl_usec = HOUR,
                        .max_age_usec = 2 * HOUR },
                NOW);
        assert_wait("both", &feed, NOW, 2 * HOUR);
        (void) take(
                &feed, &minute, (PollAnswer){ .outcome = POLL_NOT_MODIFIED, .status = 304 }, NOW);
        assert_wait("ttl stays", &feed, NOW, HOUR);
        (void) take(&feed, &minute, (PollAnswer){ .outcome = POLL_READ, .status = 200 }, NOW);
        assert_wait("nothing said", &feed, NOW, MINUTE);
        feed_done(&feed);
}

static const struct {
        const char *name;
        PollPolicy policy;
        Feed feed;
        usec_t expected;
} dues[] = {
        { "new", { .interval_auto = true }, { .last_poll_usec = USEC_INFINITY }, 0 },
        { "kept", { .interval_auto = true },
                { .last_poll_usec = NOW - HOUR, .next_poll_usec = NOW + HOUR }, NOW + HOUR },
        { "overdue", { .interval_auto = true },
                { .last_poll_usec = NOW - DAY, .next_poll_usec = NOW - HOUR }, NOW - HOUR },
        { "Retry-After", { .interval_auto = true },
                { .last_poll_usec = NOW,
                        .next_poll_usec = NOW + 7 * DAY + 12 * HOUR,
                        .retry_after_usec = NOW + 7 * DAY },
                NOW + 7 * DAY + 12 * HOUR },
        { "poll by hand before Retry-After", { .interval_auto = true },
                { .last_poll_usec = NOW, .next_poll_usec = 0, .retry_after_usec = NOW + HOUR },
                NOW + HOUR },
        { "too far off", { .interval_auto = true },
                { .last_poll_usec = NOW - HOUR, .next_poll_usec = NOW + 15 * DAY }, NOW },
        { "too far off, Retry-After", { .interval_auto = true },
                { .last_poll_usec = NOW - HOUR,
                        .next_poll_usec = NOW,
                        .retry_after_usec = NOW + 80 * DAY },
                NOW },
        { "far off as configured", { .interval_usec = 30 * DAY },
                { .last_poll_usec = NOW, .next_poll_usec = NOW + 31 * DAY }, NOW + 31 * DAY },
        { "last poll ahead", { .interval_auto = true },
                { .last_poll_usec = NOW + HOUR, .next_poll_usec = NOW + 2 * HOUR }, NOW },
        { "clock stepped a little", { .interval_auto = true },
                { .last_poll_usec = NOW + USEC_PER_SEC, .next_poll_usec = NOW + HOUR },
                NOW + HOUR },
        { "interval shortened", { .interval_usec = 10 * MINUTE },
                { .last_poll_usec = NOW, .next_poll_usec = NOW + 6 * HOUR }, NOW + 11 * MINUTE },
        { "interval shortened, max-age stays", { .interval_usec = 10 * MINUTE },
                { .last_poll_usec = NOW, .next_poll_usec = NOW + 6 * HOUR, .max_age_usec = HOUR },
                NOW + 66 * MINUTE },
        { "interval shortened, failing", { .interval_usec = 10 * MINUTE },
                { .last_poll_usec = NOW, .next_poll_usec = NOW + 6 * HOUR, .n_failures = 5 },
                NOW + 6 * HOUR },
};

static void test_due(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(dues); i++)
                if (schedule_due(&dues[i].feed, &dues[i].policy, NOW) != dues[i].expected)
                        fail_msg("%s", dues[i].name);
}

/* Kept under a clock that was years ahead: nothing waits for those years to pass. */
static void test_clock_was_ahead(void **state) {
        const PollAnswer missing = {
                .outcome = POLL_FAILED, .status = 410, .trouble = FEED_TROUBLE_GONE
        };
        const usec_t ahead = NOW + 3650 * DAY;
        Feed feed = known_feed(DAY);

        (void) state;
        feed.last_success_usec = feed.last_read_usec = feed.last_item_usec = feed.last_poll_usec =
                feed.not_modified_since_usec = feed.last_probe_usec = feed.failing_since_usec =
                        feed.gone_since_usec = feed.move_since_usec = feed.rate.counted_usec =
                                ahead;
        assert_int_equal(schedule_due(&feed, &automatic, NOW), NOW);
        (void) take(&feed, &automatic, missing, NOW);
        assert_int_equal(feed.failing_since_usec, NOW);
        assert_false(feed.gone);
        (void) take(&feed, &automatic, missing, NOW + 25 * HOUR);
        assert_true(feed.gone);
        assert_true(feed.last_item_usec <= NOW && feed.move_since_usec <= NOW);
        feed_done(&feed);
}

static void test_jitter_spreads(void **state) {
        Random random = { .state = 1 };
        usec_t first = USEC_INFINITY, last = 0;

        (void) state;
        for (unsigned i = 0; i < 1000; i++) {
                Feed feed = known_feed(DAY);
                PollAnswer answer = { .outcome = POLL_READ, .status = 200 };
                unsigned events;

                assert_int_equal(
                        schedule_answer(&feed, &ten_minutes, &answer, NOW, &random, &events), 0);
                first = MIN(first, feed.next_poll_usec - NOW);
                last = MAX(last, feed.next_poll_usec - NOW);
                feed_done(&feed);
        }
        assert_in_range(first, 10 * MINUTE, 10 * MINUTE + 2 * USEC_PER_SEC);
        assert_in_range(last, 11 * MINUTE - 2 * USEC_PER_SEC, 11 * MINUTE);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_waits),
                cmocka_unit_test(test_first_read),
                cmocka_unit_test(frb_110_119_failures_in_a_row),
                cmocka_unit_test(test_failures_of_a_rare_feed),
                cmocka_unit_test(test_validators),
                cmocka_unit_test(test_hints_over_answers),
                cmocka_unit_test(test_due),
                cmocka_unit_test(test_clock_was_ahead),
                cmocka_unit_test(test_jitter_spreads),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
