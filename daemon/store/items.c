/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "store/database.h"
#include "store/explanation.h"

static int read_page_state(sqlite3_stmt *s, int column, PageState *ret) {
        const char *word = (const char *) sqlite3_column_text(s, column);

        return word && page_state_from_string(word, ret) >= 0 ? 0 : -EUCLEAN;
}

/* Reads a row of ITEM_SELECT. */
static int item_read(sqlite3_stmt *s, ItemRecord *ret) {
        _cleanup_(item_record_done) ItemRecord item = {};
        char **const texts[] = { &item.feed, &item.guid, &item.link, &item.title, &item.summary,
                &item.content, &item.authors, &item.categories, &item.guid_key, &item.link_key,
                &item.content_key };
        int r, c = 0;

        item.id = sqlite3_column_int64(s, c++);
        item.feed_id = sqlite3_column_int64(s, c++);
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if ((r = column_text(s, c++, texts[i])) < 0)
                        return r;
        item.published_usec = column_usec(s, c++);
        item.updated_usec = column_usec(s, c++);
        item.first_seen_usec = column_usec(s, c++);
        item.last_seen_usec = column_usec(s, c++);
        item.silent = column_bool(s, c++);
        item.story_id = sqlite3_column_int64(s, c++);
        if ((r = read_page_state(s, c++, &item.page)) < 0 ||
                (r = column_text(s, c++, &item.page_text)) < 0 ||
                (r = column_text(s, c++, &item.page_error)) < 0)
                return r;
        item.page_attempts = column_unsigned(s, c++);
        item.page_next_usec = column_usec(s, c++);
        item.hold_until_usec = column_usec(s, c++);

        *ret = item;
        item = (ItemRecord){};
        return 0;
}

/* --- looking up --- */

void store_candidates_done(StoreCandidates *candidates) {
        item_record_done(&candidates->by_guid);
        item_record_done(&candidates->by_link);
        item_record_done(&candidates->by_content);
        *candidates = (StoreCandidates){};
}

/* The newest row under @key into *ret, id 0 when there is none; is it the only one? */
static int find_candidate(Store *store, StatementId id, int64_t feed_id, const char *key,
        ItemRecord *ret, bool *ret_shared) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        int r;

        if (!key)
                return 0;

        r = statement_begin(store, id, VALUES(row_id(feed_id), text(key)), &s);
        if (r < 0)
                return r;

        r = statement_step(store, s);
        if (r <= 0)
                return r;

        r = item_read(s, ret);
        if (r < 0)
                return r;

        r = statement_step(store, s);
        if (r < 0)
                return r;

        *ret_shared = r > 0;
        return 0;
}

int store_item_candidates(Store *store, int64_t feed_id, const char *guid_key, const char *link_key,
        const char *content_key, StoreCandidates *ret) {
        _cleanup_(store_candidates_done) StoreCandidates found = {};
        bool content_shared = false; /* equal texts are told apart by the other keys */
        int r;

        r = find_candidate(store, STATEMENT_ITEM_BY_GUID, feed_id, guid_key, &found.by_guid,
                &found.guid_shared);
        if (r >= 0)
                r = find_candidate(store, STATEMENT_ITEM_BY_LINK, feed_id, link_key, &found.by_link,
                        &found.link_shared);
        if (r >= 0)
                r = find_candidate(store, STATEMENT_ITEM_BY_CONTENT, feed_id, content_key,
                        &found.by_content, &content_shared);
        if (r < 0)
                return r;

        *ret = found;
        found = (StoreCandidates){};
        return 0;
}

int store_item_get(Store *store, int64_t item_id, ItemRecord *ret) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        int r;

        r = statement_begin(store, STATEMENT_ITEM_BY_ID, VALUES(row_id(item_id)), &s);
        if (r < 0)
                return r;

        r = statement_step(store, s);
        if (r < 0)
                return r;
        return r == 0 ? -ENOENT : item_read(s, ret);
}

static ItemRecord *item_array_free(ItemRecord *items, size_t n) {
        for (size_t i = 0; i < n; i++)
                item_record_done(&items[i]);

        return mfree(items);
}

int store_pages_wanted(Store *store, size_t n_max, ItemRecord **ret, size_t *ret_n) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        ItemRecord *items = NULL;
        size_t n = 0, n_allocated = 0;
        int r;

        r = statement_begin(store, STATEMENT_ITEM_DUE, VALUES(count(n_max)), &s);
        if (r < 0)
                return r;

        while ((r = statement_step(store, s)) > 0) {
                r = ARRAY_GROW(items, n_allocated, n + 1);
                if (r >= 0)
                        r = item_read(s, &items[n]);
                if (r < 0)
                        break;
                n++;
        }
        if (r < 0) {
                item_array_free(items, n);
                return r;
        }

        *ret = items;
        *ret_n = n;
        return 0;
}

int store_pages_next(Store *store, usec_t *ret) {
        int64_t due;
        int r;

        r = store_read_integer(store, STATEMENT_ITEM_NEXT_DUE, NULL, 0, &due);
        if (r == -ENOENT) {
                *ret = USEC_INFINITY;
                return 0;
        }
        if (r < 0)
                return r;

        *ret = due == INT64_MAX ? USEC_INFINITY : (usec_t) MAX(due, INT64_C(0));
        return 0;
}

int store_items_gone(Store *store, int64_t feed_id, usec_t since_usec, usec_t before_usec,
        size_t n_max, int (*on_item)(const ItemRecord *item, void *userdata), void *userdata) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        int r;

        r = statement_begin(store, STATEMENT_ITEM_GONE,
                VALUES(row_id(feed_id), usec(since_usec), usec(before_usec), count(n_max)), &s);
        if (r < 0)
                return r;

        while ((r = statement_step(store, s)) > 0) {
                _cleanup_(item_record_done) ItemRecord item = {};

                r = item_read(s, &item);
                if (r >= 0)
                        r = on_item(&item, userdata);
                if (r < 0)
                        return r;
        }
        return r;
}

int store_items_newest(Store *store, int64_t feed_id, int64_t before_id, usec_t *ret) {
        int64_t newest;
        int r;

        r = store_read_integer(store, STATEMENT_ITEM_NEWEST,
                VALUES(row_id(feed_id), row_id(before_id), usec(USEC_INFINITY)), &newest);
        if (r < 0)
                return r;

        *ret = (usec_t) MAX(newest, INT64_C(0));
        return 0;
}

/* --- writing --- */

static int texts_put(Store *store, const ItemRecord *item) {
        return store_write(store, STATEMENT_TEXTS_PUT,
                VALUES(row_id(item->id), text(item->summary), text(item->content),
                        text(item->authors), text(item->categories), text(item->page_text)));
}

int store_item_insert(Store *store, ItemRecord *item) {
        int r;

        r = store_write(store, STATEMENT_ITEM_INSERT,
                VALUES(row_id(item->feed_id), text(item->guid), text(item->link), text(item->title),
                        text(item->guid_key), text(item->link_key), text(item->content_key),
                        usec(item->published_usec), usec(item->updated_usec),
                        usec(item->first_seen_usec), usec(item->last_seen_usec),
                        integer(item->silent), row_id(item->story_id),
                        text(page_state_to_string(item->page)), text(item->page_error),
                        count(item->page_attempts), usec(item->page_next_usec),
                        usec(item->hold_until_usec)));
        if (r < 0)
                return r;

        item->id = sqlite3_last_insert_rowid(store->db);
        r = texts_put(store, item);
        return r < 0 ? r : 0;
}

int store_item_update(Store *store, const ItemRecord *item) {
        int r;

        r = store_write_known(store, STATEMENT_ITEM_UPDATE,
                VALUES(row_id(item->id), text(item->guid), text(item->link), text(item->title),
                        text(item->guid_key), text(item->link_key), text(item->content_key),
                        usec(item->published_usec), usec(item->updated_usec),
                        usec(item->first_seen_usec), usec(item->last_seen_usec),
                        integer(item->silent), row_id(item->story_id),
                        text(page_state_to_string(item->page)), text(item->page_error),
                        count(item->page_attempts), usec(item->page_next_usec),
                        usec(item->hold_until_usec)));
        if (r < 0)
                return r;

        r = texts_put(store, item);
        return r < 0 ? r : 0;
}

int store_item_seen(Store *store, int64_t item_id, usec_t now_usec) {
        return store_write_known(
                store, STATEMENT_ITEM_SEEN, VALUES(row_id(item_id), usec(now_usec)));
}

int store_item_seen_as(Store *store, int64_t item_id, const char *guid, const char *guid_key,
        const char *link, const char *link_key, usec_t now_usec) {
        return store_write_known(store, STATEMENT_ITEM_SEEN_AS,
                VALUES(row_id(item_id), text(guid), text(guid_key), text(link), text(link_key),
                        usec(now_usec)));
}

int store_item_settle(Store *store, int64_t item_id, bool silent) {
        return store_write_known(
                store, STATEMENT_ITEM_SETTLE, VALUES(row_id(item_id), integer(silent)));
}

int store_item_delete(Store *store, int64_t item_id) {
        return store_write_known(store, STATEMENT_ITEM_DELETE, VALUES(row_id(item_id)));
}

/* --- verdicts --- */

int store_verdicts_put(Store *store, int64_t item_id, const Verdict *verdicts, size_t n) {
        int r;

        r = store_write(store, STATEMENT_VERDICTS_DELETE, VALUES(row_id(item_id)));
        for (size_t i = 0; i < n && r >= 0; i++) {
                _cleanup_free_ char *explanation = NULL;

                r = verdict_to_text(&verdicts[i], &explanation);
                if (r < 0) {
                        /* Half of the verdicts must not be what a commit finds. */
                        store_rollback(store);
                        return r;
                }

                r = store_write(store, STATEMENT_VERDICT_INSERT,
                        VALUES(row_id(item_id), text(verdicts[i].profile), count(i),
                                text(explanation)));
        }

        return r < 0 ? r : 0;
}

int store_verdicts_get(Store *store, int64_t item_id, Verdict **ret, size_t *ret_n) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        Verdict *verdicts = NULL;
        size_t n = 0, n_allocated = 0;
        int r;

        r = statement_begin(store, STATEMENT_VERDICT_LIST, VALUES(row_id(item_id)), &s);
        if (r < 0)
                return r;

        while ((r = statement_step(store, s)) > 0) {
                r = ARRAY_GROW(verdicts, n_allocated, n + 1);
                if (r >= 0)
                        r = verdict_from_text(
                                (const char *) sqlite3_column_text(s, 0), &verdicts[n]);
                if (r < 0)
                        break;
                n++;
        }
        if (r < 0) {
                verdict_array_free(verdicts, n);
                return r;
        }

        *ret = verdicts;
        *ret_n = n;
        return 0;
}
