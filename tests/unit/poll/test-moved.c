/* SPDX-License-Identifier: MIT */

/* Redirects: which of them change the address that is asked, and how that ends. */

#include "support.h"

#include <stdio.h>

#include "poll/moved.h"
#include "poll/validators.h"

#define OLD "https://example.org/feed"
#define NEW "https://example.net/feed.xml"

static Feed old_feed(void) {
        Feed feed = known_feed(DAY);

        feed.url = strdup(OLD);
        feed.title = strdup("A paper");
        feed.link = strdup("https://example.org/");
        feed.format = FEED_RSS20;
        feed.n_items = 10;
        return feed;
}

/* Read behind one permanent redirect, with items that were known. */
static PollAnswer moved(void) {
        return (PollAnswer){ .outcome = POLL_READ,
                .status = 200,
                .url = NEW,
                .n_redirects = 1,
                .moved_permanently = true,
                .format = FEED_RSS20,
                .title = "A paper",
                .link = "https://example.org/",
                .n_items = 10,
                .etag = "\"new\"" };
}

/* The same answer each day from @now_usec on. The day on which it is adopted; 0: never. */
static unsigned days_until_adopted(Feed *feed, PollAnswer answer, usec_t now_usec) {
        for (unsigned day = 0; day < 60; day++) {
                unsigned events = take(feed, &ten_minutes, answer, now_usec + day * DAY);

                if (events & POLL_EVENT_MOVED)
                        return day;
        }
        return 0;
}

static void s11_09_moved_for_a_week(void **state) {
        Feed feed = old_feed();
        PollValidators v;

        (void) state;
        assert_string_equal(feed_address(&feed), OLD);
        for (unsigned n = 0; n < 7 * 24; n++) { /* each hour */
                unsigned events = take(&feed, &ten_minutes, moved(), NOW + n * HOUR);

                assert_false(events & POLL_EVENT_MOVED);
                assert_string_equal(feed_address(&feed), OLD);
                assert_string_equal(feed.final_url, NEW);
                v = poll_validators(&feed, NOW + n * HOUR);
                assert_string_equal(v.url, NEW); /* they are the other's, and go there alone */
        }
        assert_true(take(&feed, &ten_minutes, moved(), NOW + 7 * DAY) & POLL_EVENT_MOVED);
        assert_string_equal(feed_address(&feed), NEW);
        assert_string_equal(feed.url, OLD); /* the configuration stays as it is */
        assert_null(feed.final_url);
        v = poll_validators(&feed, NOW + 7 * DAY);
        assert_string_equal(v.etag, "\"new\"");
        assert_string_equal(v.url, NEW);
        feed_done(&feed);
}

/* A 304 from there counts as well; it is what a quiet feed says. */
static void s11_09_moved_with_304(void **state) {
        Feed feed = old_feed();
        PollAnswer not_modified = moved();

        (void) state;
        (void) take(&feed, &ten_minutes, moved(), NOW);
        not_modified.outcome = POLL_NOT_MODIFIED;
        not_modified.status = 304;
        not_modified.etag = NULL;
        assert_int_equal(days_until_adopted(&feed, not_modified, NOW), 7);
        feed_done(&feed);
}

static PollAnswer temporarily(void) {
        PollAnswer a = moved();

        a.moved_permanently = false; /* a 302 somewhere on the way */
        return a;
}
static PollAnswer to_http(void) {
        PollAnswer a = moved();

        a.url = "http://example.org/feed";
        return a;
}
static PollAnswer to_atom(void) {
        PollAnswer a = moved();

        a.format = FEED_ATOM10;
        return a;
}
static PollAnswer to_another_rss(void) {
        PollAnswer a = moved();

        a.format = FEED_RSS10;
        return a;
}
static PollAnswer to_a_stranger(void) {
        PollAnswer a = moved();

        a.title = "Something else";
        a.link = "https://example.com/";
        a.n_new_items = a.n_items;
        return a;
}
static PollAnswer by_title_alone(void) {
        PollAnswer a = to_a_stranger();

        a.title = "A paper";
        return a;
}
static PollAnswer to_another_feed(void) {
        PollAnswer a = moved();

        a.url_is_taken = true;
        return a;
}

static const struct {
        const char *name;
        PollAnswer (*answer)(void);
        unsigned adopted;
} rules[] = {
        { "permanently, the same feed", moved, 7 },
        { "a 302 on the way", temporarily, 0 },
        { "from https to http", to_http, 0 },
        { "of another format", to_atom, 0 },
        { "of another version of it", to_another_rss, 7 },
        { "to another feed's address", to_another_feed, 0 },
        { "known by its title", by_title_alone, 7 },
};

static void s11_09_rules(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(rules); i++) {
                Feed feed = old_feed();
                unsigned adopted = days_until_adopted(&feed, rules[i].answer(), NOW);

                if (adopted != rules[i].adopted)
                        fail_msg("%s: after %u days", rules[i].name, adopted);
                if (adopted == 0)
                        assert_string_equal(feed_address(&feed), OLD);
                feed_done(&feed);
        }
}

/* What has nothing in common with it is never taken for it, however often it comes. */
static void s11_09_stranger(void **state) {
        Feed feed = old_feed();

        (void) state;
        for (unsigned day = 0; day < 60; day++) {
                PollAnswer stranger = to_a_stranger();

                stranger.n_new_items = day == 0 ? stranger.n_items : 0; /* known from then on */
                assert_false(
                        take(&feed, &ten_minutes, stranger, NOW + day * DAY) & POLL_EVENT_MOVED);
        }
        assert_string_equal(feed_address(&feed), OLD);
        feed_done(&feed);
}

/* A portal or a maintenance page, answering for everything: no feed, so it is a failure. */
static void s11_08_portal(void **state) {
        Feed feed = old_feed();

        (void) state;
        for (unsigned day = 0; day < 30; day++)
                (void) take(&feed, &ten_minutes,
                        (PollAnswer){ .outcome = POLL_FAILED,
                                .status = 200,
                                .trouble = FEED_TROUBLE_NO_FEED,
                                .url = "https://portal.example/",
                                .n_redirects = 1,
                                .moved_permanently = true,
                                .message = "an HTML page, not a feed" },
                        NOW + day * DAY);
        assert_string_equal(feed_address(&feed), OLD);
        assert_null(feed.move_target);

        /* The days before it do not count together with those after. */
        (void) take(&feed, &ten_minutes, moved(), NOW + 30 * DAY);
        (void) take(&feed, &ten_minutes,
                (PollAnswer){ .outcome = POLL_READ,
                        .status = 200,
                        .url = OLD,
                        .format = FEED_RSS20,
                        .n_items = 10 },
                NOW + 36 * DAY);
        assert_null(feed.final_url);
        assert_int_equal(days_until_adopted(&feed, moved(), NOW + 37 * DAY), 7);
        feed_done(&feed);
}

/* Another end each time is no address to keep. */
static void s11_09_changing_end(void **state) {
        Feed feed = old_feed();

        (void) state;
        for (unsigned day = 0; day < 40; day++) {
                PollAnswer answer = moved();
                char url[64];

                (void) snprintf(url, sizeof(url), NEW "?session=%u", day / 3);
                answer.url = url;
                assert_false(take(&feed, &ten_minutes, answer, NOW + day * DAY) & POLL_EVENT_MOVED);
        }
        feed_done(&feed);
}

/* Five answers at least: two in a week are no habit. */
static void s11_09_few_answers(void **state) {
        Feed feed = old_feed();

        (void) state;
        for (unsigned n = 0; n < 4; n++)
                assert_false(
                        take(&feed, &ten_minutes, moved(), NOW + n * 4 * DAY) & POLL_EVENT_MOVED);
        assert_true(take(&feed, &ten_minutes, moved(), NOW + 16 * DAY) & POLL_EVENT_MOVED);
        feed_done(&feed);
}

static void frb_137_told_once(void **state) {
        Feed feed = old_feed();
        unsigned n_told = 0;

        (void) state;
        for (unsigned day = 0; day < 30; day++)
                if (take(&feed, &ten_minutes, to_another_feed(), NOW + day * DAY) &
                        POLL_EVENT_MOVE_TAKEN)
                        n_told++;
        assert_int_equal(n_told, 1);
        feed_done(&feed);
}

/* Where the new address fails, the old one is asked again, without the new one's validators. */
static void test_moved_back(void **state) {
        const PollAnswer missing = { .outcome = POLL_FAILED,
                .status = 404,
                .trouble = FEED_TROUBLE_MISSING,
                .message = "HTTP status 404" };
        Feed feed = old_feed();

        (void) state;
        assert_int_equal(days_until_adopted(&feed, moved(), NOW), 7);
        for (unsigned n = 1; n <= 3; n++) {
                unsigned events = take(&feed, &ten_minutes, missing, NOW + 8 * DAY + n * HOUR);

                assert_int_equal((events & POLL_EVENT_MOVED_BACK) != 0, n == 3);
                assert_string_equal(feed_address(&feed), n == 3 ? OLD : NEW);
        }
        assert_null(feed.etag);
        assert_null(feed.validators_url);
        feed_done(&feed);
}

/* Moved on, and moved home again. */
static void test_moved_on(void **state) {
        PollAnswer on = moved(), home = moved();
        Feed feed = old_feed();

        (void) state;
        assert_int_equal(days_until_adopted(&feed, moved(), NOW), 7);
        on.url = "https://example.com/third";
        assert_int_equal(days_until_adopted(&feed, on, NOW + 10 * DAY), 7);
        assert_string_equal(feed_address(&feed), "https://example.com/third");
        home.url = OLD;
        assert_int_equal(days_until_adopted(&feed, home, NOW + 20 * DAY), 7);
        assert_null(feed.moved_to);
        feed_done(&feed);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(s11_08_portal),
                cmocka_unit_test(s11_09_moved_for_a_week),
                cmocka_unit_test(s11_09_moved_with_304),
                cmocka_unit_test(s11_09_rules),
                cmocka_unit_test(s11_09_stranger),
                cmocka_unit_test(s11_09_changing_end),
                cmocka_unit_test(s11_09_few_answers),
                cmocka_unit_test(frb_137_told_once),
                cmocka_unit_test(test_moved_back),
                cmocka_unit_test(test_moved_on),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
