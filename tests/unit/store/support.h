/* SPDX-License-Identifier: MIT */
#pragma once

/* A store in a folder of its own, and rows to put into it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/database.h"
#include "store/store.h"

#define NOW (UINT64_C(1790000000) * USEC_PER_SEC)

static inline int remove_one(const char *path, const struct stat *st _unused_, int type _unused_,
        struct FTW *ftw _unused_) {
        return remove(path);
}

static inline void remove_tree(const char *path) {
        (void) nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The folder of the test: the cmocka state. */
static inline int setup_directory(void **state) {
        char *path = strdup("/tmp/picket-store-XXXXXX");

        if (!path || !mkdtemp(path))
                return -1;
        *state = path;
        return 0;
}

static inline int teardown_directory(void **state) {
        remove_tree(*state);
        free(*state);
        return 0;
}

static inline Store *open_store(const char *directory) {
        _cleanup_free_ char *message = NULL;
        Store *store = NULL;
        int r = store_open(directory, 0, &store, &message);

        if (r < 0)
                fail_msg("%s: %d %s", directory, r, strna(message));
        return store;
}

static inline int64_t add_feed(Store *store, const char *name) {
        _cleanup_(feed_done) Feed feed = {};

        assert_int_equal(store_feed_get(store, name, "https://example.org/feed", &feed), 0);
        return feed.id;
}

/* Keys and texts are made of @name. */
static inline int64_t add_item(
        Store *store, int64_t feed_id, const char *name, int64_t story_id, usec_t seen_usec) {
        ItemRecord item = {
                .feed_id = feed_id,
                .guid = (char *) name,
                .guid_key = (char *) name,
                .link = (char *) "https://example.org/1",
                .link_key = (char *) name,
                .content_key = (char *) name,
                .title = (char *) name,
                .summary = (char *) "a summary",
                .published_usec = seen_usec,
                .updated_usec = USEC_INFINITY,
                .first_seen_usec = seen_usec,
                .last_seen_usec = seen_usec,
                .story_id = story_id,
        };

        assert_int_equal(store_item_insert(store, &item), 0);
        return item.id;
}

static inline int64_t add_story(Store *store, usec_t created_usec) {
        Story story = { .title = (char *) "A story",
                .published_usec = created_usec,
                .created_usec = created_usec };

        assert_int_equal(store_story_insert(store, &story), 0);
        return story.id;
}

static inline int64_t add_alert(
        Store *store, int64_t story_id, int64_t item_id, const char *profile, usec_t raised_usec) {
        KeywordHit hit = { .expression = (char *) "KFOR",
                .weight_milli = 10000,
                .field = FIELD_TITLE,
                .count = 1,
                .points_milli = 15000 };
        Alert alert = { .profile = (char *) profile,
                .profile_title = (char *) "Title of it",
                .story = { .id = story_id },
                .urgency = URGENCY_CRITICAL,
                .raised_usec = raised_usec,
                .item_id = item_id,
                .feed = (char *) "f",
                .verdict = { .profile = (char *) profile,
                        .score_milli = 15000,
                        .threshold_milli = 10000,
                        .matched = true,
                        .hits = &hit,
                        .n_hits = 1 } };

        assert_int_equal(store_alert_insert(store, &alert), 0);
        return alert.id;
}

static inline int64_t add_delivery(Store *store, int64_t alert_id, const char *sink,
        const char *public_id, DeliveryState state, usec_t created_usec) {
        Delivery delivery = { .public_id = (char *) public_id,
                .alert_id = alert_id,
                .sink = (char *) sink,
                .body = (char *) "{\"a\":1}",
                .state = state,
                .created_usec = created_usec,
                .done_usec = USEC_INFINITY };

        assert_int_equal(store_delivery_insert(store, &delivery), 0);
        return delivery.id;
}

static inline int64_t count_rows(Store *store, const char *sql) {
        sqlite3_stmt *s = NULL;
        int64_t n;

        assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &s, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        n = sqlite3_column_int64(s, 0);
        sqlite3_finalize(s);
        return n;
}
