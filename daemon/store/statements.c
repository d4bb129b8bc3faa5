/* SPDX-License-Identifier: MIT */

#include "store/statements.h"

/* Column lists, each read by one function that counts along: feeds.c, items.c, outbox.c. */

#define FEED_SELECT                                                                   \
        "SELECT id, name, url, etag, last_modified, validators_url, access_key,"      \
        " body_hash, n_same, n_unheeded, etag_dropped, not_modified_untrusted,"       \
        " not_modified_since_usec, last_probe_usec, next_poll_usec, wait_usec,"       \
        " wait_reason, last_poll_usec, last_success_usec, last_read_usec,"            \
        " last_item_usec, retry_after_usec, ttl_usec, max_age_usec, period_usec,"     \
        " skip_hours, skip_days, rate, gap_usec, window_usec, window_limit_usec,"     \
        " n_failures, trouble, last_error, last_status, failing_since_usec,"          \
        " gone_since_usec, gone, polled_once, silence_told, overlap_told, n_items,"   \
        " final_url, moved_to, move_target, move_since_usec, n_moves, format, title," \
        " link FROM feeds "

#define ITEM_SELECT                                                                    \
        "SELECT i.id, i.feed_id, f.name, i.guid, i.link, i.title, t.summary,"          \
        " t.content, t.authors, t.categories, i.guid_key, i.link_key, i.content_key, " \
        "i.published_usec, i.updated_usec, i.first_seen_usec, i.last_seen_usec, "      \
        "i.silent, i.story_id, i.page, t.page_text, i.page_error, i.page_attempts, "   \
        "i.page_next_usec, i.hold_until_usec FROM items i "                            \
        "JOIN feeds f ON f.id = i.feed_id LEFT JOIN texts t ON t.item_id = i.id "

#define DELIVERY_SELECT                                                              \
        "SELECT d.id, d.public_id, d.alert_id, d.sink, d.body, d.state,"             \
        " d.n_attempts, d.created_usec, d.next_try_usec, d.done_usec, d.last_error," \
        " d.last_status, a.profile, s.title FROM deliveries d "                      \
        "LEFT JOIN alerts a ON a.id = d.alert_id LEFT JOIN stories s ON s.id = a.story_id "

const char *const statement_table[STATEMENT_MAX] = {
        [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
        [STATEMENT_COMMIT] = "COMMIT",
        [STATEMENT_ROLLBACK] = "ROLLBACK",

        /* --- feeds --- */

        [STATEMENT_FEED_BY_NAME] = FEED_SELECT "WHERE name = ?1",
        [STATEMENT_FEED_INSERT] = "INSERT INTO feeds (name, url) VALUES (?1, ?2)",
        /* Another address: nothing that its server said counts any more. The items stay, for they
         * are known by what they are and not by where they were read. */
        [STATEMENT_FEED_MOVE] =
                "UPDATE feeds SET url = ?2, etag = NULL, last_modified = NULL,"
                " validators_url = NULL, access_key = NULL, body_hash = NULL, n_same = 0,"
                " n_unheeded = 0, etag_dropped = 0, not_modified_untrusted = 0,"
                " not_modified_since_usec = 0, last_probe_usec = 0, next_poll_usec = 0,"
                " wait_usec = 0, wait_reason = 'none', retry_after_usec = 0, ttl_usec = 0,"
                " max_age_usec = 0, period_usec = 0, skip_hours = 0, skip_days = 0,"
                " window_usec = 0, window_limit_usec = 0, n_failures = 0, trouble = 'none',"
                " last_error = NULL, last_status = 0, failing_since_usec = 9223372036854775807,"
                " gone_since_usec = 9223372036854775807, gone = 0, polled_once = 0,"
                " silence_told = 0, overlap_told = 0, final_url = NULL, moved_to = NULL,"
                " move_target = NULL, move_since_usec = 9223372036854775807, n_moves = 0,"
                " format = NULL WHERE id = ?1",
        [STATEMENT_FEED_SAVE] =
                "UPDATE feeds SET url = ?2, etag = ?3, last_modified = ?4, validators_url = ?5,"
                " access_key = ?6, body_hash = ?7, n_same = ?8, n_unheeded = ?9,"
                " etag_dropped = ?10, not_modified_untrusted = ?11,"
                " not_modified_since_usec = ?12, last_probe_usec = ?13, next_poll_usec = ?14,"
                " wait_usec = ?15, wait_reason = ?16, last_poll_usec = ?17,"
                " last_success_usec = ?18, last_read_usec = ?19, last_item_usec = ?20,"
                " retry_after_usec = ?21, ttl_usec = ?22, max_age_usec = ?23,"
                " period_usec = ?24, skip_hours = ?25, skip_days = ?26, rate = ?27,"
                " gap_usec = ?28, window_usec = ?29, window_limit_usec = ?30, n_failures = ?31,"
                " trouble = ?32, last_error = ?33, last_status = ?34, failing_since_usec = ?35,"
                " gone_since_usec = ?36, gone = ?37, polled_once = ?38, silence_told = ?39,"
                " overlap_told = ?40, n_items = ?41, final_url = ?42, moved_to = ?43,"
                " move_target = ?44, move_since_usec = ?45, n_moves = ?46, format = ?47,"
                " title = ?48, link = ?49 WHERE id = ?1",
        [STATEMENT_FEED_LIST] = FEED_SELECT "ORDER BY name",

        /* --- hosts --- */

        [STATEMENT_HOST_PUT] = "INSERT OR REPLACE INTO hosts (scope, name, closed_until_usec,"
                               " slow_until_usec, n_limited) VALUES (?1, ?2, ?3, ?4, ?5)",
        [STATEMENT_HOST_LIST] = "SELECT scope, name, closed_until_usec, slow_until_usec, n_limited"
                                " FROM hosts",
        [STATEMENT_HOST_PRUNE] =
                "DELETE FROM hosts WHERE max(closed_until_usec, slow_until_usec) <= ?1",

        /* --- items --- */

        [STATEMENT_ITEM_BY_ID] = ITEM_SELECT "WHERE i.id = ?1",
        /* The newest, and whether it has a fellow. */
        [STATEMENT_ITEM_BY_GUID] =
                ITEM_SELECT "WHERE i.feed_id = ?1 AND i.guid_key = ?2 ORDER BY i.id DESC LIMIT 2",
        [STATEMENT_ITEM_BY_LINK] =
                ITEM_SELECT "WHERE i.feed_id = ?1 AND i.link_key = ?2 ORDER BY i.id DESC LIMIT 2",
        [STATEMENT_ITEM_BY_CONTENT] = ITEM_SELECT
        "WHERE i.feed_id = ?1 AND i.content_key = ?2 ORDER BY i.id DESC LIMIT 2",
        [STATEMENT_ITEM_INSERT] =
                "INSERT INTO items (feed_id, guid, link, title, guid_key, link_key, content_key,"
                " published_usec, updated_usec, first_seen_usec, last_seen_usec, silent, story_id,"
                " page, page_error, page_attempts, page_next_usec, hold_until_usec)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
                " ?17, ?18)",
        [STATEMENT_ITEM_UPDATE] =
                "UPDATE items SET guid = ?2, link = ?3, title = ?4, guid_key = ?5, link_key = ?6,"
                " content_key = ?7, published_usec = ?8, updated_usec = ?9, first_seen_usec = ?10,"
                " last_seen_usec = ?11, silent = ?12, story_id = ?13, page = ?14,"
                " page_error = ?15, page_attempts = ?16, page_next_usec = ?17,"
                " hold_until_usec = ?18, has_texts = 1 WHERE id = ?1",
        [STATEMENT_ITEM_SEEN] = "UPDATE items SET last_seen_usec = ?2 WHERE id = ?1",
        [STATEMENT_ITEM_SEEN_AS] =
                "UPDATE items SET guid = ?2, guid_key = ?3, link = ?4, link_key = ?5,"
                " last_seen_usec = ?6 WHERE id = ?1",
        [STATEMENT_ITEM_SETTLE] = "UPDATE items SET silent = ?2, hold_until_usec = 0 WHERE id = ?1",
        [STATEMENT_ITEM_DELETE] = "DELETE FROM items WHERE id = ?1",
        /* Those without a word are left out, by which an index finds the feed's own. */
        [STATEMENT_ITEM_GONE] = ITEM_SELECT
        "WHERE i.feed_id = ?1 AND i.content_key IS NOT NULL AND i.last_seen_usec >= ?2"
        " AND i.last_seen_usec < ?3 AND i.hold_until_usec = 0 ORDER BY i.id DESC LIMIT ?4",
        [STATEMENT_ITEM_NEWEST] =
                "SELECT coalesce(max(min(first_seen_usec, iif(published_usec = ?3, updated_usec,"
                " published_usec))), 0) FROM items WHERE feed_id = ?1 AND content_key IS NOT NULL"
                " AND id < ?2 AND min(published_usec, updated_usec) < ?3",
        [STATEMENT_ITEM_DUE] =
                ITEM_SELECT "WHERE i.due_usec IS NOT NULL ORDER BY i.due_usec, i.id LIMIT ?1",
        [STATEMENT_ITEM_NEXT_DUE] = "SELECT due_usec FROM items WHERE due_usec IS NOT NULL"
                                    " ORDER BY due_usec LIMIT 1",
        [STATEMENT_TEXTS_PUT] =
                "INSERT INTO texts (item_id, summary, content, authors, categories, page_text)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (item_id) DO UPDATE SET"
                " summary = ?2, content = ?3, authors = ?4, categories = ?5, page_text = ?6",

        [STATEMENT_VERDICTS_DELETE] = "DELETE FROM verdicts WHERE item_id = ?1",
        [STATEMENT_VERDICT_INSERT] = "INSERT INTO verdicts (item_id, profile, position,"
                                     " explanation) VALUES (?1, ?2, ?3, ?4)",
        [STATEMENT_VERDICT_LIST] =
                "SELECT explanation FROM verdicts WHERE item_id = ?1 ORDER BY position",

        /* --- stories and alerts --- */

        /* An item joined its story when it was first seen or, seen earlier, when the story was
         * made. A feed that gives one link to all its items says nothing by it. */
        [STATEMENT_STORY_BY_LINK] =
                "SELECT s.id FROM items i CROSS JOIN stories s ON s.id = i.story_id"
                " WHERE i.link_key = ?1 AND i.story_id IS NOT NULL"
                " AND max(i.first_seen_usec, s.created_usec) >= ?2"
                " AND NOT EXISTS (SELECT 1 FROM items o WHERE o.feed_id = i.feed_id"
                " AND o.link_key = i.link_key AND o.id <> i.id) ORDER BY i.id DESC LIMIT 1",
        [STATEMENT_STORY_BY_CONTENT] =
                "SELECT s.id FROM items i CROSS JOIN stories s ON s.id = i.story_id"
                " WHERE i.content_key = ?1 AND i.story_id IS NOT NULL"
                " AND max(i.first_seen_usec, s.created_usec) >= ?2 ORDER BY i.id DESC LIMIT 1",
        [STATEMENT_STORY_INSERT] =
                "INSERT INTO stories (title, link, summary, published_usec, created_usec, muted)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        [STATEMENT_STORY_BY_ID] = "SELECT id, title, link, summary, published_usec, created_usec,"
                                  " muted FROM stories WHERE id = ?1",
        [STATEMENT_STORY_SOURCES] =
                "SELECT f.name, i.title, i.link, i.published_usec FROM items i"
                " JOIN feeds f ON f.id = i.feed_id WHERE i.story_id = ?1 ORDER BY i.id LIMIT ?2",
        [STATEMENT_ALERT_EXISTS] = "SELECT 1 FROM alerts WHERE story_id = ?1 AND profile = ?2",
        [STATEMENT_ALERT_INSERT] =
                "INSERT INTO alerts (story_id, profile, profile_title, urgency, raised_usec,"
                " item_id, feed, explanation) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
                " ON CONFLICT (story_id, profile) DO NOTHING",
        [STATEMENT_ALERT_LIST] =
                "SELECT id, story_id, profile, profile_title, urgency, raised_usec, item_id, feed,"
                " explanation FROM alerts ORDER BY id DESC LIMIT ?1",

        /* --- outbox --- */

        [STATEMENT_DELIVERY_INSERT] =
                "INSERT INTO deliveries (public_id, alert_id, sink, body, state, n_attempts,"
                " created_usec, next_try_usec, done_usec, last_error, last_status)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        [STATEMENT_DELIVERY_UPDATE] =
                "UPDATE deliveries SET state = ?2, n_attempts = ?3, next_try_usec = ?4,"
                " done_usec = ?5, last_error = ?6, last_status = ?7 WHERE id = ?1",
        [STATEMENT_DELIVERY_NEXT] = DELIVERY_SELECT
        "WHERE d.sink = ?1 AND d.state IN ('pending', 'sending') ORDER BY d.id LIMIT 1",
        [STATEMENT_DELIVERY_RECOVER] =
                "UPDATE deliveries SET state = 'pending', next_try_usec = 0 WHERE state = "
                "'sending'",
        [STATEMENT_DELIVERY_LIST_STATE] =
                DELIVERY_SELECT "WHERE d.state = ?1 ORDER BY d.id LIMIT ?2",
        [STATEMENT_DELIVERY_LIST_OPEN] = DELIVERY_SELECT
        "WHERE d.state IN ('pending', 'sending', 'dead') ORDER BY d.id LIMIT ?1",
        [STATEMENT_DELIVERY_STATE] = "SELECT state = 'dead' FROM deliveries WHERE id = ?1",
        [STATEMENT_DELIVERY_RETRY] = "UPDATE deliveries SET state = 'pending', n_attempts = 0,"
                                     " next_try_usec = ?2 WHERE id = ?1 AND state = 'dead'",

        [STATEMENT_DELIVERY_EXPIRE] =
                "UPDATE deliveries SET state = 'dead', done_usec = ?3, last_error = ?4"
                " WHERE state IN ('pending', 'sending') AND created_usec < ?2"
                " AND sink NOT IN (SELECT value FROM json_each(?1))",

        /* --- desktop --- */

        /* A claim that ends later than a lease from now (?5) was made before the clock was set
         * back, and counts as ended. */
        [STATEMENT_CLAIM_LIST] = DELIVERY_SELECT
        "WHERE d.sink IN (SELECT value FROM json_each(?1)) AND d.state <> 'dead'"
        " AND d.created_usec >= ?2 AND NOT EXISTS (SELECT 1 FROM desktop_claims c"
        " WHERE c.delivery_id = d.id AND c.uid = ?3 AND (c.acknowledged_usec IS NOT NULL"
        " OR (c.claimed_until_usec > ?4 AND c.claimed_until_usec <= ?5)))"
        " ORDER BY d.id LIMIT ?6",
        [STATEMENT_CLAIM_PUT] = "INSERT INTO desktop_claims (delivery_id, uid, claimed_until_usec)"
                                " VALUES (?1, ?2, ?3) ON CONFLICT (delivery_id, uid) DO UPDATE SET"
                                " claimed_until_usec = ?3",
        [STATEMENT_CLAIM_ACKNOWLEDGE] =
                "UPDATE desktop_claims SET acknowledged_usec = coalesce(acknowledged_usec, ?3)"
                " WHERE uid = ?2 AND delivery_id ="
                " (SELECT id FROM deliveries WHERE public_id = ?1)",
        [STATEMENT_CLAIM_DONE] = "UPDATE deliveries SET state = 'done', done_usec = ?2,"
                                 " last_error = NULL WHERE public_id = ?1 AND state <> 'done'",

        /* --- counting and retention --- */

        [STATEMENT_COUNTS] =
                "SELECT (SELECT count(*) FROM feeds), (SELECT count(*) FROM items),"
                " (SELECT count(*) FROM stories), (SELECT count(*) FROM alerts),"
                " (SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending')),"
                " (SELECT count(*) FROM deliveries WHERE state = 'dead'),"
                " (SELECT count(*) FROM items WHERE due_usec IS NOT NULL AND page = 'wanted')",
        [STATEMENT_QUEUE] =
                "SELECT (SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending')"
                " AND (?1 IS NULL OR sink = ?1)),"
                " (SELECT count(*) FROM deliveries WHERE state = 'dead'"
                " AND (?1 IS NULL OR sink = ?1))",
        [STATEMENT_PAGES] = "SELECT page_count * page_size FROM pragma_page_count,"
                            " pragma_page_size",
        [STATEMENT_FREE_PAGES] = "PRAGMA freelist_count",

        [STATEMENT_PRUNE_TEXTS_FIND] =
                "SELECT id FROM items WHERE has_texts = 1 AND last_seen_usec < ?1"
                " AND due_usec IS NULL ORDER BY last_seen_usec LIMIT ?2",
        [STATEMENT_PRUNE_VERDICTS] = "DELETE FROM verdicts WHERE item_id = ?1 AND profile IN"
                                     " (SELECT profile FROM verdicts WHERE item_id = ?1 LIMIT ?2)",
        [STATEMENT_PRUNE_TEXTS] = "DELETE FROM texts WHERE item_id = ?1",
        [STATEMENT_PRUNE_TEXTS_DONE] = "UPDATE items SET has_texts = 0 WHERE id = ?1",
        [STATEMENT_PRUNE_ITEMS] =
                "DELETE FROM items WHERE id IN (SELECT i.id FROM items i"
                " JOIN feeds f ON f.id = i.feed_id"
                " WHERE i.has_texts = 0 AND i.last_seen_usec < ?1 AND i.due_usec IS NULL"
                " AND (i.last_seen_usec < f.last_read_usec OR f.last_success_usec < ?1)"
                " AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.story_id = i.story_id)"
                " AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.item_id = i.id)"
                " ORDER BY i.last_seen_usec LIMIT ?2)",
        [STATEMENT_PRUNE_ALERTS_FIND] =
                "SELECT a.id FROM alerts a WHERE a.raised_usec < ?1"
                " AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.alert_id = a.id"
                " AND (d.state IN ('pending', 'sending')"
                " OR (d.done_usec >= ?1 AND d.done_usec < 9223372036854775807)))"
                " AND NOT EXISTS (SELECT 1 FROM items i WHERE i.story_id = a.story_id"
                " AND i.last_seen_usec >= ?1) ORDER BY a.raised_usec LIMIT ?2",
        [STATEMENT_PRUNE_CLAIMS] =
                "DELETE FROM desktop_claims WHERE (delivery_id, uid) IN"
                " (SELECT c.delivery_id, c.uid FROM deliveries d"
                " JOIN desktop_claims c ON c.delivery_id = d.id WHERE d.alert_id = ?1 LIMIT ?2)",
        [STATEMENT_PRUNE_DELIVERIES] = "DELETE FROM deliveries WHERE id IN"
                                       " (SELECT id FROM deliveries WHERE alert_id = ?1 LIMIT ?2)",
        [STATEMENT_PRUNE_ALERT] = "DELETE FROM alerts WHERE id = ?1",
        [STATEMENT_PRUNE_LOOSE_DELIVERIES] =
                "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries"
                " WHERE alert_id IS NULL AND state IN ('done', 'dead') AND created_usec < ?1"
                " LIMIT ?2)",
        [STATEMENT_PRUNE_STORIES] =
                "DELETE FROM stories WHERE id IN (SELECT s.id FROM stories s"
                " WHERE s.created_usec < ?1"
                " AND NOT EXISTS (SELECT 1 FROM items i WHERE i.story_id = s.id)"
                " AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.story_id = s.id)"
                " ORDER BY s.created_usec LIMIT ?2)",
        [STATEMENT_PRUNE_VACUUM] = "PRAGMA incremental_vacuum(256)",
};
