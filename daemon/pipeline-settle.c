/* SPDX-License-Identifier: MIT */

/* What is new in a feed that was read before is judged when its whole list was read.
 *
 * One entry alone does not tell that it is new: it may be one that left the list in this very poll,
 * under another guid and address (story/renewal.h), or part of an archive that was put back. So new
 * items are recorded at once, held, and settled here behind the last one, in the batch that ends
 * the poll. A poll that never ends leaves them held in the store: the next one finds them there and
 * settles them with its own, and should none come, what is held goes out by itself
 * (PIPELINE_SETTLE_USEC). */

#include <errno.h>

#include "base/log.h"
#include "pipeline-internal.h"
#include "story/renewal.h"

typedef struct Entries {
        RenewalEntry *entries;
        size_t n, n_allocated;
} Entries;

static void entries_done(Entries *e) {
        for (size_t i = 0; i < e->n; i++)
                renewal_entry_done(&e->entries[i]);
        free(e->entries);
        *e = (Entries){};
}

static int entries_add(const ItemRecord *record, void *userdata) {
        Entries *e = userdata;
        int r;

        r = ARRAY_GROW(e->entries, e->n_allocated, e->n + 1);
        if (r < 0)
                return r;
        r = renewal_entry(record, &e->entries[e->n]);
        if (r < 0)
                return r;
        e->n++;
        return 0;
}

int pipeline_settle_later(FeedRun *run, const ItemRecord *record) {
        usec_t date = item_date(record->published_usec, record->updated_usec);
        int r;

        r = ARRAY_GROW(run->held_items, run->n_held_allocated, run->n_held_items + 1);
        if (r < 0)
                return r;
        run->held_items[run->n_held_items++] = (HeldItem){
                .id = record->id,
                .date_usec = date == USEC_INFINITY ? date : MIN(date, record->first_seen_usec),
        };
        return 0;
}

/* --- the same under another name --- */

/* The row @gone_id takes what the feed says of it now, and the row that was made for that goes. */
static int take_renewed(FeedRun *run, int64_t fresh_id, int64_t gone_id, bool edited) {
        Store *store = run->pipeline->options.store;
        _cleanup_(item_record_done) ItemRecord fresh = {}, record = {};
        char **const ours[] = { &record.guid, &record.link, &record.title, &record.summary,
                &record.content, &record.authors, &record.categories, &record.guid_key,
                &record.link_key, &record.content_key };
        char **const theirs[] = { &fresh.guid, &fresh.link, &fresh.title, &fresh.summary,
                &fresh.content, &fresh.authors, &fresh.categories, &fresh.guid_key, &fresh.link_key,
                &fresh.content_key };
        int r;

        r = store_item_get(store, fresh_id, &fresh);
        if (r >= 0)
                r = store_item_get(store, gone_id, &record);
        if (r >= 0)
                r = store_item_delete(store, fresh_id);
        if (r < 0)
                return r;

        for (size_t i = 0; i < ELEMENTSOF(ours); i++) {
                char *old = *ours[i];

                *ours[i] = *theirs[i];
                *theirs[i] = old;
        }
        record.published_usec = fresh.published_usec;
        record.updated_usec = fresh.updated_usec;
        record.last_seen_usec = fresh.last_seen_usec;

        run->n_new_items -= run->n_new_items > 0;
        run->n_changed_items++;
        r = store_item_update(store, &record);
        if (r < 0)
                return r;
        return pipeline_take_text(run, &record, edited);
}

/* Takes those out of @items that are known under another name. */
static int settle_renewed(FeedRun *run, HeldItem *items, size_t *n) {
        Store *store = run->pipeline->options.store;
        _cleanup_(entries_done) Entries fresh = {}, gone = {};
        _cleanup_free_ size_t *matches = NULL;
        size_t n_left = 0;
        usec_t absent = usec_add(run->feed.last_success_usec, PIPELINE_ABSENCE_USEC);
        bool reset;
        int r;

        if (*n == 0 || *n > RENEWAL_ENTRIES_MAX || run->feed.last_read_usec == USEC_INFINITY)
                return 0;
        r = store_items_gone(store, run->feed.id, run->feed.last_read_usec, run->poll_usec,
                RENEWAL_ENTRIES_MAX, entries_add, &gone);
        if (r < 0 || gone.n == 0)
                return r;
        for (size_t i = 0; i < *n; i++) {
                _cleanup_(item_record_done) ItemRecord record = {};

                r = store_item_get(store, items[i].id, &record);
                if (r >= 0)
                        r = entries_add(&record, &fresh);
                if (r < 0)
                        return r;
        }

        matches = new0(size_t, *n);
        if (!matches)
                return -ENOMEM;
        reset = renewal_match(fresh.entries, fresh.n, gone.entries, gone.n,
                /* regular= */ absent >= run->poll_usec, matches);
        for (size_t i = 0; i < *n; i++) {
                if (matches[i] == SIZE_MAX) {
                        items[n_left++] = items[i];
                        continue;
                }
                log_debug("Feed '%s': item %" PRIi64 " is under another name what item %" PRIi64
                          " was",
                        run->feed.name, items[i].id, gone.entries[matches[i]].id);
                r = take_renewed(run, items[i].id, gone.entries[matches[i]].id, !reset);
                if (r < 0)
                        return r;
        }
        *n = n_left;
        return 0;
}

/* --- what is left is new --- */

static int settle_new(FeedRun *run, const HeldItem *item, bool silent) {
        Store *store = run->pipeline->options.store;
        _cleanup_(item_record_done) ItemRecord record = {};
        int r;

        r = store_item_settle(store, item->id, silent);
        if (r >= 0)
                r = store_item_get(store, item->id, &record);
        if (r < 0)
                return r;

        if (!silent)
                poll_news_add(&run->news, item_date(record.published_usec, record.updated_usec),
                        MIN(run->feed.last_success_usec, record.first_seen_usec),
                        record.first_seen_usec);
        return pipeline_take_text(run, &record, /* edited= */ false);
}

/* How many of the @n are too old to be news, where they are an archive; else 0. */
static int count_archive(
        FeedRun *run, const HeldItem *items, size_t n, usec_t *ret_newest_usec, size_t *ret_n_old) {
        int64_t first_id = INT64_MAX;
        size_t n_old = 0;
        int r;

        *ret_n_old = 0;
        if (!renewal_is_flood(n, n, run->feed.n_items))
                return 0;

        for (size_t i = 0; i < n; i++)
                first_id = MIN(first_id, items[i].id);
        r = store_items_newest(
                run->pipeline->options.store, run->feed.id, first_id, ret_newest_usec);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++)
                n_old += renewal_is_old(items[i].date_usec, *ret_newest_usec);
        if (renewal_is_flood(n, n_old, run->feed.n_items))
                *ret_n_old = n_old;
        return 0;
}

static int settle(FeedRun *run, HeldItem *items, size_t n, bool whole) {
        usec_t newest_usec = 0;
        size_t n_old;
        int r = 0;

        if (whole)
                r = settle_renewed(run, items, &n);
        if (r >= 0)
                r = count_archive(run, items, n, &newest_usec, &n_old);
        if (r < 0)
                return r;

        for (size_t i = 0; i < n; i++) {
                r = settle_new(run, &items[i],
                        n_old > 0 && renewal_is_old(items[i].date_usec, newest_usec));
                if (r < 0)
                        return r;
        }
        if (n_old > 0)
                feed_run_tell_archive(run, n_old);
        return 0;
}

int pipeline_settle(FeedRun *run, bool whole) {
        _cleanup_free_ HeldItem *items = TAKE_PTR(run->held_items);
        size_t n = run->n_held_items;
        int r;

        run->n_held_items = run->n_held_allocated = 0;
        if (n == 0)
                return 0;

        run->in_batch = true;
        r = settle(run, items, n, whole);
        if (r < 0)
                pipeline_store_failed(run->pipeline, r, "record an item");
        return r;
}
