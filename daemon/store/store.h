/* SPDX-License-Identifier: MIT */
#pragma once

/* The durable state: feeds, items, verdicts, stories, alerts, outbox. SQLite (WAL,
 * synchronous=FULL), one writer, every SQL statement of the program. What a commit holds is the
 * heart of Picket; this is the whole of it:
 *
 *   1. Writes join one open batch; store_commit() makes it durable at once. What was not committed
 * never happened: after a crash the feed is polled again with its old validators and gives the same
 * items again.
 *   2. A feed's new validators, its next poll and polled_once are written with store_feed_save()
 * behind its last item, so that they can never be durable before the items that the answer held.
 *   3. An item, its verdicts, the story it joins, the alerts it raises and their outbox rows, with
 * rendered bodies, are written between two commits (store_commit() is called between items only),
 * so they are all there or none.
 *   4. A page still wanted is part of its item's row (page, page_next_usec, hold_until_usec): after
 * a crash store_pages_wanted() gives it again, and alerts held for it are raised by then.
 *   5. Nothing is sent that is not committed; a delivery is SENDING (committed) before its request
 * starts, and DONE (committed) after the sink accepted it. A crash between the two repeats that
 * one, with the same public id.
 *   6. An alert is unique over (story, profile): raising it twice is refused by the database
 * itself.
 *
 * A failed write or commit rolls the whole batch back (as SQLite does for a full disk or a lost
 * file): the caller learns it from the negative return and treats what it polled as not polled. Row
 * ids are never reused. */

#include "model/model.h"

typedef struct Store Store;

typedef enum StoreFlags {
        STORE_READ_ONLY =
                1 << 0, /* for picketctl beside or without a daemon: no lock, no upgrade */
} StoreFlags;

/* Opens (creating directory 0700, database and lock as needed) and upgrades DIRECTORY/picket.db. 0;
 * -EBUSY: another picketd has it; -EUCLEAN: no database or a damaged one; -EPROTO: written by a
 * newer Picket (read-only: or an older one); -ENOENT (read-only, nothing there); -EROFS, -EACCES,
 * -ENOSPC, -EIO. *ret_message (may be NULL) says more, owned by the caller. */
int store_open(
        const char *directory, StoreFlags flags, Store **ret, char **ret_message) _warn_unused_;
Store *store_close(Store *store); /* rolls back what is open; NULL is fine; returns NULL */
DEFINE_POINTER_CLEANUP(Store, store_close);
/* The last error in SQLite's words, "" without one; valid until the next call. */
const char *store_error(const Store *store);
/* Was the schema raised on opening? From which version; 0: no. */
int store_upgraded_from(const Store *store);

/* --- the batch --- */

int store_commit(Store *store) _warn_unused_; /* nothing open: 0 */
void store_rollback(Store *store);
bool store_has_batch(const Store *store);
/* How many batches were rolled back so far. Several feeds share a batch: one that began before this
 * number rose may have lost items, and must not save its validators. */
uint64_t store_batches_lost(const Store *store);

/* --- feeds --- */

/* Finds or makes the row of the configured feed. Another URL than the kept one forgets validators
 * and polled_once. *ret is for feed_done(). */
int store_feed_get(Store *store, const char *name, const char *url, Feed *ret) _warn_unused_;
int store_feed_save(Store *store, const Feed *feed) _warn_unused_;
/* All rows, by name, also of feeds no longer configured. An array whose elements and itself the
 * caller frees. */
int store_feeds(Store *store, Feed **ret, size_t *ret_n) _warn_unused_;

/* --- hosts --- */

/* A server, or all of a domain, that is to be asked less or not at all; times of the wall clock. */
typedef struct StoreHost {
        bool is_domain;
        char *name;
        usec_t closed_until_usec, slow_until_usec;
        unsigned n_limited;
} StoreHost;
/* Replaces the row of that kind and name. */
int store_host_put(Store *store, const StoreHost *host) _warn_unused_;
/* An array for store_hosts_free(). */
int store_hosts(Store *store, StoreHost **ret, size_t *ret_n) _warn_unused_;
StoreHost *store_hosts_free(StoreHost *hosts, size_t n);
/* Rows whose times are over. Their number, or negative. */
int store_hosts_prune(Store *store, usec_t now_usec) _warn_unused_;

/* --- items --- */

/* The newest row of the feed under each key; id 0 where there is none. Elements are for
 * item_record_done(). */
typedef struct StoreCandidates {
        ItemRecord by_guid, by_link, by_content;
        bool guid_shared, link_shared; /* more rows of the feed have this key */
} StoreCandidates;
void store_candidates_done(StoreCandidates *candidates);
int store_item_candidates(Store *store, int64_t feed_id, const char *guid_key, const char *link_key,
        const char *content_key, StoreCandidates *ret) _warn_unused_;
int store_item_insert(Store *store, ItemRecord *item) _warn_unused_; /* sets item->id */
int store_item_update(Store *store, const ItemRecord *item) _warn_unused_;
int store_item_seen(Store *store, int64_t item_id, usec_t now_usec) _warn_unused_;
/* It was seen under another guid or link (identity_moved()), by which it is known from now on. */
int store_item_seen_as(Store *store, int64_t item_id, const char *guid, const char *guid_key,
        const char *link, const char *link_key, usec_t now_usec) _warn_unused_;
int store_item_get(Store *store, int64_t item_id, ItemRecord *ret) _warn_unused_; /* -ENOENT */
/* It is no longer held for the end of its feed's list. */
int store_item_settle(Store *store, int64_t item_id, bool silent) _warn_unused_;
int store_item_delete(Store *store, int64_t item_id) _warn_unused_; /* only one that told nothing */
/* The feed's items last seen from @since_usec on and before @before_usec, those met last first, at
 * most @n_max, to @on_item, which ends it with a negative return. */
int store_items_gone(Store *store, int64_t feed_id, usec_t since_usec, usec_t before_usec,
        size_t n_max, int (*on_item)(const ItemRecord *item, void *userdata),
        void *userdata) _warn_unused_;
/* The date of the newest item of the feed before @before_id, never after it was first seen; 0: none
 * has a date. */
int store_items_newest(Store *store, int64_t feed_id, int64_t before_id, usec_t *ret) _warn_unused_;
/* Items whose page is wanted or whose alerts are held, soonest first, at most @n_max. */
int store_pages_wanted(Store *store, size_t n_max, ItemRecord **ret, size_t *ret_n) _warn_unused_;
/* When the next of them is due (page_next_usec or hold_until_usec): USEC_INFINITY without one. */
int store_pages_next(Store *store, usec_t *ret) _warn_unused_;

/* The item's verdicts of last time, replaced as a whole. */
int store_verdicts_put(
        Store *store, int64_t item_id, const Verdict *verdicts, size_t n) _warn_unused_;
int store_verdicts_get(Store *store, int64_t item_id, Verdict **ret, size_t *ret_n) _warn_unused_;

/* --- stories and alerts --- */

/* The story that an item of any feed with this link or content key joined since @since_usec; the
 * link comes first, and one that several items of a feed share counts for nothing. 0, or -ENOENT.
 */
int store_story_find(Store *store, const char *link_key, const char *content_key, usec_t since_usec,
        int64_t *ret_id) _warn_unused_;
int store_story_insert(Store *store, Story *story) _warn_unused_; /* sets story->id */
/* The story with its sources, into alert->story and alert->sources. */
int store_story_load(Store *store, int64_t story_id, Alert *alert) _warn_unused_;
int store_alert_exists(
        Store *store, int64_t story_id, const char *profile) _warn_unused_; /* 1, 0 or negative */
/* Sets alert->id. -EEXIST: this story has alerted for this profile. */
int store_alert_insert(Store *store, Alert *alert) _warn_unused_;
/* Newest first. Elements are for alert_done(), the array for free(). */
int store_alerts(Store *store, size_t n_max, Alert **ret, size_t *ret_n) _warn_unused_;

/* --- outbox --- */

int store_delivery_insert(Store *store, Delivery *delivery) _warn_unused_; /* sets delivery->id */
int store_delivery_update(
        Store *store, const Delivery *delivery) _warn_unused_; /* state, tries, times, error */
/* The oldest PENDING or SENDING one of a sink. -ENOENT. */
int store_delivery_next(Store *store, const char *sink, Delivery *ret) _warn_unused_;
/* At start: what was SENDING when we died becomes PENDING, due now. The number of them. */
int store_deliveries_recover(Store *store) _warn_unused_;
/* @state is a DeliveryState or DELIVERY_STATE_MAX for all but DONE; oldest first; for
 * delivery_array_free(). */
int store_deliveries(Store *store, DeliveryState state, size_t n_max, Delivery **ret,
        size_t *ret_n) _warn_unused_;
/* A dead letter gets another chance. -ENOENT, -EALREADY (it is not dead). */
int store_delivery_retry(Store *store, int64_t id, usec_t now_usec) _warn_unused_;

typedef struct StoreCounts {
        uint64_t n_feeds, n_items, n_stories, n_alerts;
        uint64_t n_pending, n_dead, n_pages_wanted;
        uint64_t n_bytes; /* of the database */
} StoreCounts;
int store_counts(Store *store, StoreCounts *ret) _warn_unused_;
/* Of these, what a glance at the queue of @sink (NULL: of all) needs: cheap, whatever the store
 * holds. */
int store_queue(Store *store, const char *sink, uint64_t *ret_n_pending,
        uint64_t *ret_n_dead) _warn_unused_;

/* --- desktop: each user has their own copy --- */

/* Claims for @uid, until @lease_usec from now, desktop deliveries (of sinks named in @sinks) that
 * this user neither acknowledged nor holds a live claim on, not older than @max_age_usec; oldest
 * first. For delivery_array_free(). */
int store_desktop_claim(Store *store, uint32_t uid, char *const *sinks, usec_t now_usec,
        usec_t lease_usec, usec_t max_age_usec, size_t n_max, Delivery **ret,
        size_t *ret_n) _warn_unused_;
/* It was shown to @uid. The delivery is DONE with its first acknowledgement. -ENOENT: no such
 * delivery, or not claimed by this user. */
int store_desktop_acknowledge(
        Store *store, uint32_t uid, const char *public_id, usec_t now_usec) _warn_unused_;

/* What nobody took becomes a dead letter: open deliveries made before @before_usec of any sink but
 * @sinks, which see to theirs themselves. So desktop alerts on a machine without a desktop, and
 * those of a sink that is gone, do not stay for ever. Returns their number. */
int store_deliveries_expire(Store *store, char *const *sinks, usec_t before_usec, usec_t now_usec,
        const char *reason) _warn_unused_;

/* --- retention --- */

/* Ages, in which nothing has happened, after which things go. */
typedef struct StoreRetention {
        usec_t text_usec;  /* an item's texts and verdicts; its keys stay */
        usec_t item_usec;  /* the item itself, since its feed last listed it */
        usec_t alert_usec; /* alerts with their done or dead deliveries; stories without alert and
                              item */
} StoreRetention;
/* Removes at most @n_rows_max rows, so that the loop is not held up. 1: there is more to do; 0:
 * done. Joins the batch. */
int store_prune(Store *store, const StoreRetention *retention, usec_t now_usec,
        size_t n_rows_max) _warn_unused_;
