/* SPDX-License-Identifier: MIT */

/* The list of good manners of docs/polling.md, as far as it is decided here: each test carries the
 * number of its statement, and those that answer a requirement of the Feed Reader Behavior project
 * (https://rachelbythebay.com/frb/) that of the requirement. */

#include "support.h"

#include <stdio.h>

#include "poll/validators.h"

#define RFC850 "Sunday, 06-Nov-94 08:49:37 GMT"

static PollAnswer read_with(const char *etag, const char *last_modified) {
        return (PollAnswer){ .outcome = POLL_READ,
                .status = 200,
                .etag = etag,
                .last_modified = last_modified,
                .n_items = 10,
                .format = FEED_RSS20 };
}

static PollAnswer not_modified(const char *etag, const char *last_modified) {
        return (PollAnswer){ .outcome = POLL_NOT_MODIFIED,
                .status = 304,
                .asked_conditionally = true,
                .etag = etag,
                .last_modified = last_modified };
}

static PollAnswer failed(unsigned status) {
        return (PollAnswer){ .outcome = POLL_FAILED,
                .status = status,
                .trouble = schedule_trouble(status),
                .message = "failed" };
}

/* What the next request carries. NULL: not sent. */
static void assert_sends(
        const Feed *feed, usec_t now_usec, const char *etag, const char *last_modified) {
        PollValidators v = poll_validators(feed, now_usec);

        if (!streq_ptr(v.etag, etag) || !streq_ptr(v.last_modified, last_modified))
                fail_msg("sends %s and %s, expected %s and %s", strna(v.etag),
                        strna(v.last_modified), strna(etag), strna(last_modified));
}

/* --- 1 to 4: conditional requests --- */

static void s11_01_newest_validators(void **state) {
        PollAnswer same = read_with("\"3\"", "c");
        Feed feed = known_feed(DAY);

        (void) state;
        (void) take(&feed, &ten_minutes, read_with("\"1\"", "a"), NOW);
        assert_sends(&feed, NOW, "\"1\"", "a");
        (void) take(&feed, &ten_minutes, not_modified("\"2\"", NULL), NOW);
        assert_sends(&feed, NOW, "\"2\"", "a");
        (void) take(&feed, &ten_minutes, not_modified(NULL, "b"), NOW);
        assert_sends(&feed, NOW, "\"2\"", "b");
        same.outcome = POLL_SAME; /* the bytes of last time, and new validators */
        (void) take(&feed, &ten_minutes, same, NOW);
        assert_sends(&feed, NOW, "\"3\"", "c");
        (void) take(&feed, &ten_minutes, read_with("\"4\"", NULL), NOW);
        assert_sends(&feed, NOW, "\"4\"", NULL); /* none is kept that was not sent */
        same = read_with(NULL, "e");
        same.outcome = POLL_SAME;
        (void) take(&feed, &ten_minutes, same, NOW);
        assert_sends(&feed, NOW, NULL, "e");
        feed_done(&feed);
}

static void s11_02_verbatim(void **state) {
        static const char *const etags[] = { "W/\"a-gzip\"", "\"\"", "unquoted", "W/\"\\\"",
                "\"a b\"", "\"\xc3\xa9\"", "w/\"x\"", "0" };
        static const char *const dates[] = { RFC850, "Sun Nov  6 08:49:37 1994", "yesterday", "0",
                "Sun, 06 Nov 1994 08:49:37 +0000" };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(etags); i++) {
                Feed feed = known_feed(DAY);
                const char *date = dates[i % ELEMENTSOF(dates)];

                (void) take(&feed, &ten_minutes, read_with(etags[i], date), NOW);
                assert_sends(&feed, NOW, etags[i], date);
                feed_done(&feed);
        }
}

/* Not later than the stored one: it is read all the same, and its date is the one to send. */
static void s11_03_older_last_modified(void **state) {
        PollAnswer older = read_with(NULL, "Mon, 02 Jan 2006 15:04:05 GMT");
        Feed feed = known_feed(DAY);

        (void) state;
        (void) take(&feed, &ten_minutes, read_with(NULL, "Tue, 03 Jan 2006 15:04:05 GMT"), NOW);
        older.n_new_items = 1;
        poll_news_add(&older.news, USEC_INFINITY, NOW, NOW + HOUR);
        (void) take(&feed, &ten_minutes, older, NOW + HOUR);
        assert_int_equal(feed.last_item_usec, NOW + HOUR);
        assert_sends(&feed, NOW, NULL, "Mon, 02 Jan 2006 15:04:05 GMT");
        feed_done(&feed);
}

static void s11_04_first_and_kept(void **state) {
        static const unsigned statuses[] = { 0, 400, 401, 403, 404, 410, 429, 500, 502, 503, 200 };
        Feed feed = FEED_INIT;

        (void) state;
        assert_sends(&feed, NOW, NULL, NULL);
        (void) take(&feed, &ten_minutes, read_with("\"1\"", RFC850), NOW);
        for (size_t i = 0; i < ELEMENTSOF(statuses); i++) {
                PollAnswer answer = failed(statuses[i]);

                answer.etag = "\"of the error page\"";
                answer.last_modified = "now";
                if (statuses[i] == 200) /* a page that is no feed */
                        answer.trouble = FEED_TROUBLE_NO_FEED;
                (void) take(&feed, &ten_minutes, answer, NOW + i * DAY);
                assert_sends(&feed, NOW + i * DAY, "\"1\"", RFC850);
        }
        feed_done(&feed);
}

/* Nor does one that was cut off bring its own: what it lacks would never come. */
static void s11_04_cut_off(void **state) {
        PollAnswer cut = read_with("\"2\"", "later");
        Feed feed = known_feed(DAY);

        (void) state;
        (void) take(&feed, &ten_minutes, read_with("\"1\"", RFC850), NOW);
        cut.cut = true;
        (void) take(&feed, &ten_minutes, cut, NOW);
        assert_sends(&feed, NOW, "\"1\"", RFC850);
        feed_done(&feed);
}

static void frb_012_nothing_invented(void **state) {
        Feed feed = known_feed(DAY);

        (void) state;
        (void) take(&feed, &ten_minutes, read_with(NULL, NULL), NOW);
        assert_sends(&feed, NOW, NULL, NULL);
        (void) take(&feed, &ten_minutes, read_with("", " \x01"), NOW);
        assert_sends(&feed, NOW, NULL, NULL);
        feed_done(&feed);
}

/* Nothing is forgotten with time: not after 12 hours, not after a week of failures. */
static void frb_010_no_loss_of_memory(void **state) {
        Feed feed = known_feed(DAY);

        (void) state;
        (void) take(&feed, &ten_minutes, read_with("\"1\"", RFC850), NOW);
        for (usec_t t = NOW; t < NOW + 29 * DAY; t += 6 * HOUR) {
                assert_sends(&feed, t, "\"1\"", RFC850);
                (void) take(&feed, &ten_minutes, not_modified(NULL, NULL), t);
        }
        feed_done(&feed);
}

static void frb_014_one_set_of_one_address(void **state) {
        PollAnswer redirected = read_with("\"far\"", NULL);
        Feed feed = known_feed(DAY);

        (void) state;
        feed.url = strdup("https://example.org/");
        redirected.url = "https://example.net/";
        redirected.n_redirects = 1;
        (void) take(&feed, &ten_minutes, redirected, NOW);
        assert_string_equal(poll_validators(&feed, NOW).url, "https://example.net/");
        (void) take(&feed, &ten_minutes, read_with("\"near\"", NULL), NOW);
        assert_null(poll_validators(&feed, NOW).url);

        /* Other credentials, headers or expressions: what was served before says nothing. */
        assert_int_equal(validators_check_access(&feed, "-"), 0);
        assert_sends(&feed, NOW, "\"near\"", NULL);
        assert_int_equal(validators_check_access(&feed, "-"), 0);
        assert_sends(&feed, NOW, "\"near\"", NULL);
        assert_int_equal(validators_check_access(&feed, "1234"), 0);
        assert_sends(&feed, NOW, NULL, NULL);
        feed_done(&feed);
}

/* --- servers that get validators wrong --- */

static void test_codings_of_etags(void **state) {
        static const struct {
                const char *etag;
                bool coding;
        } rows[] = { { "\"abc-gzip\"", true }, { "W/\"abc-gzip\"", true }, { "\"abc-br\"", true },
                { "\"abc;gzip\"", true }, { "\"abc--gzip\"", true }, { "abc-gzip", true },
                { "\"abcgzip\"", false }, { "\"gzip\"", false }, { "\"abc-gzip-x\"", false },
                { "\"amber\"", false }, { "\"\"", false }, { "", false }, { NULL, false } };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (etag_has_coding(rows[i].etag) != rows[i].coding)
                        fail_msg("%s", strna(rows[i].etag));
}

/* Apache with mod_deflate: sent verbatim, until it is seen that it is never recognised. */
static void test_etag_that_never_matches(void **state) {
        PollAnswer same = read_with("\"1-gzip\"", RFC850);
        Feed feed = known_feed(DAY);

        (void) state;
        (void) take(&feed, &ten_minutes, same, NOW);
        feed.n_unheeded = 0;
        same.outcome = POLL_SAME;
        same.asked_conditionally = true;
        for (unsigned n = 0; n < 3; n++) {
                assert_sends(&feed, NOW, "\"1-gzip\"", RFC850);
                assert_false(take(&feed, &automatic, same, NOW) & POLL_EVENT_UNHEEDED);
        }
        assert_sends(&feed, NOW, NULL, RFC850);
        /* By date alone it works; and it stays so when the ETag is sent again and again. */
        (void) take(&feed, &automatic, not_modified("\"1-gzip\"", NULL), NOW);
        (void) take(&feed, &automatic, read_with("\"2-gzip\"", RFC850), NOW);
        assert_sends(&feed, NOW, NULL, RFC850);
        assert_false(poll_is_unheeded(&feed));
        /* One without a coding is another matter, and one without a date beside it too. */
        (void) take(&feed, &automatic, read_with("\"3\"", RFC850), NOW);
        assert_sends(&feed, NOW, "\"3\"", RFC850);
        (void) take(&feed, &automatic, read_with("\"4-gzip\"", NULL), NOW);
        assert_sends(&feed, NOW, "\"4-gzip\"", NULL);
        feed_done(&feed);
}

/* The same bytes whatever is asked: an hour at least, told once, until a 304 comes. */
static void test_validators_ignored(void **state) {
        PollAnswer same = read_with("\"1\"", NULL);
        Feed feed = known_feed(DAY);
        unsigned n_told = 0;

        (void) state;
        rate_count(&feed.rate, &(PollNews){ .hours = { [0 ... 23] = 1 } }, NOW - DAY);
        same.outcome = POLL_SAME;
        same.asked_conditionally = true;
        for (unsigned n = 0; n < 10; n++) {
                if (take(&feed, &automatic, same, NOW) & POLL_EVENT_UNHEEDED)
                        n_told++;
                if (n < 2)
                        assert_true(feed.wait_usec < HOUR);
                else
                        assert_wait("unheeded", &feed, NOW, HOUR);
                assert_sends(&feed, NOW, "\"1\"", NULL); /* they are sent on */
        }
        assert_int_equal(n_told, 1);
        assert_int_equal(feed.wait_reason, FEED_REASON_UNHEEDED);
        (void) take(&feed, &ten_minutes, same, NOW);
        assert_wait("configured", &feed, NOW, 10 * MINUTE); /* is kept as it is */
        (void) take(&feed, &automatic, not_modified(NULL, NULL), NOW);
        assert_true(feed.wait_usec < HOUR);
        feed_done(&feed);
}

/* With a date of building that moves, the bytes differ and nothing is new. */
static void test_nothing_new_in_full(void **state) {
        Feed feed = known_feed(DAY);
        PollAnswer answer = read_with(NULL, NULL);

        (void) state;
        for (unsigned n = 0; n < 3; n++)
                (void) take(&feed, &automatic, answer, NOW);
        assert_true(poll_is_unheeded(&feed));
        feed.n_unheeded = 0;
        answer.n_changed_items = 1; /* an edit is something */
        for (unsigned n = 0; n < 5; n++)
                (void) take(&feed, &automatic, answer, NOW);
        assert_false(poll_is_unheeded(&feed));
        feed_done(&feed);
}

/* The same bytes twice: the next body is worth holding before it is read. */
static void test_same_bytes(void **state) {
        static const struct {
                PollOutcome outcome;
                const char *hash;
                unsigned n_same;
        } rows[] = { { POLL_READ, "a", 0 }, { POLL_READ, "a", 1 }, { POLL_SAME, "a", 2 },
                { POLL_NOT_MODIFIED, NULL, 2 }, { POLL_SAME, "a", 3 }, { POLL_READ, "b", 0 },
                { POLL_READ, NULL, 0 }, { POLL_READ, NULL, 0 }, { POLL_READ, "b", 0 },
                { POLL_FAILED, NULL, 0 }, { POLL_READ, "b", 1 } };
        Feed feed = known_feed(DAY);

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                PollAnswer answer = read_with(NULL, NULL);

                answer.outcome = rows[i].outcome;
                answer.body_hash = rows[i].hash;
                (void) take(&feed, &automatic, answer, NOW);
                if (feed.n_same != rows[i].n_same)
                        fail_msg("row %zu: %u", i, feed.n_same);
        }
        validators_forget(&feed);
        assert_int_equal(feed.n_same, 0);
        feed_done(&feed);
}

static void test_last_modified_ahead(void **state) {
        static const struct {
                const char *last_modified;
                usec_t date_usec;
                bool kept;
        } rows[] = { { "Tue, 19 Jan 2038 03:14:07 GMT", NOW, false },
                { "Fri, 15 Jan 2027 20:00:00 GMT", NOW, true },
                { "Fri, 15 Jan 2027 20:00:00 GMT", 0, true },
                { "Tue, 19 Jan 2038 03:14:07 GMT", NOW + 20 * 365 * DAY, true },
                { "soon", NOW, true } };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                PollAnswer answer = read_with("\"1\"", rows[i].last_modified);
                Feed feed = known_feed(DAY);

                answer.date_usec = rows[i].date_usec;
                (void) take(&feed, &ten_minutes, answer, NOW);
                assert_sends(&feed, NOW, "\"1\"", rows[i].kept ? rows[i].last_modified : NULL);
                feed_done(&feed);
        }
}

/* 304 for ever: asked once in a month whether that is so. */
static void test_probe(void **state) {
        Feed feed = known_feed(DAY);
        PollAnswer probed = read_with("\"2\"", NULL);
        usec_t t = NOW;
        unsigned n_probes = 0;

        (void) state;
        (void) take(&feed, &automatic, read_with("\"1\"", NULL), NOW);
        for (; t < NOW + 100 * DAY; t += 6 * HOUR) {
                PollAnswer answer = not_modified(NULL, NULL);

                if (poll_validators(&feed, t).probe) {
                        assert_sends(&feed, t, NULL, NULL);
                        answer.asked_conditionally = false;
                        answer.probed = true; /* and it says 304 to that as well */
                        n_probes++;
                }
                (void) take(&feed, &automatic, answer, t);
        }
        assert_int_equal(n_probes, 3);

        /* News that is younger than the last 304 proves nothing. */
        probed.probed = true;
        probed.n_new_items = 1;
        poll_news_add(&probed.news, t - MINUTE, feed.last_success_usec, t);
        assert_false(take(&feed, &automatic, probed, t) & POLL_EVENT_UNTRUSTED);
        assert_sends(&feed, t, "\"2\"", NULL);
        assert_int_equal(feed.not_modified_since_usec, 0);

        /* What was there at the last 304 and not shown does. */
        (void) take(&feed, &automatic, not_modified(NULL, NULL), t += HOUR);
        poll_news_add(&probed.news, t - DAY, feed.last_success_usec, t + HOUR);
        assert_int_equal(take(&feed, &automatic, probed, t += HOUR) & POLL_EVENT_UNTRUSTED,
                POLL_EVENT_UNTRUSTED);
        assert_sends(&feed, t, NULL, NULL);
        assert_true(feed.wait_usec >= HOUR);
        feed_done(&feed);
}

/* A feed that has something once in a quarter is asked after ten of those. */
static void test_probe_waits_for_rare_feeds(void **state) {
        Feed feed = known_feed(DAY);

        (void) state;
        (void) take(&feed, &automatic, read_with("\"1\"", NULL), NOW);
        (void) take(&feed, &automatic, not_modified(NULL, NULL), NOW);
        feed.gap_usec = 90 * DAY;
        assert_false(poll_validators(&feed, NOW + 899 * DAY).probe);
        assert_true(poll_validators(&feed, NOW + 901 * DAY).probe);
        feed.n_failures = 1;
        assert_false(poll_validators(&feed, NOW + 901 * DAY).probe);
        feed_done(&feed);
}

/* --- 5: freshness and hints --- */

static const struct {
        const char *name;
        PollAnswer answer;
        usec_t wait;
        FeedReason reason;
} hints[] = {
        { "nothing", {}, 10 * MINUTE, FEED_REASON_CONFIGURED },
        { "max-age", { .max_age_usec = HOUR }, HOUR, FEED_REASON_MAX_AGE },
        { "ttl", { .ttl_usec = 2 * HOUR }, 2 * HOUR, FEED_REASON_TTL },
        { "sy", { .period_usec = 3 * HOUR }, 3 * HOUR, FEED_REASON_PERIOD },
        { "the longest", { .max_age_usec = HOUR, .ttl_usec = 2 * HOUR, .period_usec = 30 * MINUTE },
                2 * HOUR, FEED_REASON_TTL },
        { "max-age=999999999", { .max_age_usec = 999999999 * USEC_PER_SEC }, 6 * HOUR,
                FEED_REASON_MAX_AGE },
        { "a month", { .period_usec = 30 * DAY }, 6 * HOUR, FEED_REASON_PERIOD },
        { "shorter than ours", { .max_age_usec = MINUTE, .ttl_usec = 1 }, 10 * MINUTE,
                FEED_REASON_CONFIGURED },
};

static void s11_05_hints(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(hints); i++)
                for (unsigned on_304 = 0; on_304 < 2; on_304++) {
                        PollAnswer answer = hints[i].answer;
                        Feed feed = known_feed(DAY);

                        answer.outcome = on_304 ? POLL_NOT_MODIFIED : POLL_READ;
                        answer.status = on_304 ? 304 : 200;
                        if (on_304) { /* a body said the rest before */
                                feed.ttl_usec = answer.ttl_usec;
                                feed.period_usec = answer.period_usec;
                        }
                        (void) take(&feed, &ten_minutes, answer, NOW);
                        assert_wait(hints[i].name, &feed, NOW, hints[i].wait);
                        assert_int_equal(feed.wait_reason, hints[i].reason);
                        feed_done(&feed);
                }
}

static void s11_05_capped_hint_is_told_once(void **state) {
        PollAnswer answer = { .outcome = POLL_NOT_MODIFIED, .status = 304, .max_age_usec = DAY };
        Feed feed = known_feed(DAY);

        (void) state;
        assert_int_equal(take(&feed, &ten_minutes, answer, NOW), POLL_EVENT_CAPPED);
        assert_int_equal(take(&feed, &ten_minutes, answer, NOW), 0);
        feed_done(&feed);
}

/* NOW is Friday, 08:00. */
static const struct {
        const char *name;
        uint32_t hours, days;
        usec_t least, most;
} skips[] = {
        { "none", 0, 0, 10 * MINUTE, 11 * MINUTE },
        { "not this hour", 1 << 8, 0, HOUR, 66 * MINUTE },
        { "not these hours", 1 << 8 | 1 << 9 | 1 << 10, 0, 3 * HOUR, 3 * HOUR + 6 * MINUTE },
        { "another hour", 1 << 7 | 1 << 9, 0, 10 * MINUTE, 11 * MINUTE },
        { "all hours", 0xffffff, 0, 10 * MINUTE, 11 * MINUTE },
        { "not this day", 0, 1 << 5, 16 * HOUR, 16 * HOUR + 6 * MINUTE },
        { "not at the end of the week", 0, 1 << 5 | 1 << 6 | 1 << 0, 64 * HOUR,
                64 * HOUR + 6 * MINUTE },
        { "another day", 0, 1 << 4, 10 * MINUTE, 11 * MINUTE },
        { "all days", 0, 0x7f, 10 * MINUTE, 11 * MINUTE },
        { "not this day, nor the first hour of the next", 1 << 0, 1 << 5, 17 * HOUR,
                17 * HOUR + 6 * MINUTE },
};

static void frb_024_skip(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(skips); i++) {
                PollAnswer answer = read_with(NULL, NULL);
                Feed feed = known_feed(DAY);
                usec_t wait;

                answer.skip_hours = skips[i].hours;
                answer.skip_days = skips[i].days;
                (void) take(&feed, &ten_minutes, answer, NOW);
                wait = feed.next_poll_usec - NOW;
                if (wait < skips[i].least || wait > skips[i].most)
                        fail_msg("%s: %s", skips[i].name, FORMAT_TIMESPAN(wait));
                assert_int_equal(schedule_due(&feed, &ten_minutes, NOW), feed.next_poll_usec);
                feed_done(&feed);
        }
}

/* --- 6 and 7: Retry-After --- */

static void s11_06_to_the_second(void **state) {
        static const usec_t waits[] = { USEC_PER_SEC, MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(waits); i++)
                for (unsigned status = 429; status <= 503; status += 74) {
                        usec_t until = NOW + MIN(waits[i], 7 * DAY);
                        PollAnswer answer = failed(status);
                        Feed feed = known_feed(DAY);

                        answer.retry_after_usec = waits[i];
                        (void) take(&feed, &ten_minutes, answer, NOW);
                        assert_true(feed.next_poll_usec >= until);
                        if (waits[i] >= HOUR) /* and not much later */
                                assert_true(feed.next_poll_usec <= until + 5 * MINUTE);
                        assert_int_equal(feed.retry_after_usec, until);
                        /* kept over a restart, and a poll that is due otherwise */
                        feed.next_poll_usec = 0;
                        assert_int_equal(schedule_due(&feed, &ten_minutes, NOW), until);
                        feed_done(&feed);
                }
}

/* Also with a good answer, and gone with the next that does not say it. */
static void s11_06_on_success(void **state) {
        PollAnswer answer = not_modified(NULL, NULL);
        Feed feed = known_feed(DAY);

        (void) state;
        answer.retry_after_usec = 3 * HOUR;
        (void) take(&feed, &ten_minutes, answer, NOW);
        assert_true(feed.next_poll_usec >= NOW + 3 * HOUR);
        assert_int_equal(feed.wait_reason, FEED_REASON_RETRY_AFTER);
        (void) take(&feed, &ten_minutes, not_modified(NULL, NULL), NOW + 4 * HOUR);
        assert_int_equal(feed.retry_after_usec, 0);
        feed_done(&feed);
}

static void s11_07_429_without_header(void **state) {
        Feed feed = known_feed(DAY);

        (void) state;
        (void) take(&feed, &automatic, failed(429), NOW);
        assert_wait("first", &feed, NOW, HOUR);
        (void) take(&feed, &automatic, failed(429), feed.next_poll_usec);
        assert_wait("second", &feed, feed.last_poll_usec, 2 * HOUR);
        feed_done(&feed);
}

/* --- 10: gone, missing --- */

static void s11_10_gone_twice(void **state) {
        Feed feed = known_feed(DAY);
        unsigned events;

        (void) state;
        events = take(&feed, &automatic, failed(410), NOW);
        assert_int_equal(events, POLL_EVENT_TROUBLE);
        assert_true(feed.next_poll_usec >= NOW + DAY);
        events = take(&feed, &automatic, failed(410), feed.next_poll_usec);
        assert_int_equal(events, POLL_EVENT_GONE);
        assert_true(feed.gone);
        assert_true(schedule_due(&feed, &automatic, NOW) == USEC_INFINITY);
        assert_true(schedule_due(&feed, &automatic, NOW + 3000 * DAY) == USEC_INFINITY);

        /* Asked for by hand: the same again is no news, a feed is. */
        assert_int_equal(take(&feed, &automatic, failed(410), NOW + 9 * DAY), 0);
        assert_true(schedule_due(&feed, &automatic, NOW + 10 * DAY) == USEC_INFINITY);
        assert_true(take(&feed, &automatic, read_with(NULL, NULL), NOW + 10 * DAY) &
                POLL_EVENT_RECOVERED);
        assert_false(feed.gone);
        assert_true(schedule_due(&feed, &automatic, NOW + 10 * DAY) < NOW + 11 * DAY);
        feed_done(&feed);
}

static void s11_10_gone_is_not_hasty(void **state) {
        static const struct {
                const char *name;
                usec_t after;
                unsigned between;
                const char *url;
                bool gone;
        } rows[] = { { "an hour later", HOUR, 410, NULL, false },
                { "a day later", DAY + HOUR, 410, NULL, true },
                { "a 200 between", DAY + HOUR, 200, NULL, false },
                { "a 404 between", DAY + HOUR, 404, NULL, false },
                { "no answer between", DAY + HOUR, 0, NULL, true },
                { "from another address", DAY + HOUR, 410, "https://example.net/", false } };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                Feed feed = known_feed(DAY);
                PollAnswer last = failed(410);

                last.url = rows[i].url;
                last.n_redirects = rows[i].url ? 1 : 0;
                (void) take(&feed, &automatic, failed(410), NOW);
                if (rows[i].between == 200)
                        (void) take(&feed, &automatic, read_with(NULL, NULL), NOW + HOUR / 2);
                else if (rows[i].between != 410)
                        (void) take(&feed, &automatic, failed(rows[i].between), NOW + HOUR / 2);
                (void) take(&feed, &automatic, last, NOW + rows[i].after);
                if (feed.gone != rows[i].gone)
                        fail_msg("%s", rows[i].name);
                feed_done(&feed);
        }
}

/* A year of 404: a request a day at most, after 30 days one a week; two messages in all. */
static void s11_10_missing_for_a_year(void **state) {
        Feed feed = known_feed(DAY);
        unsigned n_month = 0, n_year = 0, n_told = 0;
        usec_t t = NOW;

        (void) state;
        while (t < NOW + 365 * DAY) {
                unsigned events = take(&feed, &automatic, failed(404), t);

                n_told += (events & POLL_EVENT_TROUBLE) != 0;
                n_told += (events & POLL_EVENT_NEGLECTED) != 0;
                assert_int_equal(events & (unsigned) POLL_EVENT_GONE, 0);
                if (t < NOW + 30 * DAY)
                        n_month++;
                n_year++;
                t = feed.next_poll_usec;
        }
        assert_in_range(n_month, 28, 40);
        assert_in_range(n_year - n_month, 43, 49);
        assert_int_equal(n_told, 2);
        feed_done(&feed);
}

/* Said again when it fails in another way, but not for what comes and goes. */
static void frb_120_told_once(void **state) {
        static const struct {
                unsigned status;
                bool told;
        } rows[] = { { 500, true }, { 0, false }, { 503, false }, { 429, false }, { 401, true },
                { 401, false }, { 404, true }, { 500, true }, { 502, false } };
        PollAnswer challenge = failed(403);
        Feed feed = known_feed(DAY);

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                unsigned events = take(&feed, &automatic, failed(rows[i].status), NOW + i * HOUR);

                if (((events & POLL_EVENT_TROUBLE) != 0) != rows[i].told)
                        fail_msg("row %zu", i);
        }
        challenge.trouble = FEED_TROUBLE_CHALLENGE;
        assert_true(take(&feed, &automatic, challenge, NOW + DAY) & POLL_EVENT_TROUBLE);
        assert_true(feed.wait_usec >= DAY);
        feed_done(&feed);
}

/* --- 12: spread --- */

/* 500 feeds that began together, each hour: no five minutes hold twice the mean. */
static void s11_12_no_bunching(void **state) {
        enum { N = 500, SLOTS = 24 * 12 };
        const PollPolicy hourly = { .interval_usec = HOUR };
        static unsigned slots[SLOTS];
        unsigned most = 0, n_all = 0;
        Random random = { .state = 3 };

        (void) state;
        for (unsigned i = 0; i < N; i++) {
                char url[64];
                PollPolicy policy = hourly;
                Feed feed = FEED_INIT;
                usec_t t = NOW;

                (void) snprintf(url, sizeof(url), "https://host-%u.example/feed.xml", i);
                policy.phase = schedule_phase(url, "a machine");
                while (t < NOW + 26 * HOUR) {
                        PollAnswer answer = read_with("\"1\"", NULL);
                        usec_t before = t;
                        unsigned events;

                        assert_true(t >= feed.next_poll_usec); /* never before it is due */
                        if (t >= NOW + 2 * HOUR) {
                                slots[(t - NOW - 2 * HOUR) / (5 * MINUTE)]++;
                                n_all++;
                        }
                        assert_int_equal(
                                schedule_answer(&feed, &policy, &answer, t, &random, &events), 0);
                        t = schedule_due(&feed, &policy, t);
                        assert_true(t >= before + HOUR);
                }
                feed_done(&feed);
        }
        for (unsigned i = 0; i < SLOTS; i++)
                most = MAX(most, slots[i]);
        assert_true(most * SLOTS <= 2 * n_all);
}

static void test_phase(void **state) {
        unsigned quarters[4] = {};

        (void) state;
        for (unsigned i = 0; i < 1000; i++) {
                char url[32];

                (void) snprintf(url, sizeof(url), "http://127.0.0.1:%u/", 10000 + i);
                quarters[schedule_phase(url, "m") / (UINT16_MAX / 4 + 1)]++;
                assert_int_equal(schedule_phase(url, "m"), schedule_phase(url, "m"));
        }
        for (unsigned i = 0; i < 4; i++)
                assert_in_range(quarters[i], 200, 300);
        assert_int_not_equal(schedule_phase("a", "m"), schedule_phase("a", "n"));
}

/* --- 16: what stays enabled --- */

static void s11_16_empty_undated_silent(void **state) {
        Feed empty = FEED_INIT, undated = FEED_INIT, silent = FEED_INIT;
        PollAnswer nothing = { .outcome = POLL_READ, .status = 200 },
                   backlog = read_with(NULL, NULL), dated = read_with(NULL, NULL);
        unsigned n_told = 0;

        (void) state;
        for (unsigned i = 0; i < 10; i++) {
                poll_news_add(&backlog.news, USEC_INFINITY, USEC_INFINITY, NOW);
                poll_news_add(&dated.news, NOW - i * DAY, USEC_INFINITY, NOW);
        }
        backlog.n_new_items = dated.n_new_items = 10;
        dated.window_usec = 9 * DAY;
        (void) take(&empty, &automatic, nothing, NOW);
        (void) take(&undated, &automatic, backlog, NOW);
        (void) take(&silent, &automatic, dated, NOW);
        assert_int_equal(silent.gap_usec, DAY);
        assert_int_equal(schedule_silence(&silent), 7 * DAY); /* five of them, and seven days */

        for (usec_t t = NOW; t < NOW + 366 * DAY; t += 6 * HOUR) {
                (void) take(&empty, &automatic, nothing, t);
                (void) take(&undated, &automatic, read_with(NULL, NULL), t);
                n_told += (take(&silent, &automatic, not_modified(NULL, NULL), t) &
                                  POLL_EVENT_SILENT) != 0;
                assert_true(empty.next_poll_usec <= t + 7 * HOUR);
                assert_true(undated.next_poll_usec <= t + 7 * HOUR);
                assert_true(silent.next_poll_usec <= t + 7 * HOUR);
        }
        assert_int_equal(n_told, 1);

        /* It speaks, and falls silent again. */
        poll_news_add(&dated.news, NOW + 366 * DAY, NOW + 365 * DAY, NOW + 366 * DAY);
        dated.n_new_items = 1;
        (void) take(&silent, &automatic, dated, NOW + 366 * DAY);
        for (usec_t t = NOW + 367 * DAY; t < NOW + 3000 * DAY; t += DAY)
                n_told += (take(&silent, &automatic, not_modified(NULL, NULL), t) &
                                  POLL_EVENT_SILENT) != 0;
        assert_int_equal(n_told, 2);
        feed_done(&empty);
        feed_done(&undated);
        feed_done(&silent);
}

/* One that becomes empty is told of when it does, and loses nothing by it. */
static void test_emptied(void **state) {
        PollAnswer nothing = { .outcome = POLL_READ, .status = 200 };
        Feed feed = known_feed(DAY);

        (void) state;
        feed.n_items = 10;
        assert_int_equal(take(&feed, &automatic, nothing, NOW), POLL_EVENT_EMPTIED);
        assert_int_equal(take(&feed, &automatic, nothing, NOW), 0);
        assert_int_equal(feed.n_failures, 0);
        feed_done(&feed);
}

/* An archive that stopped years ago says so at once. */
static void s11_16_found_silent(void **state) {
        Feed feed = FEED_INIT;
        PollAnswer answer = read_with(NULL, NULL);

        (void) state;
        poll_news_add(&answer.news, NOW - 700 * DAY, USEC_INFINITY, NOW);
        answer.n_new_items = 10;
        assert_true(take(&feed, &automatic, answer, NOW) & POLL_EVENT_SILENT);
        assert_int_equal(feed.last_item_usec, NOW - 700 * DAY);
        feed_done(&feed);
}

/* --- 18: gaps --- */

static void s11_18_gap(void **state) {
        PollAnswer all_new = read_with(NULL, NULL), some_new = read_with(NULL, NULL);
        Feed feed = known_feed(DAY);
        usec_t t = NOW, before;
        unsigned events;

        (void) state;
        feed.n_items = 10;
        feed.wait_usec = 4 * HOUR;
        feed.last_success_usec = NOW - 4 * HOUR;
        all_new.n_new_items = 10;
        some_new.n_new_items = 9;
        poll_news_add(&all_new.news, NOW, NOW, NOW);

        events = take(&feed, &automatic, some_new, t);
        assert_false(events & POLL_EVENT_MISSED);
        feed.wait_usec = 4 * HOUR;
        t += 4 * HOUR;
        events = take(&feed, &automatic, all_new, t);
        assert_true(events & POLL_EVENT_MISSED);
        assert_true(feed.window_limit_usec == 2 * HOUR);
        assert_true(feed.wait_usec <= 2 * HOUR);

        /* Told once, halved each time, never under the floor. */
        for (unsigned n = 0; n < 10; n++) {
                before = feed.window_limit_usec;
                t = feed.next_poll_usec;
                assert_false(take(&feed, &automatic, all_new, t) & POLL_EVENT_MISSED);
                assert_true(feed.window_limit_usec <= MAX(before / 2, 10 * MINUTE));
                assert_true(feed.next_poll_usec >= t + 10 * MINUTE);
        }
        /* It wears off, and then is news again. */
        for (unsigned n = 0; n < 40; n++)
                (void) take(&feed, &automatic, some_new, t += DAY);
        assert_int_equal(feed.window_limit_usec, 0);
        assert_true(take(&feed, &automatic, all_new, t += DAY) & POLL_EVENT_MISSED);
        feed_done(&feed);
}

static void s11_18_no_gap(void **state) {
        static const struct {
                const char *name;
                uint64_t n_before, n_items, n_new;
        } rows[] = { { "one item at a time", 1, 1, 1 }, { "was empty", 0, 10, 10 },
                { "is empty", 10, 0, 0 }, { "overlaps", 10, 10, 9 } };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                PollAnswer answer = read_with(NULL, NULL);
                Feed feed = known_feed(DAY);

                feed.n_items = rows[i].n_before;
                answer.n_items = rows[i].n_items;
                answer.n_new_items = rows[i].n_new;
                if (take(&feed, &automatic, answer, NOW) & POLL_EVENT_MISSED)
                        fail_msg("%s", rows[i].name);
                feed_done(&feed);
        }
}

/* Nothing scrolls out: three polls in the time in which the list is renewed. */
static void s11_18_window(void **state) {
        PollAnswer answer = read_with(NULL, NULL);
        Feed feed = FEED_INIT;

        (void) state;
        for (unsigned i = 0; i < 10; i++) /* all within an hour; then rest, but it may go on */
                poll_news_add(&answer.news, NOW - i * 6 * MINUTE, USEC_INFINITY, NOW);
        answer.n_new_items = 10;
        answer.window_usec = 54 * MINUTE;
        (void) take(&feed, &automatic, answer, NOW);
        assert_int_equal(feed.wait_usec, 18 * MINUTE);
        assert_int_equal(feed.wait_reason, FEED_REASON_WINDOW);
        /* a configured interval, or what the server asks for, stands */
        answer.max_age_usec = HOUR;
        (void) take(&feed, &automatic, answer, NOW + HOUR);
        assert_int_equal(feed.wait_usec, HOUR);
        feed_done(&feed);
}

/* --- what people are told --- */

static void test_explain(void **state) {
        static const struct {
                FeedReason reason;
                const char *expected;
        } rows[] = { { FEED_REASON_NONE, "not polled yet" }, { FEED_REASON_RATE, "after 30min: " },
                { FEED_REASON_CONFIGURED, "after 30min: configured" },
                { FEED_REASON_MAX_AGE, "after 30min: its server asks for it (max-age or Expires)" },
                { FEED_REASON_FAILURES, "after 30min: failed 3 times in a row" },
                { FEED_REASON_NEGLECTED, "after 30min: has failed for 31d" },
                { FEED_REASON_GONE, "never again: its server said twice that it is gone" } };
        Feed feed = known_feed(DAY);

        (void) state;
        feed.wait_usec = 30 * MINUTE;
        feed.n_failures = 3;
        feed.failing_since_usec = NOW - 31 * DAY;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *text = NULL;

                feed.wait_reason = rows[i].reason;
                text = schedule_explain(&feed, NOW);
                if (!text || !startswith(text, rows[i].expected))
                        fail_msg("%s", strna(text));
        }
        for (FeedReason reason = 0; reason < FEED_REASON_MAX; reason++) {
                _cleanup_free_ char *text = NULL;

                feed.wait_reason = reason;
                text = schedule_explain(&feed, NOW);
                assert_non_null(text);
                assert_null(strstr(text, "no reason"));
        }
        feed_done(&feed);
}

static void test_explain_rate(void **state) {
        static const struct {
                unsigned per_hour_milli;
                const char *expected;
        } rows[] = { { 20000, "about 20 new items an hour at that time of day" },
                { 1000, "about 1 new item an hour at that time of day" },
                { 150, "about 4 new items a day at that time of day" },
                { 6, "about 4 new items a month at that time of day" },
                { 0, "it seldom has anything new" } };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *text = NULL;
                Feed feed = known_feed(DAY);

                feed.wait_reason = FEED_REASON_RATE;
                feed.wait_usec = HOUR;
                feed.rate.n_minutes = 10 * 24 * 60;
                for (unsigned hour = 0; hour < FEED_HOURS; hour++)
                        feed.rate.items_milli[hour] = 10 * rows[i].per_hour_milli;
                text = schedule_explain(&feed, NOW);
                if (!text || !endswith(text, rows[i].expected))
                        fail_msg("%s", strna(text));
                feed_done(&feed);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(s11_01_newest_validators),
                cmocka_unit_test(s11_02_verbatim),
                cmocka_unit_test(s11_03_older_last_modified),
                cmocka_unit_test(s11_04_first_and_kept),
                cmocka_unit_test(s11_04_cut_off),
                cmocka_unit_test(frb_010_no_loss_of_memory),
                cmocka_unit_test(frb_012_nothing_invented),
                cmocka_unit_test(frb_014_one_set_of_one_address),
                cmocka_unit_test(test_codings_of_etags),
                cmocka_unit_test(test_etag_that_never_matches),
                cmocka_unit_test(test_validators_ignored),
                cmocka_unit_test(test_nothing_new_in_full),
                cmocka_unit_test(test_same_bytes),
                cmocka_unit_test(test_last_modified_ahead),
                cmocka_unit_test(test_probe),
                cmocka_unit_test(test_probe_waits_for_rare_feeds),
                cmocka_unit_test(s11_05_hints),
                cmocka_unit_test(s11_05_capped_hint_is_told_once),
                cmocka_unit_test(frb_024_skip),
                cmocka_unit_test(s11_06_to_the_second),
                cmocka_unit_test(s11_06_on_success),
                cmocka_unit_test(s11_07_429_without_header),
                cmocka_unit_test(s11_10_gone_twice),
                cmocka_unit_test(s11_10_gone_is_not_hasty),
                cmocka_unit_test(s11_10_missing_for_a_year),
                cmocka_unit_test(frb_120_told_once),
                cmocka_unit_test(s11_12_no_bunching),
                cmocka_unit_test(test_phase),
                cmocka_unit_test(s11_16_empty_undated_silent),
                cmocka_unit_test(s11_16_found_silent),
                cmocka_unit_test(test_emptied),
                cmocka_unit_test(s11_18_gap),
                cmocka_unit_test(s11_18_no_gap),
                cmocka_unit_test(s11_18_window),
                cmocka_unit_test(test_explain),
                cmocka_unit_test(test_explain_rate),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
