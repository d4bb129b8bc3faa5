/* SPDX-License-Identifier: MIT */

/* What goes with age, what stays in spite of it, and never more than asked at a time. */

#include "support.h"

static const StoreRetention retention = {
        .text_usec = 30 * USEC_PER_DAY,
        .item_usec = 90 * USEC_PER_DAY,
        .alert_usec = 180 * USEC_PER_DAY,
};

static usec_t days_ago(unsigned n) {
        return NOW - n * USEC_PER_DAY;
}

static int64_t count_total(Store *store) {
        return count_rows(store,
                "SELECT (SELECT count(*) FROM items) + (SELECT count(*) FROM texts)"
                " + (SELECT count(*) FROM verdicts) + (SELECT count(*) FROM alerts)"
                " + (SELECT count(*) FROM deliveries) + (SELECT count(*) FROM desktop_claims)"
                " + (SELECT count(*) FROM stories)");
}

/* To the end, in steps of @n rows. */
static void prune_all(Store *store, size_t n) {
        int r = 1;

        for (unsigned i = 0; r > 0; i++) {
                int64_t before = count_total(store);

                assert_true(i < 1000);
                r = store_prune(store, &retention, NOW, n);
                assert_true(r >= 0);
                assert_true(before - count_total(store) <= (int64_t) n);
        }
}

static bool exists(Store *store, const char *table, const char *column, int64_t id) {
        char sql[128];

        (void) snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE %s = %lld", table, column,
                (long long) id);
        return count_rows(store, sql) > 0;
}

static void test_items(void **state) {
        for (size_t step = 1; step <= 100; step = step * 10) {
                _cleanup_(store_closep) Store *store = open_store(*state);
                const Verdict verdicts[] = { { .profile = (char *) "p" },
                        { .profile = (char *) "q" } };
                int64_t feed = add_feed(store, "f"), fresh, texts, gone, wanted;
                ItemRecord item;

                fresh = add_item(store, feed, "fresh", 0, days_ago(29));
                texts = add_item(store, feed, "texts", 0, days_ago(31));
                gone = add_item(store, feed, "gone", 0, days_ago(91));
                wanted = add_item(store, feed, "wanted", 0, days_ago(91));
                assert_int_equal(store_verdicts_put(store, gone, verdicts, 2), 0);
                assert_int_equal(store_verdicts_put(store, texts, verdicts, 2), 0);
                assert_int_equal(store_item_get(store, wanted, &item), 0);
                item.page = PAGE_WANTED;
                assert_int_equal(store_item_update(store, &item), 0);
                item_record_done(&item);

                prune_all(store, step);
                assert_true(exists(store, "texts", "item_id", fresh));
                assert_true(exists(store, "items", "id", texts));
                assert_false(exists(store, "texts", "item_id", texts));
                assert_false(exists(store, "verdicts", "item_id", texts));
                assert_false(exists(store, "items", "id", gone));
                assert_false(exists(store, "verdicts", "item_id", gone));
                assert_true(exists(store, "texts", "item_id", wanted));

                /* What lost its texts is still known, and may get new ones. */
                assert_int_equal(store_item_get(store, texts, &item), 0);
                assert_string_equal(item.title, "texts");
                assert_string_equal(item.guid_key, "texts");
                assert_null(item.summary);
                item.summary = strdup("again");
                item.last_seen_usec = NOW;
                assert_int_equal(store_item_update(store, &item), 0);
                item_record_done(&item);
                prune_all(store, step);
                assert_true(exists(store, "texts", "item_id", texts));
                store = store_close(store);
                remove_tree(*state);
        }
}

static void test_alerts(void **state) {
        for (size_t step = 1; step <= 100; step = step * 10) {
                _cleanup_(store_closep) Store *store = open_store(*state);
                char *sinks[] = { (char *) "desktop", NULL };
                int64_t feed = add_feed(store, "f"), stories[4], items[4], alerts[4];
                static const struct {
                        unsigned seen_days;
                        DeliveryState delivery;
                        bool stays;
                } cases[] = {
                        { 200, DELIVERY_DONE, false }, { 200, DELIVERY_DEAD, false },
                        { 200, DELIVERY_PENDING, true }, /* still to be sent */
                        { 1, DELIVERY_DONE, true },      /* its feed still lists the item */
                };
                Delivery *claimed = NULL;
                size_t n = 0;

                for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                        char id[8];

                        (void) snprintf(id, sizeof id, "%zu", i);
                        stories[i] = add_story(store, days_ago(200));
                        items[i] =
                                add_item(store, feed, id, stories[i], days_ago(cases[i].seen_days));
                        alerts[i] = add_alert(store, stories[i], items[i], "p", days_ago(200));
                        add_delivery(
                                store, alerts[i], "desktop", id, cases[i].delivery, days_ago(200));
                }
                for (uint32_t uid = 1; uid < 4; uid++) {
                        assert_int_equal(store_desktop_claim(store, uid, sinks, days_ago(200), 1,
                                                 USEC_INFINITY, 10, &claimed, &n),
                                0);
                        delivery_array_free(claimed, n);
                }

                prune_all(store, step);
                prune_all(store, step); /* items follow their alerts, stories their items */
                prune_all(store, step);
                for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                        if (exists(store, "alerts", "id", alerts[i]) != cases[i].stays)
                                fail_msg("alert %zu", i);
                        assert_int_equal(exists(store, "items", "id", items[i]), cases[i].stays);
                        assert_int_equal(
                                exists(store, "stories", "id", stories[i]), cases[i].stays);
                        assert_int_equal(
                                exists(store, "deliveries", "alert_id", alerts[i]), cases[i].stays);
                }
                assert_int_equal(
                        count_rows(store, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
                store = store_close(store);
                remove_tree(*state);
        }
}

static void test_shrink(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        _cleanup_free_ char *big = malloc(50001);
        int64_t feed = add_feed(store, "f");
        StoreCounts before, after;
        ItemRecord item = { .feed_id = feed, .last_seen_usec = days_ago(100) };

        assert_non_null(big);
        memset(big, 'x', 50000);
        big[50000] = '\0';
        item.content = big;
        for (int i = 0; i < 400; i++)
                assert_int_equal(store_item_insert(store, &item), 0);
        assert_int_equal(store_commit(store), 0);
        assert_int_equal(store_counts(store, &before), 0);
        prune_all(store, 200);
        assert_int_equal(store_commit(store), 0);
        assert_int_equal(store_counts(store, &after), 0);
        assert_int_equal(after.n_items, 0);
        assert_true(after.n_bytes < before.n_bytes / 2);
}

/* What a feed lists is not forgotten, though it has said "not modified" for longer than items are
 * kept; when nobody reads the feed any more, it is. */
static void test_listed_all_the_time(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        static const struct {
                const char *name;
                unsigned read, success, seen;
                bool kept;
        } rows[] = { { "listed", 120, 0, 120, true }, { "listed no more", 100, 0, 120, false },
                { "not read any more", 120, 91, 120, false } };
        int64_t items[ELEMENTSOF(rows)];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(feed_done) Feed feed = {};

                assert_int_equal(store_feed_get(store, rows[i].name, "u", &feed), 0);
                feed.last_read_usec = days_ago(rows[i].read);
                feed.last_success_usec = days_ago(rows[i].success);
                assert_int_equal(store_feed_save(store, &feed), 0);
                items[i] = add_item(store, feed.id, "item", 0, days_ago(rows[i].seen));
        }
        prune_all(store, 10);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (exists(store, "items", "id", items[i]) != rows[i].kept)
                        fail_msg("%s", rows[i].name);
}

static void test_never(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        const StoreRetention never = { USEC_INFINITY, USEC_INFINITY, USEC_INFINITY };

        add_item(store, add_feed(store, "f"), "old", add_story(store, 1), 1);
        add_story(store, 1);
        assert_int_equal(store_commit(store), 0);
        assert_int_equal(store_prune(store, &never, NOW, 100), 0);
        assert_int_equal(count_total(store), 4);
        /* A clock that stands at its beginning ages nothing. */
        assert_int_equal(store_prune(store, &retention, USEC_PER_DAY, 100), 0);
        assert_int_equal(count_total(store), 4);
}

int main(void) {
#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, setup_directory, teardown_directory)
        const struct CMUnitTest tests[] = {
                STORE_TEST(test_items),
                STORE_TEST(test_alerts),
                STORE_TEST(test_shrink),
                STORE_TEST(test_listed_all_the_time),
                STORE_TEST(test_never),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
