/* SPDX-License-Identifier: MIT */

/* What is put into the store comes out the same. */

#include "support.h"

/* What a row has beyond what its last answer said. */
static void fill_learned(Feed *feed) {
        feed->validators_url = strdup("https://a.example/final");
        feed->access_key = strdup("-");
        feed->body_hash = strdup("0123");
        feed->final_url = strdup("https://a.example/final");
        feed->moved_to = strdup("https://a.example/moved");
        feed->move_target = strdup("https://a.example/target");
        feed->link = strdup("https://a.example/");
        feed->n_same = 6;
        feed->n_unheeded = 7;
        feed->etag_dropped = feed->not_modified_untrusted = true;
        feed->not_modified_since_usec = NOW + 10;
        feed->last_probe_usec = NOW + 11;
        feed->wait_usec = 12;
        feed->wait_reason = FEED_REASON_MAX_AGE;
        feed->last_read_usec = NOW + 13;
        feed->period_usec = 14;
        feed->skip_hours = 1 << 23;
        feed->skip_days = 1 << 6;
        feed->gap_usec = 15;
        feed->window_usec = 16;
        feed->window_limit_usec = 17;
        feed->trouble = FEED_TROUBLE_CHALLENGE;
        feed->failing_since_usec = NOW + 18;
        feed->gone_since_usec = NOW + 19;
        feed->gone = feed->silence_told = feed->overlap_told = true;
        feed->move_since_usec = NOW + 20;
        feed->n_moves = 21;
        feed->format = FEED_ATOM10;
        feed->rate = (FeedRate){ .n_minutes = UINT32_MAX, .counted_usec = NOW };
        for (unsigned hour = 0; hour < FEED_HOURS; hour++)
                feed->rate.items_milli[hour] = UINT32_MAX - hour;
}

static void assert_learned(const Feed *a, const Feed *b) {
        assert_string_equal(a->validators_url, b->validators_url);
        assert_string_equal(a->access_key, b->access_key);
        assert_string_equal(a->body_hash, b->body_hash);
        assert_string_equal(a->final_url, b->final_url);
        assert_string_equal(a->moved_to, b->moved_to);
        assert_string_equal(a->move_target, b->move_target);
        assert_string_equal(a->link, b->link);
        assert_true(a->n_same == b->n_same && a->n_unheeded == b->n_unheeded && a->etag_dropped &&
                a->not_modified_untrusted &&
                a->not_modified_since_usec == b->not_modified_since_usec &&
                a->last_probe_usec == b->last_probe_usec);
        assert_true(a->wait_usec == b->wait_usec && a->wait_reason == b->wait_reason &&
                a->last_read_usec == b->last_read_usec && a->period_usec == b->period_usec &&
                a->skip_hours == b->skip_hours && a->skip_days == b->skip_days);
        assert_true(a->gap_usec == b->gap_usec && a->window_usec == b->window_usec &&
                a->window_limit_usec == b->window_limit_usec);
        assert_true(a->trouble == b->trouble && a->failing_since_usec == b->failing_since_usec &&
                a->gone_since_usec == b->gone_since_usec && a->gone && a->silence_told &&
                a->overlap_told);
        assert_true(a->move_since_usec == b->move_since_usec && a->n_moves == b->n_moves &&
                a->format == b->format);
        assert_memory_equal(&a->rate, &b->rate, sizeof(FeedRate));
}

static void test_feed(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        _cleanup_(feed_done) Feed feed = {}, again = {}, moved = {};
        _cleanup_free_ Feed *feeds = NULL;
        size_t n = 0;

        assert_int_equal(store_feed_get(store, "a", "https://a.example/", &feed), 0);
        assert_string_equal(feed.name, "a");
        assert_true(feed.id > 0);
        assert_true(feed.last_poll_usec == USEC_INFINITY);
        assert_true(feed.failing_since_usec == USEC_INFINITY && !feed.gone);
        assert_true(feed.wait_reason == FEED_REASON_NONE && feed.trouble == FEED_TROUBLE_NONE);
        assert_true(feed.format == FEED_FORMAT_MAX && feed.rate.n_minutes == 0);
        assert_true(feed.next_poll_usec == 0);
        assert_false(feed.polled_once);

        feed.etag = strdup("W/\"x\"");
        feed.last_modified = strdup("Mon, 01 Jan 2024 00:00:00 GMT");
        feed.title = strdup("Nachrichten – ß");
        feed.last_error = strdup("HTTP 503");
        feed.last_poll_usec = NOW;
        feed.next_poll_usec = NOW + 1;
        feed.retry_after_usec = NOW + 2;
        feed.n_failures = 3;
        feed.last_status = 503;
        feed.polled_once = true;
        feed.ttl_usec = 4;
        feed.max_age_usec = 5;
        feed.n_items = 6;
        fill_learned(&feed);
        assert_int_equal(store_feed_save(store, &feed), 0);
        add_item(store, feed.id, "kept", 0, NOW);
        assert_true(store_has_batch(store));
        assert_int_equal(store_commit(store), 0);
        assert_false(store_has_batch(store));
        assert_int_equal(store_commit(store), 0);

        assert_int_equal(store_feed_get(store, "a", "https://a.example/", &again), 0);
        assert_false(store_has_batch(store));
        assert_int_equal(again.id, feed.id);
        assert_string_equal(again.etag, feed.etag);
        assert_string_equal(again.last_modified, feed.last_modified);
        assert_string_equal(again.title, feed.title);
        assert_string_equal(again.last_error, feed.last_error);
        assert_true(again.last_poll_usec == NOW && again.next_poll_usec == NOW + 1);
        assert_true(again.last_success_usec == USEC_INFINITY);
        assert_true(again.retry_after_usec == NOW + 2);
        assert_true(again.n_failures == 3 && again.last_status == 503 && again.polled_once);
        assert_true(again.ttl_usec == 4 && again.max_age_usec == 5 && again.n_items == 6);
        assert_learned(&again, &feed);

        assert_int_equal(store_feed_get(store, "a", "https://b.example/", &moved), 0);
        assert_int_equal(moved.id, feed.id);
        assert_string_equal(moved.url, "https://b.example/");
        assert_null(moved.etag);
        assert_null(moved.last_modified);
        assert_null(moved.last_error);
        assert_true(!moved.polled_once && moved.n_failures == 0 && moved.next_poll_usec == 0);
        assert_true(moved.retry_after_usec == 0);
        assert_null(moved.moved_to);
        assert_null(moved.validators_url);
        assert_true(!moved.gone && moved.n_unheeded == 0 && moved.format == FEED_FORMAT_MAX);
        assert_true(moved.trouble == FEED_TROUBLE_NONE && moved.skip_hours == 0);
        assert_memory_equal(&moved.rate, &feed.rate, sizeof(FeedRate)); /* its rhythm is its own */
        assert_int_equal(count_rows(store, "SELECT count(*) FROM items"), 1);

        add_feed(store, "B");
        assert_int_equal(store_feeds(store, &feeds, &n), 0);
        assert_int_equal(n, 2);
        assert_string_equal(feeds[0].name, "B");
        assert_string_equal(feeds[1].name, "a");
        for (size_t i = 0; i < n; i++)
                feed_done(&feeds[i]);

        moved.id = 99;
        assert_int_equal(store_feed_save(store, &moved), -ENOENT);
}

static void test_item(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        _cleanup_(store_candidates_done) StoreCandidates found = {}, none = {};
        _cleanup_(item_record_done) ItemRecord got = {};
        _cleanup_free_ ItemRecord *due = NULL;
        int64_t feed = add_feed(store, "f"), other = add_feed(store, "g"), story, first, second;
        ItemRecord item;
        size_t n = 0;
        usec_t next = 0;

        story = add_story(store, NOW);
        item = (ItemRecord){ .feed_id = feed,
                .guid = (char *) "guid",
                .link = (char *) "https://x/1",
                .title = (char *) "title",
                .summary = (char *) "summary",
                .content = (char *) "content",
                .authors = (char *) "A\x1f"
                                    "B",
                .categories = (char *) "C",
                .guid_key = (char *) "gk",
                .link_key = (char *) "lk",
                .content_key = (char *) "ck",
                .published_usec = NOW - 5,
                .updated_usec = USEC_INFINITY,
                .first_seen_usec = NOW,
                .last_seen_usec = NOW,
                .silent = true,
                .story_id = story,
                .page = PAGE_WANTED,
                .page_attempts = 2,
                .page_next_usec = NOW + 10,
                .hold_until_usec = NOW + 5 };
        assert_int_equal(store_item_insert(store, &item), 0);
        first = item.id;

        assert_int_equal(store_item_get(store, first, &got), 0);
        assert_string_equal(got.feed, "f");
        assert_string_equal(got.guid, "guid");
        assert_string_equal(got.link, "https://x/1");
        assert_string_equal(got.title, "title");
        assert_string_equal(got.summary, "summary");
        assert_string_equal(got.content, "content");
        assert_string_equal(got.authors, item.authors);
        assert_string_equal(got.categories, "C");
        assert_string_equal(got.guid_key, "gk");
        assert_string_equal(got.link_key, "lk");
        assert_string_equal(got.content_key, "ck");
        assert_true(got.published_usec == NOW - 5 && got.updated_usec == USEC_INFINITY);
        assert_true(got.silent && got.story_id == story && got.page == PAGE_WANTED);
        assert_true(got.page_attempts == 2 && got.page_next_usec == NOW + 10);
        assert_true(got.hold_until_usec == NOW + 5);
        assert_null(got.page_text);
        assert_int_equal(store_item_get(store, 99, &got), -ENOENT);

        /* The newest under a key, within the feed, and whether it is alone. */
        assert_int_equal(store_item_candidates(store, other, "gk", "lk", "ck", &none), 0);
        assert_int_equal(none.by_guid.id, 0);
        item.link_key = (char *) "lk2";
        item.page = PAGE_NONE;
        item.hold_until_usec = 0;
        assert_int_equal(store_item_insert(store, &item), 0);
        second = item.id;
        assert_int_equal(store_item_candidates(store, feed, "gk", "lk", NULL, &found), 0);
        assert_int_equal(found.by_guid.id, second);
        assert_true(found.guid_shared);
        assert_int_equal(found.by_link.id, first);
        assert_false(found.link_shared);
        assert_int_equal(found.by_content.id, 0);

        /* Due: held alerts count too. */
        assert_int_equal(store_pages_next(store, &next), 0);
        assert_true(next == NOW + 5);
        assert_int_equal(store_pages_wanted(store, 10, &due, &n), 0);
        assert_int_equal(n, 1);
        assert_int_equal(due[0].id, first);
        item_record_done(&due[0]);

        free(got.page_text);
        got.page_text = strdup("page");
        got.page = PAGE_READ;
        got.hold_until_usec = 0;
        assert_int_equal(store_item_update(store, &got), 0);
        assert_int_equal(store_pages_next(store, &next), 0);
        assert_true(next == USEC_INFINITY);

        item_record_done(&got);
        assert_int_equal(store_item_seen(store, first, NOW + 100), 0);
        assert_int_equal(store_item_seen(store, 99, NOW), -ENOENT);
        assert_int_equal(store_item_settle(store, 99, true), -ENOENT);
        assert_int_equal(store_item_delete(store, 99), -ENOENT);
        assert_int_equal(store_item_seen_as(store, 99, NULL, NULL, NULL, NULL, NOW), -ENOENT);
        assert_int_equal(store_item_seen_as(store, second, "g", "gk3", "l", "lk3", NOW), 0);
        store_candidates_done(&found);
        assert_int_equal(store_item_candidates(store, feed, "gk3", "lk3", NULL, &found), 0);
        assert_true(found.by_guid.id == second && found.by_link.id == second);
        assert_string_equal(found.by_guid.link, "l");
        assert_int_equal(store_item_get(store, first, &got), 0);
        assert_string_equal(got.page_text, "page");
        assert_true(got.last_seen_usec == NOW + 100);
}

static void test_verdicts(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        int64_t item = add_item(store, add_feed(store, "f"), "i", 0, NOW);
        Span span = { .field = FIELD_BODY, .offset = 3, .n_bytes = 4 };
        KeywordHit hit = { .expression = (char *) "Kosovo NEAR/12 \"x\"",
                .weight_milli = 2500,
                .field = FIELD_BODY,
                .count = 2,
                .points_milli = 2343,
                .spans = &span,
                .n_spans = 1 };
        const Verdict verdicts[] = {
                { .profile = (char *) "z",
                        .score_milli = -1,
                        .threshold_milli = 10000,
                        .hits = &hit,
                        .n_hits = 1,
                        .body = BODY_FAILED,
                        .body_reason = (char *) "HTTP 503" },
                { .profile = (char *) "a",
                        .score_milli = 12345,
                        .threshold_milli = 10000,
                        .matched = true,
                        .near = true },
        };
        Verdict *got = NULL;
        size_t n = 0;

        assert_int_equal(store_verdicts_put(store, item, verdicts, 2), 0);
        assert_int_equal(store_verdicts_get(store, item, &got, &n), 0);
        assert_int_equal(n, 2);
        assert_string_equal(got[0].profile, "z");
        assert_true(got[0].score_milli == -1 && got[0].body == BODY_FAILED);
        assert_string_equal(got[0].body_reason, "HTTP 503");
        assert_string_equal(got[0].hits[0].expression, hit.expression);
        assert_true(got[0].hits[0].points_milli == 2343 && got[0].hits[0].spans[0].offset == 3);
        assert_true(got[1].score_milli == 12345 && got[1].matched);
        got = verdict_array_free(got, n);

        assert_int_equal(store_verdicts_put(store, item, &verdicts[1], 1), 0);
        assert_int_equal(store_verdicts_get(store, item, &got, &n), 0);
        assert_int_equal(n, 1);
        verdict_array_free(got, n);
        assert_int_equal(store_verdicts_get(store, 99, &got, &n), 0);
        assert_int_equal(n, 0);
}

static void test_story(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        int64_t f = add_feed(store, "f"), g = add_feed(store, "g"), story, later, id = 0, item;
        _cleanup_(alert_done) Alert alert = {};
        _cleanup_free_ Alert *alerts = NULL;
        Alert twice;
        size_t n = 0;

        story = add_story(store, NOW);
        item = add_item(store, f, "k", story, NOW);
        add_item(store, g, "k2", story, NOW + 1);
        add_item(store, g, "untold", 0, NOW + 1);

        assert_int_equal(store_story_find(store, "k", NULL, NOW - 1, &id), 0);
        assert_int_equal(id, story);
        assert_int_equal(store_story_find(store, "none", "k2", NOW - 1, &id), 0);
        assert_int_equal(store_story_find(store, "untold", "untold", 0, &id), -ENOENT);
        assert_int_equal(store_story_find(store, NULL, NULL, 0, &id), -ENOENT);
        assert_int_equal(store_story_find(store, "k", "k", NOW + 5, &id), -ENOENT);
        /* An old item that joined late. */
        later = add_story(store, NOW + 10);
        add_item(store, f, "old", later, NOW - 100);
        assert_int_equal(store_story_find(store, "old", NULL, NOW + 5, &id), 0);
        assert_int_equal(id, later);

        /* One link for all items of a feed joins nothing. */
        add_item(store, f, "shared", story, NOW);
        assert_int_equal(store_story_find(store, "shared", NULL, 0, &id), 0);
        assert_int_equal(
                store_execute(store, "UPDATE items SET link_key = 'shared' WHERE guid_key = 'old'"),
                0);
        assert_int_equal(store_story_find(store, "shared", NULL, 0, &id), -ENOENT);
        assert_int_equal(
                store_execute(store, "DELETE FROM items WHERE guid_key IN ('old', 'shared')"), 0);

        assert_int_equal(store_alert_exists(store, story, "p"), 0);
        add_alert(store, story, item, "p", NOW);
        assert_int_equal(store_alert_exists(store, story, "p"), 1);
        twice = (Alert){ .profile = (char *) "p",
                .story = { .id = story },
                .verdict = { .profile = (char *) "p" } };
        assert_int_equal(store_alert_insert(store, &twice), -EEXIST);
        assert_true(store_has_batch(store)); /* an outcome, not a failure */
        add_alert(store, story, item, "q", NOW + 1);

        assert_int_equal(store_alerts(store, 10, &alerts, &n), 0);
        assert_int_equal(n, 2);
        assert_string_equal(alerts[0].profile, "q");
        assert_string_equal(alerts[1].profile, "p");
        assert_string_equal(alerts[1].profile_title, "Title of it");
        assert_string_equal(alerts[1].feed, "f");
        assert_string_equal(alerts[1].story.title, "A story");
        assert_true(alerts[1].urgency == URGENCY_CRITICAL && alerts[1].raised_usec == NOW);
        assert_true(alerts[1].item_id == item);
        assert_int_equal(alerts[1].n_sources, 2);
        assert_string_equal(alerts[1].sources[1].feed, "g");
        assert_int_equal(alerts[1].verdict.n_hits, 1);
        for (size_t i = 0; i < n; i++)
                alert_done(&alerts[i]);

        assert_int_equal(store_story_load(store, story, &alert), 0);
        assert_int_equal(store_story_load(store, story, &alert), 0);
        assert_int_equal(alert.n_sources, 2);
        assert_int_equal(store_story_load(store, 99, &alert), -ENOENT);
}

static void test_outbox(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        int64_t story = add_story(store, NOW), alert, a, b;
        _cleanup_(delivery_done) Delivery next = {}, again = {};
        Delivery *list = NULL;
        StoreCounts counts;
        size_t n = 0;

        alert = add_alert(store, story, 0, "p", NOW);
        a = add_delivery(store, alert, "s", "id-a", DELIVERY_PENDING, NOW);
        b = add_delivery(
                store, add_alert(store, story, 0, "q", NOW), "s", "id-b", DELIVERY_PENDING, NOW);
        assert_int_equal(store_delivery_next(store, "none", &next), -ENOENT);
        assert_int_equal(store_delivery_next(store, "s", &next), 0);
        assert_int_equal(next.id, a);
        assert_string_equal(next.public_id, "id-a");
        assert_string_equal(next.body, "{\"a\":1}");
        assert_string_equal(next.profile, "p");
        assert_string_equal(next.title, "A story");

        next.state = DELIVERY_SENDING;
        next.n_attempts = 1;
        next.next_try_usec = NOW + 9;
        assert_int_equal(store_delivery_update(store, &next), 0);
        assert_int_equal(store_deliveries_recover(store), 1);
        assert_int_equal(store_deliveries_recover(store), 0);
        assert_int_equal(store_delivery_next(store, "s", &again), 0);
        assert_true(again.id == a && again.state == DELIVERY_PENDING && again.n_attempts == 1);
        assert_true(again.next_try_usec == 0);

        next.state = DELIVERY_DEAD;
        next.last_error = strdup("gone");
        next.last_status = 410;
        assert_int_equal(store_delivery_update(store, &next), 0);
        assert_int_equal(store_deliveries(store, DELIVERY_STATE_MAX, 10, &list, &n), 0);
        assert_int_equal(n, 2);
        assert_string_equal(list[0].last_error, "gone");
        list = delivery_array_free(list, n);
        assert_int_equal(store_deliveries(store, DELIVERY_DEAD, 10, &list, &n), 0);
        assert_int_equal(n, 1);
        list = delivery_array_free(list, n);
        assert_int_equal(store_counts(store, &counts), 0);
        assert_true(counts.n_pending == 1 && counts.n_dead == 1 && counts.n_alerts == 2);
        assert_true(counts.n_bytes > 0 && counts.n_stories == 1 && counts.n_pages_wanted == 0);

        assert_int_equal(store_delivery_retry(store, b, NOW), -EALREADY);
        assert_int_equal(store_delivery_retry(store, 99, NOW), -ENOENT);
        assert_int_equal(store_delivery_retry(store, a, NOW), 0);
        delivery_done(&again);
        assert_int_equal(store_delivery_next(store, "s", &again), 0);
        assert_true(again.id == a && again.next_try_usec == NOW);

        /* The database itself refuses a second one, and the batch goes with it. */
        next.public_id[0] = 'x';
        assert_int_equal(store_commit(store), 0);
        assert_int_equal(store_delivery_insert(store, &next), -EEXIST);
        assert_false(store_has_batch(store));
        assert_int_equal(store_batches_lost(store), 1);
}

static size_t claim(Store *store, uint32_t uid, usec_t now_usec) {
        char *sinks[] = { (char *) "desktop", (char *) "d\"2", NULL };
        Delivery *list = NULL;
        size_t n = 0;

        assert_int_equal(store_desktop_claim(store, uid, sinks, now_usec, USEC_PER_MINUTE,
                                 USEC_PER_DAY, 10, &list, &n),
                0);
        delivery_array_free(list, n);
        return n;
}

static void test_desktop(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        int64_t story = add_story(store, NOW), alert = add_alert(store, story, 0, "p", NOW);

        add_delivery(store, alert, "desktop", "a", DELIVERY_PENDING, NOW);
        add_delivery(store, alert, "d\"2", "b", DELIVERY_PENDING, NOW);
        add_delivery(store, alert, "chat", "c", DELIVERY_PENDING, NOW);
        add_delivery(store, 0, "desktop", "dead", DELIVERY_DEAD, NOW);
        add_delivery(store, 0, "desktop", "old", DELIVERY_PENDING, NOW - 2 * USEC_PER_DAY);

        assert_int_equal(store_desktop_acknowledge(store, 1, "a", NOW), -ENOENT);
        assert_int_equal(claim(store, 1, NOW), 2);
        assert_int_equal(claim(store, 1, NOW + 1), 0);
        assert_int_equal(claim(store, 2, NOW + 1), 2);
        assert_int_equal(store_desktop_acknowledge(store, 1, "a", NOW + 2), 0);
        assert_int_equal(store_desktop_acknowledge(store, 1, "a", NOW + 3), 0);
        assert_int_equal(store_desktop_acknowledge(store, 3, "a", NOW + 2), -ENOENT);
        assert_int_equal(store_desktop_acknowledge(store, 1, "nothing", NOW), -ENOENT);
        assert_int_equal(count_rows(store,
                                 "SELECT count(*) FROM deliveries WHERE state = 'done' AND"
                                 " done_usec = 1790000000000002"),
                1);
        /* The lease has ended: what was not shown is given again, to others also what was. */
        assert_int_equal(claim(store, 1, NOW + 2 * USEC_PER_MINUTE), 1);
        assert_int_equal(claim(store, 2, NOW + 2 * USEC_PER_MINUTE), 2);
        assert_int_equal(claim(store, 3, NOW + 2 * USEC_PER_MINUTE), 2);
        /* The clock was set back: no claim lasts for a day because of it. */
        assert_int_equal(claim(store, 3, NOW - USEC_PER_HOUR), 2);
}

static void test_hosts(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        const StoreHost rows[] = {
                { false, (char *) "example.org", NOW + 5, 0, 0 },
                { true, (char *) "example.org", NOW + 7, NOW + 9, 3 },
                { true, (char *) "127.0.0.1:80", 0, NOW - 1, 1 },
        };
        StoreHost *hosts = NULL, again = rows[0];
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_int_equal(store_host_put(store, &rows[i]), 0);
        again.closed_until_usec = NOW + 6;
        assert_int_equal(store_host_put(store, &again), 0);
        assert_int_equal(store_commit(store), 0);

        assert_int_equal(store_hosts(store, &hosts, &n), 0);
        assert_int_equal(n, 3);
        for (size_t i = 0; i < n; i++) {
                const StoreHost *row = streq(hosts[i].name, "127.0.0.1:80") ? &rows[2]
                        : hosts[i].is_domain                                ? &rows[1]
                                                                            : &again;

                assert_string_equal(hosts[i].name, row->name);
                assert_int_equal(hosts[i].is_domain, row->is_domain);
                assert_int_equal(hosts[i].closed_until_usec, row->closed_until_usec);
                assert_int_equal(hosts[i].slow_until_usec, row->slow_until_usec);
                assert_int_equal(hosts[i].n_limited, row->n_limited);
        }
        assert_null(store_hosts_free(hosts, n));

        /* What is over goes. */
        assert_int_equal(store_hosts_prune(store, NOW), 1);
        assert_int_equal(store_hosts_prune(store, NOW + 8), 1);
        assert_int_equal(store_hosts_prune(store, NOW + 9), 1);
        assert_int_equal(count_rows(store, "SELECT count(*) FROM hosts"), 0);
}

/* What nobody took becomes a dead letter; a webhook's queue is its own affair. */
static void test_expire(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        char *webhooks[] = { (char *) "chat", NULL };

        add_delivery(store, 0, "desktop", "young", DELIVERY_PENDING, NOW);
        add_delivery(store, 0, "desktop", "old", DELIVERY_PENDING, NOW - 2);
        add_delivery(store, 0, "desktop", "shown", DELIVERY_DONE, NOW - 2);
        add_delivery(store, 0, "gone", "gone", DELIVERY_SENDING, NOW - 2);
        add_delivery(store, 0, "chat", "chat", DELIVERY_PENDING, NOW - 2);

        assert_int_equal(store_deliveries_expire(store, webhooks, NOW - 1, NOW, "nobody"), 2);
        assert_int_equal(store_deliveries_expire(store, webhooks, NOW - 1, NOW, "nobody"), 0);
        assert_int_equal(count_rows(store,
                                 "SELECT count(*) FROM deliveries WHERE state = 'dead' AND"
                                 " public_id IN ('old', 'gone') AND last_error = 'nobody'"),
                2);
        /* Without any webhook all are judged. */
        assert_int_equal(store_deliveries_expire(store, NULL, NOW - 1, NOW, "nobody"), 1);
}

static void test_queue(void **state) {
        static const struct {
                const char *sink;
                uint64_t n_pending, n_dead;
        } cases[] = { { "a", 2, 1 }, { "b", 1, 0 }, { "none", 0, 0 }, { NULL, 3, 1 } };
        _cleanup_(store_closep) Store *store = open_store(*state);

        add_delivery(store, 0, "a", "1", DELIVERY_PENDING, NOW);
        add_delivery(store, 0, "a", "2", DELIVERY_SENDING, NOW);
        add_delivery(store, 0, "a", "3", DELIVERY_DEAD, NOW);
        add_delivery(store, 0, "a", "4", DELIVERY_DONE, NOW);
        add_delivery(store, 0, "b", "5", DELIVERY_PENDING, NOW);

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint64_t n_pending = 99, n_dead = 99;

                assert_int_equal(store_queue(store, cases[i].sink, &n_pending, &n_dead), 0);
                if (n_pending != cases[i].n_pending || n_dead != cases[i].n_dead)
                        fail_msg("%s: %lu wait, %lu dead", strna(cases[i].sink), n_pending, n_dead);
        }
}

/* What many feeds give at first sight, in one batch. */
static void test_many(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        const usec_t start = clock_boottime(&clock_system);
        usec_t took;

        for (int f = 0; f < 200; f++) {
                char name[32];
                int64_t feed;

                (void) snprintf(name, sizeof name, "feed-%d", f);
                feed = add_feed(store, name);
                for (int i = 0; i < 50; i++) {
                        _cleanup_(store_candidates_done) StoreCandidates found = {};
                        char key[64];

                        (void) snprintf(key, sizeof key, "%d-%d-%x", f, i, (unsigned) (i * 7919));
                        assert_int_equal(
                                store_item_candidates(store, feed, key, key, key, &found), 0);
                        add_item(store, feed, key, 0, NOW);
                }
        }
        assert_int_equal(store_commit(store), 0);
        took = usec_sub(clock_boottime(&clock_system), start);
        print_message("10000 items in %s\n", FORMAT_TIMESPAN(took));
        assert_int_equal(count_rows(store, "SELECT count(*) FROM items"), 10000);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_feed, setup_directory, teardown_directory),
                cmocka_unit_test_setup_teardown(test_item, setup_directory, teardown_directory),
                cmocka_unit_test_setup_teardown(test_verdicts, setup_directory, teardown_directory),
                cmocka_unit_test_setup_teardown(test_story, setup_directory, teardown_directory),
                cmocka_unit_test_setup_teardown(test_outbox, setup_directory, teardown_directory),
                cmocka_unit_test_setup_teardown(test_desktop, setup_directory, teardown_directory),
                cmocka_unit_test_setup_teardown(test_hosts, setup_directory, teardown_directory),
                cmocka_unit_test_setup_teardown(test_expire, setup_directory, teardown_directory),
                cmocka_unit_test_setup_teardown(test_queue, setup_directory, teardown_directory),
                cmocka_unit_test_setup_teardown(test_many, setup_directory, teardown_directory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
