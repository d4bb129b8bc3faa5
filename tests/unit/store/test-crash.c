/* SPDX-License-Identifier: MIT */

/* A full disk takes the whole batch back, and so does a kill at any instant: what is found
 * afterwards was written between two commits. */

#include "support.h"

#include <signal.h>
#include <sys/wait.h>

#define N_KILLS 50

static void test_full(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        _cleanup_free_ char *big = malloc(100000);
        int64_t feed = add_feed(store, "f");
        ItemRecord item = { .feed_id = feed, .title = (char *) "t" };
        char limit[64];
        int r = 0, n = 0;

        assert_non_null(big);
        memset(big, 'x', 99999);
        big[99999] = '\0';
        assert_int_equal(store_commit(store), 0);

        (void) snprintf(limit, sizeof limit, "PRAGMA max_page_count = %d",
                (int) count_rows(store, "PRAGMA page_count") + 40);
        assert_int_equal(store_execute(store, limit), 0);

        add_item(store, feed, "goes with the rest", 0, NOW);
        item.content = big;
        for (; n < 10 && r >= 0; n++)
                r = store_item_insert(store, &item);
        assert_int_equal(r, -ENOSPC);
        assert_non_null(strstr(store_error(store), "full"));
        assert_false(store_has_batch(store));
        assert_int_equal(store_batches_lost(store), 1);
        assert_int_equal(store_commit(store), 0);
        assert_int_equal(count_rows(store, "SELECT count(*) FROM items"), 0);

        /* And with room again it goes on. */
        assert_int_equal(store_execute(store, "PRAGMA max_page_count = 100000"), 0);
        assert_int_equal(store_item_insert(store, &item), 0);
        assert_int_equal(store_commit(store), 0);
        assert_int_equal(count_rows(store, "SELECT count(*) FROM items"), 1);
}

static void test_rollback(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        int64_t feed = add_feed(store, "f");

        assert_int_equal(store_commit(store), 0);
        add_item(store, feed, "a", 0, NOW);
        store_rollback(store);
        store_rollback(store);
        assert_int_equal(count_rows(store, "SELECT count(*) FROM items"), 0);

        /* Ids are not used again. */
        (void) add_item(store, feed, "b", 0, NOW);
        assert_int_equal(store_commit(store), 0);
        assert_int_equal(store_execute(store, "DELETE FROM items"), 0);
        assert_int_equal(add_item(store, feed, "c", 0, NOW), 2);
        store = store_close(store); /* takes back what was open */
        store = open_store(*state);
        assert_int_equal(count_rows(store, "SELECT count(*) FROM items"), 0);
}

/* Polls for ever: three items with an alert and two deliveries each, a commit after every item, the
 * feed's validators with the last one. Says when the store is open, and when something is durable.
 */
static void poll_for_ever(const char *directory, unsigned seed, int ready_fd) {
        Store *store = open_store(directory);

        if (write(ready_fd, "", 1) != 1)
                _exit(EXIT_FAILURE);

        for (unsigned poll = 0;; poll++) {
                Feed feed = {};
                char name[64], id[80];

                (void) snprintf(name, sizeof name, "%u-%u", seed, poll);
                if (store_feed_get(store, name, "https://example.org/", &feed) < 0)
                        _exit(EXIT_FAILURE);
                for (unsigned i = 0; i < 3; i++) {
                        int64_t story = add_story(store, NOW), alert, item;

                        item = add_item(store, feed.id, name, story, NOW);
                        alert = add_alert(store, story, item, "p", NOW);
                        for (unsigned d = 0; d < 2; d++) {
                                (void) snprintf(id, sizeof id, "%s-%u-%u", name, i, d);
                                add_delivery(
                                        store, alert, d ? "a" : "b", id, DELIVERY_PENDING, NOW);
                        }
                        if (i == 2) {
                                feed.etag = strdup("\"v\"");
                                feed.polled_once = true;
                                if (store_feed_save(store, &feed) < 0)
                                        _exit(EXIT_FAILURE);
                        }
                        if (store_commit(store) < 0)
                                _exit(EXIT_FAILURE);
                        if (poll == 0 && i == 0 && write(ready_fd, "", 1) != 1)
                                _exit(EXIT_FAILURE);
                }
                feed_done(&feed);
        }
}

static void assert_whole(Store *store) {
        static const char *const never[] = {
                "SELECT count(*) FROM alerts a WHERE (SELECT count(*) FROM deliveries d WHERE"
                " d.alert_id = a.id) <> 2",
                "SELECT count(*) FROM feeds f WHERE f.etag IS NOT NULL AND (SELECT count(*) FROM"
                " items i WHERE i.feed_id = f.id) <> 3",
                "SELECT count(*) FROM items i WHERE NOT EXISTS (SELECT 1 FROM texts t WHERE"
                " t.item_id = i.id)",
                "SELECT count(*) FROM items i WHERE NOT EXISTS (SELECT 1 FROM alerts a WHERE"
                " a.item_id = i.id)",
                "SELECT count(*) FROM pragma_foreign_key_check",
                "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
        };

        for (size_t i = 0; i < ELEMENTSOF(never); i++)
                if (count_rows(store, never[i]) != 0)
                        fail_msg("%s", never[i]);
}

static void test_kill(void **state) {
        int64_t n_items = 0;

        for (unsigned i = 0; i < N_KILLS; i++) {
                _cleanup_(store_closep) Store *store = NULL;
                int ready[2];
                int64_t n;
                char c;
                pid_t pid;

                assert_int_equal(pipe(ready), 0);
                pid = fork();
                assert_true(pid >= 0);
                if (pid == 0)
                        poll_for_ever(*state, i, ready[1]);

                /* One in five while it opens, one after a commit, the others while it writes. */
                for (unsigned n_waits = i % 5 == 0 ? 0 : i % 5 == 4 ? 2 : 1; n_waits > 0; n_waits--)
                        assert_int_equal(read(ready[0], &c, 1), 1);
                (void) usleep(i * 1371 % 15000);
                close(ready[0]);
                close(ready[1]);
                assert_int_equal(kill(pid, SIGKILL), 0);
                assert_int_equal(waitpid(pid, NULL, 0), pid);

                store = open_store(*state);
                assert_whole(store);
                n = count_rows(store, "SELECT count(*) FROM items");
                assert_true(n >= n_items);
                n_items = n;
        }
        print_message("%lld items survived\n", (long long) n_items);
        assert_true(n_items > 0);
}

int main(void) {
#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, setup_directory, teardown_directory)
        const struct CMUnitTest tests[] = {
                STORE_TEST(test_full),
                STORE_TEST(test_rollback),
                STORE_TEST(test_kill),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
