/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/database.h"

/* The times and counts of a FeedRate as numbers between spaces. */
#define RATE_CHARS_MAX (24 + 24 + FEED_HOURS * 11)

/* printf() would be half the cost of saving a feed. Returns behind the last digit. */
static char *write_number(char *p, uint64_t number) {
        char digits[20];
        size_t n = 0;

        do {
                digits[n++] = (char) ('0' + number % 10);
                number /= 10;
        } while (number > 0);
        while (n > 0)
                *p++ = digits[--n];
        return p;
}

static const char *rate_write(const FeedRate *rate, char buf[static RATE_CHARS_MAX]) {
        char *p = buf;

        if (rate->n_minutes == 0)
                return NULL;

        p = write_number(p, rate->n_minutes);
        *p++ = ' ';
        p = write_number(p, rate->counted_usec);
        for (unsigned hour = 0; hour < FEED_HOURS; hour++) {
                *p++ = ' ';
                p = write_number(p, rate->items_milli[hour]);
        }
        *p = '\0';
        return buf;
}

/* What is damaged is learned again. */
static void rate_read(sqlite3_stmt *s, int column, FeedRate *ret) {
        const char *p = (const char *) sqlite3_column_text(s, column);
        FeedRate rate = {};
        char *end = NULL;

        if (!p)
                return;

        rate.n_minutes = (uint32_t) MIN(strtoull(p, &end, 10), UINT32_MAX);
        rate.counted_usec = strtoull(end, &end, 10);
        for (unsigned hour = 0; hour < FEED_HOURS; hour++) {
                p = end;
                rate.items_milli[hour] = (uint32_t) MIN(strtoull(p, &end, 10), UINT32_MAX);
                if (end == p)
                        return;
        }
        *ret = rate;
}

/* A word that this version does not know is none: the next answer sets it. */
static FeedTrouble trouble_read(sqlite3_stmt *s, int column) {
        const char *word = (const char *) sqlite3_column_text(s, column);
        FeedTrouble trouble;

        return word && feed_trouble_from_string(word, &trouble) >= 0 ? trouble : FEED_TROUBLE_NONE;
}

static FeedReason reason_read(sqlite3_stmt *s, int column) {
        const char *word = (const char *) sqlite3_column_text(s, column);
        FeedReason reason;

        return word && feed_reason_from_string(word, &reason) >= 0 ? reason : FEED_REASON_NONE;
}

static FeedFormat format_read(sqlite3_stmt *s, int column) {
        const char *word = (const char *) sqlite3_column_text(s, column);
        FeedFormat format;

        return word && feed_format_from_string(word, &format) >= 0 ? format : FEED_FORMAT_MAX;
}

/* Reads a row of FEED_SELECT. */
static int feed_read(sqlite3_stmt *s, Feed *ret) {
        _cleanup_(feed_done) Feed feed = {};
        int r, c = 0;

        feed.id = sqlite3_column_int64(s, c++);
        if ((r = column_text(s, c++, &feed.name)) < 0)
                return r;
        if ((r = column_text(s, c++, &feed.url)) < 0)
                return r;
        if ((r = column_text(s, c++, &feed.etag)) < 0)
                return r;
        if ((r = column_text(s, c++, &feed.last_modified)) < 0)
                return r;
        if ((r = column_text(s, c++, &feed.validators_url)) < 0)
                return r;
        if ((r = column_text(s, c++, &feed.access_key)) < 0)
                return r;
        if ((r = column_text(s, c++, &feed.body_hash)) < 0)
                return r;
        feed.n_same = column_unsigned(s, c++);
        feed.n_unheeded = column_unsigned(s, c++);
        feed.etag_dropped = column_bool(s, c++);
        feed.not_modified_untrusted = column_bool(s, c++);
        feed.not_modified_since_usec = column_usec(s, c++);
        feed.last_probe_usec = column_usec(s, c++);
        feed.next_poll_usec = column_usec(s, c++);
        feed.wait_usec = column_usec(s, c++);
        feed.wait_reason = reason_read(s, c++);
        feed.last_poll_usec = column_usec(s, c++);
        feed.last_success_usec = column_usec(s, c++);
        feed.last_read_usec = column_usec(s, c++);
        feed.last_item_usec = column_usec(s, c++);
        feed.retry_after_usec = column_usec(s, c++);
        feed.ttl_usec = column_usec(s, c++);
        feed.max_age_usec = column_usec(s, c++);
        feed.period_usec = column_usec(s, c++);
        feed.skip_hours = column_unsigned(s, c++);
        feed.skip_days = column_unsigned(s, c++);
        rate_read(s, c++, &feed.rate);
        feed.gap_usec = column_usec(s, c++);
        feed.window_usec = column_usec(s, c++);
        feed.window_limit_usec = column_usec(s, c++);
        feed.n_failures = column_unsigned(s, c++);
        feed.trouble = trouble_read(s, c++);
        if ((r = column_text(s, c++, &feed.last_error)) < 0)
                return r;
        feed.last_status = column_unsigned(s, c++);
        feed.failing_since_usec = column_usec(s, c++);
        feed.gone_since_usec = column_usec(s, c++);
        feed.gone = column_bool(s, c++);
        feed.polled_once = column_bool(s, c++);
        feed.silence_told = column_bool(s, c++);
        feed.overlap_told = column_bool(s, c++);
        feed.n_items = column_count(s, c++);
        if ((r = column_text(s, c++, &feed.final_url)) < 0)
                return r;
        if ((r = column_text(s, c++, &feed.moved_to)) < 0)
                return r;
        if ((r = column_text(s, c++, &feed.move_target)) < 0)
                return r;
        feed.move_since_usec = column_usec(s, c++);
        feed.n_moves = column_unsigned(s, c++);
        feed.format = format_read(s, c++);
        if ((r = column_text(s, c++, &feed.title)) < 0)
                return r;
        if ((r = column_text(s, c++, &feed.link)) < 0)
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
        const char *format =
                feed->format < FEED_FORMAT_MAX ? feed_format_to_string(feed->format) : NULL;
        char rate[RATE_CHARS_MAX];

        return store_write_known(store, STATEMENT_FEED_SAVE,
                VALUES(row_id(feed->id), text(feed->url), text(feed->etag),
                        text(feed->last_modified), text(feed->validators_url),
                        text(feed->access_key), text(feed->body_hash), count(feed->n_same),
                        count(feed->n_unheeded), integer(feed->etag_dropped),
                        integer(feed->not_modified_untrusted), usec(feed->not_modified_since_usec),
                        usec(feed->last_probe_usec), usec(feed->next_poll_usec),
                        usec(feed->wait_usec), text(feed_reason_to_string(feed->wait_reason)),
                        usec(feed->last_poll_usec), usec(feed->last_success_usec),
                        usec(feed->last_read_usec), usec(feed->last_item_usec),
                        usec(feed->retry_after_usec), usec(feed->ttl_usec),
                        usec(feed->max_age_usec), usec(feed->period_usec), count(feed->skip_hours),
                        count(feed->skip_days), text(rate_write(&feed->rate, rate)),
                        usec(feed->gap_usec), usec(feed->window_usec),
                        usec(feed->window_limit_usec), count(feed->n_failures),
                        text(feed_trouble_to_string(feed->trouble)), text(feed->last_error),
                        count(feed->last_status), usec(feed->failing_since_usec),
                        usec(feed->gone_since_usec), integer(feed->gone),
                        integer(feed->polled_once), integer(feed->silence_told),
                        integer(feed->overlap_told), count(feed->n_items), text(feed->final_url),
                        text(feed->moved_to), text(feed->move_target), usec(feed->move_since_usec),
                        count(feed->n_moves), text(format), text(feed->title), text(feed->link)));
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
