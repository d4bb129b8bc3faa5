/* SPDX-License-Identifier: MIT */

/* Opening and closing.
 *
 * DIRECTORY/lock is held (flock) as long as the store is open for writing: it dies with the
 * process, so a killed picketd leaves nothing to clear away, and a second one is told so instead of
 * fighting over rows. SQLite's own locks are not enough for that: between two batches it holds
 * none.
 *
 * The database keeps a write-ahead log beside it (picket.db-wal) that readers need too, and an
 * index of it in shared memory (picket.db-shm). A reader that finds neither, in a folder where it
 * may not make them, has a database that was closed properly and that nobody is writing: only then
 * is it opened as immutable. */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "store/database.h"
#include "store/schema.h"

#define DATABASE_NAME "picket.db"
#define LOCK_NAME "lock"

/* Opening may wait for a reader that is just mending the log after a crash; a running event loop
 * may not. */
#define BUSY_OPENING_MSEC 5000
#define BUSY_RUNNING_MSEC 40

/* Checking every page reads the whole file: some 50 ms for this much. Larger ones are found out
 * when a page is used. */
#define CHECK_BYTES_MAX (32 * 1024 * 1024)

static void message_set(char **ret_message, const char *format, ...) _printf_(2, 3);
static void message_set(char **ret_message, const char *format, ...) {
        va_list ap;

        if (!ret_message)
                return;

        *ret_message = mfree(*ret_message);
        va_start(ap, format);
        if (vasprintf(ret_message, format, ap) < 0)
                *ret_message = NULL; /* out of memory: the error number alone has to do */
        va_end(ap);
}

/* --- folder and files --- */

/* Makes @path and what is missing above it, for the owner alone. */
static int make_directories(const char *path) {
        _cleanup_free_ char *copy = strdup(path);

        if (!copy)
                return -ENOMEM;

        for (char *slash = copy;; slash++) {
                char end;

                slash += strcspn(slash, "/");
                end = *slash;
                *slash = '\0';
                if (*copy != '\0') {
                        if (mkdir(copy, 0700) >= 0) {
                                /* A umask may have taken from it. */
                                if (chmod(copy, 0700) < 0)
                                        return -errno;
                        } else if (errno != EEXIST)
                                return -errno;
                }
                if (end == '\0')
                        return 0;
                *slash = end;
        }
}

static int take_lock(Store *store, const char *directory, char **ret_message) {
        _cleanup_free_ char *path = NULL;
        char pid[32] = "";
        int n;

        if (asprintf(&path, "%s/" LOCK_NAME, directory) < 0) {
                path = NULL;
                return -ENOMEM;
        }

        store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (store->lock_fd < 0) {
                int r = -errno;

                message_set(ret_message, "Cannot open '%s': %s", path, strerror(-r));
                return r;
        }

        if (flock(store->lock_fd, LOCK_EX | LOCK_NB) < 0) {
                int r = errno == EWOULDBLOCK ? -EBUSY : -errno;
                ssize_t n_read = pread(store->lock_fd, pid, sizeof pid - 1, 0);

                if (n_read > 0)
                        pid[strspn(pid, "0123456789")] = '\0';
                message_set(ret_message, "Another picketd%s%s%s has the state in '%s'",
                        isempty(pid) ? "" : " (PID ", pid, isempty(pid) ? "" : ")", directory);
                return r;
        }

        /* Who has it is for people; a disk too full to say so is no reason to stop here. */
        n = snprintf(pid, sizeof pid, "%ld\n", (long) getpid());
        if (fchmod(store->lock_fd, 0600) < 0 || ftruncate(store->lock_fd, 0) < 0 ||
                pwrite(store->lock_fd, pid, (size_t) n, 0) != n)
                return 0;
        return 0;
}

/* SQLite would make the file as readable as the umask lets it; its companions take after it. */
static int create_database(const char *path) {
        int fd, r = 0;

        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
                return errno == EEXIST ? 0 : -errno;

        if (fchmod(fd, 0600) < 0)
                r = -errno;
        (void) close(fd);
        return r;
}

/* --- opening --- */

static int open_handle(Store *store, const char *name, int flags) {
        int code;

        code = sqlite3_open_v2(name, &store->db,
                flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE,
                /* vfs= */ NULL);
        if (code != SQLITE_OK)
                return store_fail(store, code);

        (void) sqlite3_busy_timeout(store->db, BUSY_OPENING_MSEC);
        (void) sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void) sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        /* temp_store: no files in /tmp, where a hardened service may have none. */
        /* cache_size: opening checks the whole file and fills it, and it stays that large. 2 MiB
         * hold what a round of a thousand feeds comes back to. */
        return store_execute(store,
                "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;"
                " PRAGMA foreign_keys = ON; PRAGMA cache_size = -2048");
}

static int open_for_writing(Store *store) {
        struct stat st;
        int r, code;

        r = create_database(store->path);
        if (r < 0)
                return r;

        r = open_handle(store, store->path, SQLITE_OPEN_READWRITE);
        if (r < 0)
                return r;

        /* auto_vacuum must come before the first page is written. The log goes back to 8 MiB after
         * an uncommonly large batch. */
        r = store_execute(store,
                "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
                " PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 8388608");
        if (r < 0)
                return r;

        if (stat(store->path, &st) >= 0 && st.st_size <= CHECK_BYTES_MAX) {
                sqlite3_stmt *check = NULL;

                code = sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &check, NULL);
                if (code == SQLITE_OK)
                        code = sqlite3_step(check);
                if (code == SQLITE_ROW) {
                        const char *answer = (const char *) sqlite3_column_text(check, 0);

                        if (answer && !streq(answer, "ok")) {
                                (void) snprintf(store->error, sizeof store->error, "%s", answer);
                                r = -EUCLEAN;
                        }
                } else
                        r = store_fail(store, code);
                (void) sqlite3_finalize(check);
                if (r < 0)
                        return r;
        }

        code = schema_upgrade(store->db, schema_steps, n_schema_steps, &store->upgraded_from);
        if (code == SQLITE_OK && store->upgraded_from == (int) n_schema_steps)
                store->upgraded_from = 0;
        if (code == SQLITE_MISMATCH)
                return -EPROTO;
        return code == SQLITE_OK ? 0 : store_fail(store, code);
}

/* Nobody writes and nothing is left in the log, and we could not make the shared index anyway. */
static bool may_be_immutable(const Store *store, const char *directory) {
        _cleanup_free_ char *wal = NULL;
        struct stat st;

        if (access(directory, W_OK) >= 0)
                return false;
        if (asprintf(&wal, "%s-wal", store->path) < 0) {
                wal = NULL;
                return false;
        }
        return stat(wal, &st) < 0 ? errno == ENOENT : st.st_size == 0;
}

/* The path as a file: URI: https://www.sqlite.org/uri.html */
static char *immutable_uri(const char *path) {
        _cleanup_(buffer_done) Buffer uri = {};
        int r;

        r = buffer_append_str(&uri, "file:");
        for (const char *p = path; *p && r >= 0; p++)
                r = strchr("%?#", *p) ? buffer_printf(&uri, "%%%02X", (unsigned) *p)
                                      : buffer_append_char(&uri, *p);
        if (r >= 0)
                r = buffer_append_str(&uri, "?immutable=1");
        return r < 0 ? NULL : buffer_take(&uri);
}

static int open_for_reading(Store *store, const char *directory) {
        int r, code, version = 0;

        if (access(store->path, F_OK) < 0)
                return -errno;

        r = open_handle(store, store->path, SQLITE_OPEN_READONLY);
        code = r < 0 ? SQLITE_CANTOPEN : schema_check(store->db, n_schema_steps, &version);
        if ((code & 0xff) == SQLITE_CANTOPEN && may_be_immutable(store, directory)) {
                _cleanup_free_ char *uri = immutable_uri(store->path);

                if (!uri)
                        return -ENOMEM;

                (void) sqlite3_close(TAKE_PTR(store->db));
                r = open_handle(store, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
                if (r >= 0)
                        code = schema_check(store->db, n_schema_steps, &version);
        }
        if (r < 0)
                return r;
        if (code == SQLITE_MISMATCH)
                return -EPROTO;
        if (code == SQLITE_SCHEMA) {
                (void) snprintf(store->error, sizeof store->error,
                        version == 0
                                ? "it is empty; picketd has not finished its first start"
                                : "an older Picket wrote it; picketd upgrades it when started");
                return version == 0 ? -ENOENT : -EPROTO;
        }
        return code == SQLITE_OK ? 0 : store_fail(store, code);
}

static int prepare_statements(Store *store) {
        for (StatementId id = 0; id < STATEMENT_MAX; id++) {
                int code = sqlite3_prepare_v3(store->db, statement_table[id], -1,
                        SQLITE_PREPARE_PERSISTENT, &store->statements[id], /* tail= */ NULL);

                if (code == SQLITE_OK)
                        continue;

                /* Our version, and yet a table or column is not there: it is no longer what we
                 * wrote. */
                (void) store_fail(store, code);
                return code == SQLITE_ERROR ? -EUCLEAN : errno_from_sqlite(code, 0);
        }

        return 0;
}

static void explain(const Store *store, int r, char **ret_message) {
        const char *why = isempty(store->error) ? strerror(-r) : store->error;

        switch (-r) {
        case EUCLEAN:
                message_set(ret_message,
                        "'%s' is damaged or no database of Picket (%s); with picketd stopped, move"
                        " it and its -wal away to begin anew, or save what can be read with"
                        " sqlite3's .recover",
                        store->path, why);
                break;
        case EPROTO:
                message_set(ret_message, "'%s' is of another version: %s", store->path,
                        isempty(store->error) ? "a newer Picket wrote it" : why);
                break;
        case ENOENT:
                message_set(ret_message, "Nothing is kept at '%s' yet: %s", store->path, why);
                break;
        default:
                message_set(
                        ret_message, "Cannot open '%s': %s (%s)", store->path, why, strerror(-r));
                break;
        }
}

int store_open(const char *directory, StoreFlags flags, Store **ret, char **ret_message) {
        _cleanup_(store_closep) Store *store = NULL;
        int r;

        if (ret_message)
                *ret_message = NULL;

        store = new0(Store, 1);
        if (!store)
                return -ENOMEM;

        store->lock_fd = -1;
        store->read_only = flags & STORE_READ_ONLY;
        if (asprintf(&store->path, "%s/" DATABASE_NAME, directory) < 0) {
                store->path = NULL;
                return -ENOMEM;
        }

        if (!store->read_only) {
                r = make_directories(directory);
                if (r < 0) {
                        message_set(ret_message, "Cannot make '%s': %s", directory, strerror(-r));
                        return r;
                }

                r = take_lock(store, directory, ret_message);
                if (r < 0)
                        return r;
        }

        r = store->read_only ? open_for_reading(store, directory) : open_for_writing(store);
        if (r >= 0)
                r = prepare_statements(store);
        if (r < 0) {
                explain(store, r, ret_message);
                return r;
        }

        if (!store->read_only)
                (void) sqlite3_busy_timeout(store->db, BUSY_RUNNING_MSEC);
        store->error[0] = '\0';
        *ret = TAKE_PTR(store);
        return 0;
}

Store *store_close(Store *store) {
        if (!store)
                return NULL;

        if (store->in_batch)
                store_rollback(store);
        for (StatementId id = 0; id < STATEMENT_MAX; id++)
                (void) sqlite3_finalize(store->statements[id]);
        /* Takes the log back into the database. */
        (void) sqlite3_close(store->db);
        if (store->lock_fd >= 0)
                (void) close(store->lock_fd);
        free(store->path);
        return mfree(store);
}

const char *store_error(const Store *store) {
        return store->error;
}

int store_upgraded_from(const Store *store) {
        return store->upgraded_from;
}
