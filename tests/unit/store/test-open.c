/* SPDX-License-Identifier: MIT */

/* Opening: folders, modes, the lock, upgrades, and files that are not what they should be. */

#include "support.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "store/schema.h"
#include "store/statements.h"

static char *path_in(const char *directory, const char *name) {
        char *path = NULL;

        assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
        return path;
}

static void assert_mode(const char *directory, const char *name, mode_t mode) {
        _cleanup_free_ char *path = path_in(directory, name);
        struct stat st;

        assert_int_equal(stat(path, &st), 0);
        if ((st.st_mode & 07777) != mode)
                fail_msg("%s has mode %o", path, st.st_mode & 07777);
}

/* Opens, expects @error, and returns what was said. */
static char *refused(const char *directory, StoreFlags flags, int error) {
        char *message = NULL;
        Store *store = NULL;
        int r = store_open(directory, flags, &store, &message);

        if (r != error)
                fail_msg("%d, not %d: %s", r, error, strna(message));
        assert_null(store);
        assert_non_null(message);
        return message;
}

static void test_modes(void **state) {
        _cleanup_free_ char *deep = path_in(*state, "a/b/c");
        _cleanup_(store_closep) Store *store = NULL;

        for (mode_t mask = 0;; mask = 0777) {
                mode_t old = umask(mask);

                store = open_store(deep);
                add_feed(store, "f");
                assert_int_equal(store_commit(store), 0);
                (void) umask(old);

                assert_mode(*state, "a", 0700);
                assert_mode(deep, "", 0700);
                assert_mode(deep, "picket.db", 0600);
                assert_mode(deep, "picket.db-wal", 0600);
                assert_mode(deep, "lock", 0600);
                assert_int_equal(count_rows(store, "PRAGMA auto_vacuum"), 2);
                assert_int_equal(count_rows(store, "PRAGMA synchronous"), 2);
                assert_int_equal(count_rows(store, "PRAGMA foreign_keys"), 1);
                assert_int_equal(count_rows(store, "PRAGMA trusted_schema"), 0);
                assert_int_equal(count_rows(store, "PRAGMA application_id"), SCHEMA_APPLICATION_ID);
                store = store_close(store);
                if (mask)
                        break;
                remove_tree(deep);
        }
}

static void test_statements(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);

        for (StatementId id = 0; id < STATEMENT_MAX; id++)
                assert_non_null(store->statements[id]);
        assert_int_equal(store_upgraded_from(store), 0);
        assert_string_equal(store_error(store), "");
}

static void test_lock(void **state) {
        Store *store = open_store(*state);
        _cleanup_free_ char *message = refused(*state, 0, -EBUSY);
        _cleanup_(store_closep) Store *reader = NULL;
        char pid[32];

        (void) snprintf(pid, sizeof pid, "PID %ld", (long) getpid());
        assert_non_null(strstr(message, pid));

        /* A reader is welcome beside it, sees what is committed and cannot write. */
        add_feed(store, "f");
        assert_int_equal(store_commit(store), 0);
        assert_int_equal(store_open(*state, STORE_READ_ONLY, &reader, NULL), 0);
        assert_int_equal(count_rows(reader, "SELECT count(*) FROM feeds"), 1);
        assert_int_equal(store_item_seen(reader, 1, NOW), -EROFS);

        store = store_close(store);
        store = open_store(*state);
        store_close(store);
}

/* Runs @body as nobody, whom folders can refuse. */
static void as_nobody(const char *directory, void (*body)(const char *directory)) {
        int status = 0;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                if (setgid(65534) < 0 || setuid(65534) < 0)
                        _exit(EXIT_FAILURE);
                body(directory);
                _exit(EXIT_SUCCESS);
        }
        assert_true(waitpid(pid, &status, 0) == pid);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void read_in_vain_folder(const char *directory) {
        Store *store = NULL;

        if (store_open(directory, STORE_READ_ONLY, &store, NULL) < 0 ||
                count_rows(store, "SELECT count(*) FROM feeds") != 1)
                _exit(EXIT_FAILURE);
        store_close(store);
}

static void write_in_vain_folder(const char *directory) {
        Store *store = NULL;

        if (store_open(directory, 0, &store, NULL) != -EACCES)
                _exit(EXIT_FAILURE);
}

static void test_read_only(void **state) {
        _cleanup_free_ char *missing = path_in(*state, "none"), *message = NULL,
                            *database = path_in(*state, "picket.db"),
                            *odd = path_in(*state, "a?b#c%41");
        _cleanup_(store_closep) Store *store = NULL;

        message = refused(missing, STORE_READ_ONLY, -ENOENT);
        assert_int_equal(access(missing, F_OK), -1);

        store = open_store(*state);
        add_feed(store, "f");
        assert_int_equal(store_commit(store), 0);
        store = store_close(store);

        /* Without a daemon. */
        assert_int_equal(store_open(*state, STORE_READ_ONLY, &store, NULL), 0);
        store = store_close(store);

        if (geteuid() != 0)
                skip();
        /* In a folder where the reader may not make the shared index. */
        assert_int_equal(chmod(database, 0644), 0);
        assert_int_equal(chmod(*state, 0755), 0);
        as_nobody(*state, read_in_vain_folder);
        as_nobody(*state, write_in_vain_folder);
        assert_int_equal(mkdir(odd, 0755), 0);
        free(database);
        database = path_in(odd, "picket.db");
        store = open_store(odd);
        add_feed(store, "f");
        assert_int_equal(store_commit(store), 0);
        store = store_close(store);
        assert_int_equal(chmod(database, 0644), 0);
        as_nobody(odd, read_in_vain_folder);
}

static void spoil(const char *directory, off_t offset, off_t size) {
        _cleanup_free_ char *path = path_in(directory, "picket.db");
        char garbage[4096];
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

        memset(garbage, 0xa5, sizeof garbage);
        assert_true(fd >= 0);
        if (offset >= 0)
                assert_int_equal(pwrite(fd, garbage, sizeof garbage, offset), sizeof garbage);
        if (size >= 0)
                assert_int_equal(ftruncate(fd, size), 0);
        close(fd);
}

static void test_damage(void **state) {
        static const struct {
                off_t offset, size;
        } cases[] = { { 0, -1 }, { -1, 700 }, { -1, 4096 }, { 8192, -1 }, { -1, 40960 },
                { 45056, -1 } };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(store_closep) Store *store = open_store(*state);
                _cleanup_free_ char *message = NULL;
                int64_t feed = add_feed(store, "f");

                for (int n = 0; n < 200; n++) {
                        char key[32];

                        (void) snprintf(key, sizeof key, "item %d", n);
                        add_item(store, feed, key, 0, NOW);
                }
                assert_int_equal(store_commit(store), 0);
                store = store_close(store);

                spoil(*state, cases[i].offset, cases[i].size);
                message = refused(*state, 0, -EUCLEAN);
                assert_non_null(strstr(message, "picket.db"));
                assert_non_null(strstr(message, ".recover"));
                remove_tree(*state);
        }
}

/* Damage that is met on the way. */
static void test_damage_later(void **state) {
        _cleanup_(store_closep) Store *store = open_store(*state);
        StoreCandidates found = {};
        int64_t feed = add_feed(store, "f");
        struct stat st;
        _cleanup_free_ char *path = path_in(*state, "picket.db");
        int r;

        for (int n = 0; n < 2000; n++) {
                char key[32];

                (void) snprintf(key, sizeof key, "item %d", n);
                add_item(store, feed, key, 0, NOW);
        }
        assert_int_equal(store_commit(store), 0);
        assert_int_equal(store_execute(store, "PRAGMA wal_checkpoint(TRUNCATE)"), 0);
        assert_int_equal(store_execute(store, "PRAGMA shrink_memory"), 0);
        assert_int_equal(stat(path, &st), 0);
        for (off_t at = 4096; at < st.st_size; at += 4096)
                spoil(*state, at, -1);

        r = store_item_candidates(store, feed, "item 700", "item 700", "item 700", &found);
        assert_int_equal(r, -EUCLEAN);
        assert_string_not_equal(store_error(store), "");
}

static void execute_raw(const char *directory, const char *sql) {
        _cleanup_free_ char *path = path_in(directory, "picket.db");
        sqlite3 *db = NULL;

        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
}

static void test_strangers(void **state) {
        _cleanup_free_ char *other = path_in(*state, "other"), *newer = path_in(*state, "newer"),
                            *gutted = path_in(*state, "gutted"), *message = NULL;

        assert_int_equal(mkdir(other, 0700), 0);
        execute_raw(other, "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
        message = refused(other, 0, -EUCLEAN);
        message = mfree(message);
        message = refused(other, STORE_READ_ONLY, -EUCLEAN);
        message = mfree(message);

        store_close(open_store(newer));
        execute_raw(newer, "PRAGMA user_version = 99");
        message = refused(newer, 0, -EPROTO);
        assert_non_null(strstr(message, "newer"));
        message = mfree(message);
        message = refused(newer, STORE_READ_ONLY, -EPROTO);
        message = mfree(message);

        store_close(open_store(gutted));
        execute_raw(gutted, "DROP TABLE verdicts");
        message = refused(gutted, 0, -EUCLEAN);
}

static void test_upgrade(void **state) {
        const char *const steps[] = {
                "CREATE TABLE a (x INTEGER PRIMARY KEY) STRICT",
                "ALTER TABLE a ADD COLUMN y TEXT; INSERT INTO a VALUES (1, 'two')",
                "CREATE TABLE b (x INTEGER REFERENCES a (x)) STRICT; INSERT INTO b VALUES (1)",
        };
        const char *const broken[] = { steps[0], steps[1], steps[2],
                "CREATE TABLE c (x) STRICT; SELECT nonsense" };
        const char *const dangling[] = { steps[0], steps[1], steps[2],
                "INSERT INTO b VALUES (77)" };
        sqlite3 *db = NULL;
        int from = -1;

        (void) state;
        assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
        assert_int_equal(schema_upgrade(db, steps, 1, &from), SQLITE_OK);
        assert_int_equal(from, 0);
        assert_int_equal(schema_upgrade(db, steps, 3, &from), SQLITE_OK);
        assert_int_equal(from, 1);
        assert_int_equal(schema_check(db, 3, &from), SQLITE_OK);
        assert_int_equal(from, 3);

        /* Backward is refused; a step that fails leaves all as it was. */
        assert_int_equal(schema_upgrade(db, steps, 2, &from), SQLITE_MISMATCH);
        assert_int_equal(schema_upgrade(db, broken, 4, &from), SQLITE_ERROR);
        assert_int_equal(schema_upgrade(db, dangling, 4, &from), SQLITE_CONSTRAINT_FOREIGNKEY);
        assert_int_equal(schema_check(db, 3, &from), SQLITE_OK);
        assert_int_equal(schema_upgrade(db, steps, 3, &from), SQLITE_OK);
        sqlite3_close(db);
}

/* A database of the first version: nothing is forgotten of its feeds (FRB015). */
static void frb_015_upgrade_keeps_validators(void **state) {
        _cleanup_free_ char *message = NULL, *path = path_in(*state, "picket.db");
        _cleanup_(feed_done) Feed works = {}, fails = {};
        Store *store = NULL;
        sqlite3 *db = NULL;
        int from;

        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(schema_upgrade(db, schema_steps, 1, &from), SQLITE_OK);
        sqlite3_close(db);
        execute_raw(*state,
                "INSERT INTO feeds (name, url, etag, last_modified, last_poll_usec,"
                " last_success_usec, polled_once, n_failures) VALUES"
                " ('works', 'u', '\"1\"', 'then', 7, 7, 1, 0),"
                " ('fails', 'u', '\"2\"', NULL, 9, 8, 1, 3)");

        assert_int_equal(store_open(*state, 0, &store, &message), 0);
        assert_int_equal(store_upgraded_from(store), 1);
        assert_int_equal(store_feed_get(store, "works", "u", &works), 0);
        assert_string_equal(works.etag, "\"1\"");
        assert_string_equal(works.last_modified, "then");
        assert_true(works.polled_once && works.last_read_usec == 7);
        assert_true(works.failing_since_usec == USEC_INFINITY);
        assert_int_equal(store_feed_get(store, "fails", "u", &fails), 0);
        assert_string_equal(fails.etag, "\"2\"");
        assert_true(fails.failing_since_usec == 9);
        store_close(store);
}

static void test_errors(void **state) {
        (void) state;
        assert_int_equal(errno_from_sqlite(SQLITE_OK, 0), 0);
        assert_int_equal(errno_from_sqlite(SQLITE_FULL, 0), -ENOSPC);
        assert_int_equal(errno_from_sqlite(SQLITE_READONLY_DBMOVED, 0), -EROFS);
        assert_int_equal(errno_from_sqlite(SQLITE_CORRUPT_INDEX, 0), -EUCLEAN);
        assert_int_equal(errno_from_sqlite(SQLITE_NOTADB, 0), -EUCLEAN);
        assert_int_equal(errno_from_sqlite(SQLITE_IOERR_WRITE, ENOSPC), -ENOSPC);
        assert_int_equal(errno_from_sqlite(SQLITE_IOERR_WRITE, EIO), -EIO);
        assert_int_equal(errno_from_sqlite(SQLITE_IOERR_NOMEM, 0), -ENOMEM);
        assert_int_equal(errno_from_sqlite(SQLITE_CANTOPEN, ENOENT), -ENOENT);
        assert_int_equal(errno_from_sqlite(SQLITE_CANTOPEN, 0), -EACCES);
        assert_int_equal(errno_from_sqlite(SQLITE_BUSY_SNAPSHOT, 0), -EBUSY);
        assert_int_equal(errno_from_sqlite(SQLITE_CONSTRAINT_UNIQUE, 0), -EEXIST);
        assert_int_equal(errno_from_sqlite(SQLITE_CONSTRAINT_FOREIGNKEY, 0), -ENOENT);
        assert_int_equal(errno_from_sqlite(SQLITE_CONSTRAINT_CHECK, 0), -EINVAL);
        assert_int_equal(errno_from_sqlite(SQLITE_MISUSE, 0), -EIO);
}

int main(void) {
#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, setup_directory, teardown_directory)
        const struct CMUnitTest tests[] = {
                STORE_TEST(test_modes),
                STORE_TEST(test_statements),
                STORE_TEST(test_lock),
                STORE_TEST(test_read_only),
                STORE_TEST(test_damage),
                STORE_TEST(test_damage_later),
                STORE_TEST(test_strangers),
                STORE_TEST(frb_015_upgrade_keeps_validators),
                cmocka_unit_test(test_upgrade),
                cmocka_unit_test(test_errors),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
