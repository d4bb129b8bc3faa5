/* SPDX-License-Identifier: MIT */

#include "store/schema.h"

#include <stdio.h>

/* Conventions: times are wall-clock microseconds with the largest integer for "unknown" or "never",
 * so that they sort behind; states are words, so that a person with sqlite3 can read them and a
 * reordered enum cannot change them; every id is AUTOINCREMENT, so that none names a second thing.
 */
static const char version_1[] =
        "CREATE TABLE feeds ("
        "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
        "  name TEXT NOT NULL UNIQUE,"
        "  url TEXT NOT NULL,"
        "  etag TEXT,"
        "  last_modified TEXT,"
        "  next_poll_usec INTEGER NOT NULL DEFAULT 0,"
        "  last_poll_usec INTEGER NOT NULL DEFAULT 9223372036854775807,"
        "  last_success_usec INTEGER NOT NULL DEFAULT 9223372036854775807,"
        "  last_item_usec INTEGER NOT NULL DEFAULT 9223372036854775807,"
        "  retry_after_usec INTEGER NOT NULL DEFAULT 0,"
        "  n_failures INTEGER NOT NULL DEFAULT 0,"
        "  last_error TEXT,"
        "  last_status INTEGER NOT NULL DEFAULT 0,"
        "  polled_once INTEGER NOT NULL DEFAULT 0,"
        "  ttl_usec INTEGER NOT NULL DEFAULT 0,"
        "  max_age_usec INTEGER NOT NULL DEFAULT 0,"
        "  n_items INTEGER NOT NULL DEFAULT 0,"
        "  title TEXT"
        ") STRICT;"

        "CREATE TABLE stories ("
        "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
        "  title TEXT,"
        "  link TEXT,"
        "  summary TEXT,"
        "  published_usec INTEGER NOT NULL,"
        "  created_usec INTEGER NOT NULL,"
        "  muted INTEGER NOT NULL DEFAULT 0"
        ") STRICT;"
        "CREATE INDEX stories_by_age ON stories (created_usec);"

        /* Small rows: all of a feed's are looked up and touched with every poll. Their long texts
         * lie in a table of their own. due_usec says when the item wants attention again. */
        "CREATE TABLE items ("
        "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
        "  feed_id INTEGER NOT NULL REFERENCES feeds (id) ON DELETE CASCADE,"
        "  guid TEXT,"
        "  link TEXT,"
        "  title TEXT,"
        "  guid_key TEXT,"
        "  link_key TEXT,"
        "  content_key TEXT,"
        "  published_usec INTEGER NOT NULL,"
        "  updated_usec INTEGER NOT NULL,"
        "  first_seen_usec INTEGER NOT NULL,"
        "  last_seen_usec INTEGER NOT NULL,"
        "  silent INTEGER NOT NULL,"
        "  story_id INTEGER REFERENCES stories (id),"
        "  page TEXT NOT NULL CHECK (page IN ('none', 'wanted', 'read', 'failed')),"
        "  page_error TEXT,"
        "  page_attempts INTEGER NOT NULL,"
        "  page_next_usec INTEGER NOT NULL,"
        "  hold_until_usec INTEGER NOT NULL,"
        "  has_texts INTEGER NOT NULL DEFAULT 1,"
        "  due_usec INTEGER GENERATED ALWAYS AS (CASE"
        "    WHEN page = 'wanted' AND hold_until_usec > 0"
        "      THEN min(page_next_usec, hold_until_usec)"
        "    WHEN page = 'wanted' THEN page_next_usec"
        "    WHEN hold_until_usec > 0 THEN hold_until_usec END) VIRTUAL"
        ") STRICT;"
        "CREATE INDEX items_by_guid ON items (feed_id, guid_key) WHERE guid_key IS NOT NULL;"
        "CREATE INDEX items_by_link ON items (feed_id, link_key) WHERE link_key IS NOT NULL;"
        "CREATE INDEX items_by_content ON items (feed_id, content_key)"
        "  WHERE content_key IS NOT NULL;"
        "CREATE INDEX items_by_age ON items (has_texts, last_seen_usec);"
        "CREATE INDEX items_due ON items (due_usec) WHERE due_usec IS NOT NULL;"
        /* Few items belong to a story, so the ways to find one are short. */
        "CREATE INDEX items_by_story ON items (story_id) WHERE story_id IS NOT NULL;"
        "CREATE INDEX items_told_by_link ON items (link_key) WHERE story_id IS NOT NULL;"
        "CREATE INDEX items_told_by_content ON items (content_key) WHERE story_id IS NOT NULL;"

        "CREATE TABLE texts ("
        "  item_id INTEGER PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,"
        "  summary TEXT,"
        "  content TEXT,"
        "  authors TEXT,"
        "  categories TEXT,"
        "  page_text TEXT"
        ") STRICT;"

        "CREATE TABLE verdicts ("
        "  item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,"
        "  profile TEXT NOT NULL,"
        "  position INTEGER NOT NULL," /* the order of the profiles */
        "  explanation TEXT NOT NULL," /* JSON */
        "  PRIMARY KEY (item_id, profile)"
        ") STRICT, WITHOUT ROWID;"

        "CREATE TABLE alerts ("
        "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
        "  story_id INTEGER NOT NULL REFERENCES stories (id),"
        "  profile TEXT NOT NULL,"
        "  profile_title TEXT,"
        "  urgency TEXT NOT NULL CHECK (urgency IN ('low', 'normal', 'critical')),"
        "  raised_usec INTEGER NOT NULL,"
        "  item_id INTEGER REFERENCES items (id) ON DELETE SET NULL,"
        "  feed TEXT,"
        "  explanation TEXT NOT NULL,"
        "  UNIQUE (story_id, profile)"
        ") STRICT;"
        "CREATE INDEX alerts_by_item ON alerts (item_id) WHERE item_id IS NOT NULL;"
        "CREATE INDEX alerts_by_age ON alerts (raised_usec);"

        "CREATE TABLE deliveries ("
        "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
        "  public_id TEXT NOT NULL UNIQUE,"
        "  alert_id INTEGER REFERENCES alerts (id),"
        "  sink TEXT NOT NULL,"
        "  body TEXT NOT NULL,"
        "  state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'done', 'dead')),"
        "  n_attempts INTEGER NOT NULL,"
        "  created_usec INTEGER NOT NULL,"
        "  next_try_usec INTEGER NOT NULL,"
        "  done_usec INTEGER NOT NULL,"
        "  last_error TEXT,"
        "  last_status INTEGER NOT NULL,"
        "  UNIQUE (alert_id, sink)"
        ") STRICT;"
        "CREATE INDEX deliveries_open ON deliveries (sink, id)"
        "  WHERE state IN ('pending', 'sending');"
        "CREATE INDEX deliveries_by_state ON deliveries (state, id);"
        "CREATE INDEX deliveries_by_age ON deliveries (sink, created_usec);"

        /* Each user's copy of a desktop delivery. */
        "CREATE TABLE desktop_claims ("
        "  delivery_id INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,"
        "  uid INTEGER NOT NULL,"
        "  claimed_until_usec INTEGER NOT NULL,"
        "  acknowledged_usec INTEGER," /* NULL: not yet */
        "  PRIMARY KEY (delivery_id, uid)"
        ") STRICT, WITHOUT ROWID;";

/* Servers that asked to be left alone, or had to. Names are those of poll/hosts.h. */
static const char version_2[] = "CREATE TABLE hosts ("
                                "  scope TEXT NOT NULL CHECK (scope IN ('host', 'domain')),"
                                "  name TEXT NOT NULL,"
                                "  closed_until_usec INTEGER NOT NULL,"
                                "  slow_until_usec INTEGER NOT NULL,"
                                "  n_limited INTEGER NOT NULL,"
                                "  PRIMARY KEY (scope, name)"
                                ") STRICT, WITHOUT ROWID;";

/* What the poller learned to know of a feed: how often it has news, what its server makes of
 * validators, where it moved to. */
static const char version_3[] =
        "ALTER TABLE feeds ADD COLUMN validators_url TEXT;"
        "ALTER TABLE feeds ADD COLUMN access_key TEXT;"
        "ALTER TABLE feeds ADD COLUMN body_hash TEXT;"
        "ALTER TABLE feeds ADD COLUMN n_same INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN n_unheeded INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN etag_dropped INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN not_modified_untrusted INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN not_modified_since_usec INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN last_probe_usec INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN last_read_usec INTEGER NOT NULL"
        "  DEFAULT 9223372036854775807;"
        "ALTER TABLE feeds ADD COLUMN wait_usec INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN wait_reason TEXT NOT NULL DEFAULT 'none';"
        "ALTER TABLE feeds ADD COLUMN period_usec INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN skip_hours INTEGER NOT NULL DEFAULT 0;" /* a bit each */
        "ALTER TABLE feeds ADD COLUMN skip_days INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN rate TEXT;" /* minutes, time, and 24 counts */
        "ALTER TABLE feeds ADD COLUMN gap_usec INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN window_usec INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN window_limit_usec INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN trouble TEXT NOT NULL DEFAULT 'none';"
        "ALTER TABLE feeds ADD COLUMN failing_since_usec INTEGER NOT NULL"
        "  DEFAULT 9223372036854775807;"
        "ALTER TABLE feeds ADD COLUMN gone_since_usec INTEGER NOT NULL"
        "  DEFAULT 9223372036854775807;"
        "ALTER TABLE feeds ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN silence_told INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN overlap_told INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN final_url TEXT;"
        "ALTER TABLE feeds ADD COLUMN moved_to TEXT;"
        "ALTER TABLE feeds ADD COLUMN move_target TEXT;"
        "ALTER TABLE feeds ADD COLUMN move_since_usec INTEGER NOT NULL"
        "  DEFAULT 9223372036854775807;"
        "ALTER TABLE feeds ADD COLUMN n_moves INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE feeds ADD COLUMN format TEXT;"
        "ALTER TABLE feeds ADD COLUMN link TEXT;"
        /* What fails already has failed since its last success at the earliest. */
        "UPDATE feeds SET failing_since_usec = last_poll_usec WHERE n_failures > 0;"
        "UPDATE feeds SET last_read_usec = last_success_usec;";

const char *const schema_steps[] = { version_1, version_2, version_3 };
const size_t n_schema_steps = ELEMENTSOF(schema_steps);

static int read_integer(sqlite3 *db, const char *sql, int64_t *ret) {
        sqlite3_stmt *statement = NULL;
        int code;

        code = sqlite3_prepare_v2(db, sql, -1, &statement, /* tail= */ NULL);
        if (code != SQLITE_OK)
                return code;

        code = sqlite3_step(statement);
        if (code == SQLITE_ROW) {
                *ret = sqlite3_column_int64(statement, 0);
                code = SQLITE_OK;
        } else if (code == SQLITE_DONE)
                code = SQLITE_ERROR;

        (void) sqlite3_finalize(statement);
        return code;
}

int schema_check(sqlite3 *db, size_t n_steps, int *ret_version) {
        int64_t application_id = 0, version = 0, n_objects = 0;
        int code;

        code = read_integer(db, "SELECT count(*) FROM sqlite_schema", &n_objects);
        if (code == SQLITE_OK)
                code = read_integer(db, "PRAGMA application_id", &application_id);
        if (code == SQLITE_OK)
                code = read_integer(db, "PRAGMA user_version", &version);
        if (code != SQLITE_OK)
                return code;

        /* An empty one is a start cut short before its first commit. */
        if (application_id != SCHEMA_APPLICATION_ID && (n_objects > 0 || version != 0))
                return SQLITE_NOTADB;
        if (version < 0 || (version == 0 && n_objects > 0))
                return SQLITE_NOTADB;
        *ret_version = (int) version;
        if (version > (int64_t) n_steps)
                return SQLITE_MISMATCH;
        return version < (int64_t) n_steps ? SQLITE_SCHEMA : SQLITE_OK;
}

/* One version up. References are checked at the end alone, so that a step may rebuild a table that
 * others point to (https://www.sqlite.org/lang_altertable.html#otheralter). */
static int upgrade_step(sqlite3 *db, const char *step, size_t version) {
        char pragmas[128];
        int64_t n_broken = 0;
        int code;

        (void) snprintf(pragmas, sizeof pragmas,
                "PRAGMA application_id = %d; PRAGMA user_version = %zu", SCHEMA_APPLICATION_ID,
                version);

        code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        if (code != SQLITE_OK)
                return code;

        code = sqlite3_exec(db, step, NULL, NULL, NULL);
        if (code == SQLITE_OK)
                code = sqlite3_exec(db, pragmas, NULL, NULL, NULL);
        if (code == SQLITE_OK)
                code = read_integer(db, "SELECT count(*) FROM pragma_foreign_key_check", &n_broken);
        if (code == SQLITE_OK && n_broken > 0)
                code = SQLITE_CONSTRAINT_FOREIGNKEY;
        if (code == SQLITE_OK)
                code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
        if (code != SQLITE_OK)
                (void) sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        return code;
}

int schema_upgrade(sqlite3 *db, const char *const *steps, size_t n_steps, int *ret_from) {
        int from = 0, code;

        code = schema_check(db, n_steps, &from);
        if (code != SQLITE_OK && code != SQLITE_SCHEMA)
                return code;

        code = sqlite3_exec(db, "PRAGMA foreign_keys = OFF", NULL, NULL, NULL);
        for (size_t i = (size_t) from; i < n_steps && code == SQLITE_OK; i++)
                code = upgrade_step(db, steps[i], i + 1);
        if (code != SQLITE_OK)
                return code;

        *ret_from = from;
        return sqlite3_exec(db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
}
