/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "store/database.h"

/* Reads a row of FEED_SELECT. */
static int feed_read(sqlite3_stmt *s, Feed *ret) {
        _cleanup_(feed_done) Feed feed = {};
        int r, c = 0;

        feed.id = sqlite3_column_int64(s, c++);
        if ((r = column_text(s, c++, &feed.name)) < 0 || (r = column_text(s, c++, &feed.url)) < 0 ||
                (r = column_text(s, c++, &feed.etag)) < 0 ||
                (r = column_text(s, c++, &feed.last_modified)) < 0)
                return r;
        feed.next_poll_usec = column_usec(s, c++);
        feed.last_poll_usec = column_usec(s, c++);
        feed.last_success_usec = column_usec(s, c++);
        feed.last_item_usec = column_usec(s, c++);
        feed.retry_after_usec = column_usec(s, c++);
        feed.n_failures = column_unsigned(s, c++);
        if ((r = column_text(s, c++, &feed.last_error)) < 0)
                return r;
        feed.last_status = column_unsigned(s, c++);
        feed.polled_once = column_bool(s, c++);
        feed.ttl_usec = column_usec(s, c++);
        feed.max_age_usec = column_usec(s, c++);
        feed.n_items = column_count(s, c++);
        if ((r = column_text(s, c++, &feed.title)) < 0)
                return r;

        *ret = feed;
        feed = (Feed){};
        return 0;
}

/* 0 or -ENOENT. */
static int feed_find(Store *store, const char *name, Feed *ret) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        int r;

        r = statement_begin(store, STATEMENT_FEED_BY_NAME, VALUES(text(name)), &s);
        if (r < 0)
                return r;

        r = statement_step(store, s);
        if (r < 0)
                return r;
        return r == 0 ? -ENOENT : feed_read(s, ret);
}

int store_feed_get(Store *store, const char *name, const char *url, Feed *ret) {
        _cleanup_(feed_done) Feed feed = {};
        int r;

        r = feed_find(store, name, &feed);
        if (r == -ENOENT)
                r = store_write(store, STATEMENT_FEED_INSERT, VALUES(text(name), text(url)));
        else if (r >= 0 && !streq(feed.url, url))
                r = store_write(store, STATEMENT_FEED_MOVE, VALUES(row_id(feed.id), text(url)));
        else if (r >= 0) {
                *ret = feed;
                feed = (Feed){};
                return 0;
        }
        if (r < 0)
                return r;

        return feed_find(store, name, ret);
}

int store_feed_save(Store *store, const Feed *feed) {
        int r;

        r = store_write(store, STATEMENT_FEED_SAVE,
                VALUES(row_id(feed->id), text(feed->url), text(feed->etag),
                        text(feed->last_modified), usec(feed->next_poll_usec),
                        usec(feed->last_poll_usec), usec(feed->last_success_usec),
                        usec(feed->last_item_usec), usec(feed->retry_after_usec),
                        count(feed->n_failures), text(feed->last_error), count(feed->last_status),
                        integer(feed->polled_once), usec(feed->ttl_usec), usec(feed->max_age_usec),
                        count(feed->n_items), text(feed->title)));
        if (r < 0)
                return r;
        return r == 0 ? -ENOENT : 0;
}

static Feed *feed_array_free(Feed *feeds, size_t n) {
        for (size_t i = 0; i < n; i++)
                feed_done(&feeds[i]);

        return mfree(feeds);
}

int store_feeds(Store *store, Feed **ret, size_t *ret_n) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        Feed *feeds = NULL;
        size_t n = 0, n_allocated = 0;
        int r;

        r = statement_begin(store, STATEMENT_FEED_LIST, NULL, 0, &s);
        if (r < 0)
                return r;

        while ((r = statement_step(store, s)) > 0) {
                r = ARRAY_GROW(feeds, n_allocated, n + 1);
                if (r >= 0)
                        r = feed_read(s, &feeds[n]);
                if (r < 0)
                        break;
                n++;
        }
        if (r < 0) {
                feed_array_free(feeds, n);
                return r;
        }

        *ret = feeds;
        *ret_n = n;
        return 0;
}
