/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "store/database.h"
#include "store/explanation.h"

/* An alert names some of a story's reports; a thousand outlets print the same agency text. */
#define SOURCES_MAX 64

/* --- stories --- */

static int find_by_key(
        Store *store, StatementId id, const char *key, usec_t since_usec, int64_t *ret_id) {
        if (!key)
                return -ENOENT;

        return store_read_integer(store, id, VALUES(text(key), usec(since_usec)), ret_id);
}

int store_story_find(Store *store, const char *link_key, const char *content_key, usec_t since_usec,
        int64_t *ret_id) {
        int r;

        /* One address is one story; equal words are a good guess. */
        r = find_by_key(store, STATEMENT_STORY_BY_LINK, link_key, since_usec, ret_id);
        if (r == -ENOENT)
                r = find_by_key(store, STATEMENT_STORY_BY_CONTENT, content_key, since_usec, ret_id);
        return r;
}

int store_story_insert(Store *store, Story *story) {
        int r;

        r = store_write(store, STATEMENT_STORY_INSERT,
                VALUES(text(story->title), text(story->link), text(story->summary),
                        usec(story->published_usec), usec(story->created_usec),
                        integer(story->muted)));
        if (r < 0)
                return r;

        story->id = sqlite3_last_insert_rowid(store->db);
        return 0;
}

static int story_read(Store *store, int64_t story_id, Story *ret) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        _cleanup_(story_done) Story story = {};
        int r;

        r = statement_begin(store, STATEMENT_STORY_BY_ID, VALUES(row_id(story_id)), &s);
        if (r < 0)
                return r;

        r = statement_step(store, s);
        if (r < 0)
                return r;
        if (r == 0)
                return -ENOENT;

        story.id = sqlite3_column_int64(s, 0);
        if ((r = column_text(s, 1, &story.title)) < 0 || (r = column_text(s, 2, &story.link)) < 0 ||
                (r = column_text(s, 3, &story.summary)) < 0)
                return r;
        story.published_usec = column_usec(s, 4);
        story.created_usec = column_usec(s, 5);
        story.muted = column_bool(s, 6);

        *ret = story;
        story = (Story){};
        return 0;
}

static int sources_read(Store *store, int64_t story_id, Alert *ret) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        _cleanup_(alert_done) Alert found = {};
        size_t n_allocated = 0;
        int r;

        r = statement_begin(
                store, STATEMENT_STORY_SOURCES, VALUES(row_id(story_id), count(SOURCES_MAX)), &s);
        if (r < 0)
                return r;

        while ((r = statement_step(store, s)) > 0) {
                StorySource *source;

                r = ARRAY_GROW(found.sources, n_allocated, found.n_sources + 1);
                if (r < 0)
                        return r;

                source = &found.sources[found.n_sources++];
                *source = (StorySource){};
                if ((r = column_text(s, 0, &source->feed)) < 0 ||
                        (r = column_text(s, 1, &source->title)) < 0 ||
                        (r = column_text(s, 2, &source->link)) < 0)
                        return r;
                source->published_usec = column_usec(s, 3);
        }
        if (r < 0)
                return r;

        ret->sources = TAKE_PTR(found.sources);
        ret->n_sources = found.n_sources;
        found.n_sources = 0;
        return 0;
}

int store_story_load(Store *store, int64_t story_id, Alert *alert) {
        _cleanup_(alert_done) Alert loaded = {}, old = {};
        int r;

        r = story_read(store, story_id, &loaded.story);
        if (r < 0)
                return r;

        r = sources_read(store, story_id, &loaded);
        if (r < 0)
                return r;

        old.story = alert->story;
        old.sources = alert->sources;
        old.n_sources = alert->n_sources;
        alert->story = loaded.story;
        alert->sources = loaded.sources;
        alert->n_sources = loaded.n_sources;
        loaded = (Alert){};
        return 0;
}

/* --- alerts --- */

int store_alert_exists(Store *store, int64_t story_id, const char *profile) {
        int64_t one;
        int r;

        r = store_read_integer(
                store, STATEMENT_ALERT_EXISTS, VALUES(row_id(story_id), text(profile)), &one);
        if (r == -ENOENT)
                return 0;
        return r < 0 ? r : 1;
}

int store_alert_insert(Store *store, Alert *alert) {
        _cleanup_free_ char *explanation = NULL;
        int r;

        r = verdict_to_text(&alert->verdict, &explanation);
        if (r < 0) {
                /* As after any failed write: the item that raised it must not be kept without it.
                 */
                store_rollback(store);
                return r;
        }

        r = store_write(store, STATEMENT_ALERT_INSERT,
                VALUES(row_id(alert->story.id), text(alert->profile), text(alert->profile_title),
                        text(urgency_to_string(alert->urgency)), usec(alert->raised_usec),
                        row_id(alert->item_id), text(alert->feed), text(explanation)));
        if (r < 0)
                return r;
        if (r == 0)
                return -EEXIST;

        alert->id = sqlite3_last_insert_rowid(store->db);
        return 0;
}

static int alert_read(Store *store, sqlite3_stmt *s, Alert *ret) {
        _cleanup_(alert_done) Alert alert = {};
        const char *urgency;
        int r;

        alert.id = sqlite3_column_int64(s, 0);
        r = store_story_load(store, sqlite3_column_int64(s, 1), &alert);
        if (r < 0)
                return r;

        if ((r = column_text(s, 2, &alert.profile)) < 0 ||
                (r = column_text(s, 3, &alert.profile_title)) < 0)
                return r;
        urgency = (const char *) sqlite3_column_text(s, 4);
        if (!urgency || urgency_from_string(urgency, &alert.urgency) < 0)
                return -EUCLEAN;
        alert.raised_usec = column_usec(s, 5);
        alert.item_id = sqlite3_column_int64(s, 6);
        if ((r = column_text(s, 7, &alert.feed)) < 0 ||
                (r = verdict_from_text((const char *) sqlite3_column_text(s, 8), &alert.verdict)) <
                        0)
                return r;

        *ret = alert;
        alert = (Alert){};
        return 0;
}

int store_alerts(Store *store, size_t n_max, Alert **ret, size_t *ret_n) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        Alert *alerts = NULL;
        size_t n = 0, n_allocated = 0;
        int r;

        r = statement_begin(store, STATEMENT_ALERT_LIST, VALUES(count(n_max)), &s);
        if (r < 0)
                return r;

        while ((r = statement_step(store, s)) > 0) {
                r = ARRAY_GROW(alerts, n_allocated, n + 1);
                if (r >= 0)
                        r = alert_read(store, s, &alerts[n]);
                if (r < 0)
                        break;
                n++;
        }
        if (r < 0) {
                for (size_t i = 0; i < n; i++)
                        alert_done(&alerts[i]);
                free(alerts);
                return r;
        }

        *ret = alerts;
        *ret_n = n;
        return 0;
}
