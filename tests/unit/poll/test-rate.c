/* SPDX-License-Identifier: MIT */

/* What is learned of feeds' rhythms, and what it saves: a fixed mix of feeds against a poll every
 * quarter of an hour. */

#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "poll/interval.h"

/* --- counting --- */

static void count_items(FeedRate *rate, usec_t at_usec, unsigned n) {
        PollNews news = {};

        for (unsigned i = 0; i < n; i++)
                poll_news_add(&news, at_usec, at_usec - 10 * MINUTE, at_usec);
        rate_count(rate, &news, at_usec);
}

static void test_nothing_known(void **state) {
        FeedRate rate = {};

        (void) state;
        assert_in_range(rate_interval(&rate, NOW, false), 29 * MINUTE, 31 * MINUTE);
        /* and it wears off */
        for (usec_t t = NOW; t < NOW + 60 * DAY; t += HOUR)
                count_items(&rate, t, 0);
        assert_int_equal(rate_interval(&rate, NOW + 60 * DAY, false), RATE_INTERVAL_MAX_USEC);
}

static const struct {
        const char *name;
        usec_t gap, least, most;
} steady[] = {
        { "ten an hour", 6 * MINUTE, 10 * MINUTE, 10 * MINUTE },
        { "one an hour", HOUR, 10 * MINUTE, 11 * MINUTE },
        { "four a day, at the same hours", 6 * HOUR, 12 * MINUTE, HOUR },
        { "one a day, at the same hour", DAY, 10 * MINUTE, 3 * HOUR },
        { "one a week", 7 * DAY, 20 * MINUTE, 6 * HOUR },
        { "one in two months", 60 * DAY, 5 * HOUR, 6 * HOUR },
};

static void test_steady(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(steady); i++) {
                FeedRate rate = {};
                usec_t t = NOW, next = NOW + steady[i].gap, least = USEC_INFINITY, most = 0;

                for (; t < NOW + 50 * DAY; t += 10 * MINUTE) {
                        unsigned n = 0;

                        for (; next <= t; next += steady[i].gap)
                                n++;
                        count_items(&rate, t, n);
                }
                for (usec_t at = t; at < t + DAY; at += HOUR) {
                        usec_t interval = rate_interval(&rate, at, false);

                        least = MIN(least, interval);
                        most = MAX(most, interval);
                        assert_true(rate_interval(&rate, at, true) <= interval);
                        assert_true(rate_interval(&rate, at, true) >= RATE_INTERVAL_MIN_USEC);
                }
                if (least < steady[i].least || most > steady[i].most)
                        fail_msg("%s: %s to %s", steady[i].name, FORMAT_TIMESPAN(least),
                                FORMAT_TIMESPAN(most));
        }
}

/* Once a day at half past nine: the polls gather there, and one before comes in time. */
static void frb_023_hour_of_day(void **state) {
        FeedRate rate = {};
        usec_t midnight = NOW - NOW % DAY, t;
        unsigned n_near = 0, n_all = 0;

        (void) state;
        for (t = midnight; t < midnight + 40 * DAY; t += 10 * MINUTE)
                count_items(&rate, t, t % DAY == 9 * HOUR + 30 * MINUTE);
        assert_true(rate_at(&rate, t + 9 * HOUR) > 10 * rate_at(&rate, t + 20 * HOUR));
        assert_int_equal(rate_peak(&rate), rate_at(&rate, t + 9 * HOUR));

        for (usec_t at = t; at < t + DAY; n_all++) {
                usec_t next = at + rate_interval(&rate, at, false);

                if (at >= t + 8 * HOUR && at < t + 11 * HOUR)
                        n_near++;
                at = next;
        }
        assert_in_range(n_near, 7, 14);
        assert_in_range(n_all, 14, 30);
}

/* A backlog tells by its dates, and by nothing else. */
static void test_backlog(void **state) {
        PollNews news = {}, undated = {}, ancient = {};
        FeedRate rate = {}, unknown = {};

        (void) state;
        for (unsigned i = 1; i <= 48; i++)
                poll_news_add(&news, NOW - i * HOUR, USEC_INFINITY, NOW);
        rate_count(&rate, &news, NOW);
        assert_in_range(rate_at(&rate, NOW), 800, 1200);
        assert_int_equal(news.n_missed, 0);
        assert_true(news.newest_usec == NOW - HOUR);

        for (unsigned i = 1; i <= 48; i++) {
                poll_news_add(&undated, USEC_INFINITY, USEC_INFINITY, NOW);
                poll_news_add(&ancient, NOW - 100 * DAY - i * HOUR, USEC_INFINITY, NOW);
        }
        rate_count(&unknown, &undated, NOW);
        assert_in_range(rate_interval(&unknown, NOW, false), 29 * MINUTE, 31 * MINUTE);
        rate_count(&unknown, &ancient, NOW);
        assert_in_range(rate_interval(&unknown, NOW, false), 29 * MINUTE, 31 * MINUTE);
        assert_int_equal(undated.n_items, 48);
}

/* Dates that are no help, clocks that jump and counts without end. */
static void test_odd(void **state) {
        FeedRate rate = {};
        PollNews news = {};

        (void) state;
        poll_news_add(&news, NOW + 100 * DAY, NOW - HOUR, NOW); /* of the future: now */
        poll_news_add(&news, USEC_INFINITY, NOW - HOUR, NOW);
        poll_news_add(&news, 0, NOW - HOUR, NOW);
        assert_int_equal(news.hours[NOW / HOUR % 24], 3);
        assert_int_equal(news.n_missed, 2);

        rate_count(&rate, &news, NOW);
        rate_count(&rate, &news, NOW - 1000 * DAY);
        rate_count(&rate, &news, NOW + 100000 * DAY);
        assert_in_range(
                rate_interval(&rate, NOW, false), RATE_INTERVAL_MIN_USEC, RATE_INTERVAL_MAX_USEC);
        for (unsigned i = 0; i < FEED_HOURS; i++)
                news.hours[i] = UINT32_MAX;
        for (unsigned i = 0; i < 10; i++)
                rate_count(&rate, &news, NOW + 100000 * DAY);
        assert_int_equal(rate_interval(&rate, NOW, false), RATE_INTERVAL_MIN_USEC);
        rate = (FeedRate){ .n_minutes = UINT32_MAX, .counted_usec = NOW };
        rate_count(&rate, &(PollNews){}, NOW + DAY);
        assert_int_equal(rate_interval(&rate, NOW, false), RATE_INTERVAL_MAX_USEC);
}

/* --- what it saves --- */

#define MIX_DAYS 30

typedef struct Tally {
        uint64_t n_polls, n_items;
        usec_t *delays;
} Tally;

/* When the feed next has an item after @t: by chance, @per_day on average, from 6 to 22 h
 * alone when @by_day. */
static usec_t next_item(usec_t t, unsigned per_day, bool by_day, Random *random) {
        if (per_day == 0)
                return USEC_INFINITY;
        for (;;) {
                t += MINUTE;
                if (by_day && (t / HOUR % 24 < 6 || t / HOUR % 24 >= 22))
                        continue;
                if (random_below(random, by_day ? 16 * 60 : 24 * 60) < per_day)
                        return t;
        }
}

static void simulate(unsigned per_day, bool by_day, uint64_t seed, Tally *tally) {
        Random random = { .state = seed }, chance = { .state = ~seed };
        const PollPolicy policy = { .interval_auto = true, .phase = (uint16_t) (seed * 7919) };
        usec_t start = NOW - NOW % DAY, t = start,
               item = next_item(start, per_day, by_day, &random);
        Feed feed = FEED_INIT;

        while (t < start + MIX_DAYS * DAY) {
                PollAnswer answer = { .outcome = POLL_NOT_MODIFIED, .status = 304 };
                unsigned events;

                for (; item <= t; item = next_item(item, per_day, by_day, &random)) {
                        poll_news_add(&answer.news, item,
                                feed.polled_once ? feed.last_success_usec : USEC_INFINITY, t);
                        tally->delays[tally->n_items++] = t - item;
                        answer.n_new_items++;
                }
                if (answer.n_new_items > 0 || !feed.polled_once) {
                        answer.outcome = POLL_READ;
                        answer.status = 200;
                        answer.n_items = 20 + answer.n_new_items;
                }
                assert_int_equal(schedule_answer(&feed, &policy, &answer, t, &chance, &events), 0);
                assert_true(feed.next_poll_usec >= t + RATE_INTERVAL_MIN_USEC);
                tally->n_polls++;
                t = feed.next_poll_usec;
        }
        feed_done(&feed);
}

static int by_size(const void *a, const void *b) {
        const usec_t x = *(const usec_t *) a, y = *(const usec_t *) b;

        return x < y ? -1 : x > y;
}

/* 30 feeds that have an item an hour by day, 40 with one a day, 30 that are silent, for 30 days:
 * fewer requests than with a poll every 15 min, and news no later. */
static void test_mix(void **state) {
        const uint64_t n_fixed = 100 * MIX_DAYS * 96;

        (void) state;
        for (uint64_t seed = 1; seed <= 5; seed++) {
                _cleanup_free_ usec_t *delays = malloc(sizeof(usec_t) * 40000);
                Tally tally = { .delays = delays };
                usec_t median;

                assert_non_null(delays);
                for (unsigned i = 0; i < 100; i++)
                        simulate(i < 30 ? 16 : i < 70 ? 1 : 0, i < 30, seed * 1000 + i, &tally);
                qsort(tally.delays, tally.n_items, sizeof(usec_t), by_size);
                median = tally.delays[tally.n_items / 2];
                if (getenv("PICKET_TEST_FIGURES"))
                        print_message("seed %u: %.1f %% of the requests, median %s, %u items\n",
                                (unsigned) seed, 100.0 * (double) tally.n_polls / (double) n_fixed,
                                FORMAT_TIMESPAN(median), (unsigned) tally.n_items);
                assert_true(tally.n_polls * 100 <= n_fixed * 52);
                assert_true(median <= 6 * MINUTE);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_nothing_known),
                cmocka_unit_test(test_steady),
                cmocka_unit_test(frb_023_hour_of_day),
                cmocka_unit_test(test_backlog),
                cmocka_unit_test(test_odd),
                cmocka_unit_test(test_mix),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
