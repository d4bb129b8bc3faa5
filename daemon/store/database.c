/* SPDX-License-Identifier: MIT */

#include "store/database.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

int errno_from_sqlite(int code, int system_errno) {
        switch (code & 0xff) {
        case SQLITE_OK:
        case SQLITE_ROW:
        case SQLITE_DONE:
                return 0;
        case SQLITE_NOMEM:
                return -ENOMEM;
        case SQLITE_FULL:
                return -ENOSPC;
        case SQLITE_READONLY:
                return -EROFS;
        case SQLITE_PERM:
        case SQLITE_AUTH:
                return -EACCES;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
                return -EUCLEAN;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
                return -EBUSY;
        case SQLITE_INTERRUPT:
        case SQLITE_ABORT:
                return -ECANCELED;
        case SQLITE_TOOBIG:
                return -E2BIG;
        case SQLITE_CONSTRAINT:
                if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
                        return -EEXIST;
                if (code == SQLITE_CONSTRAINT_FOREIGNKEY)
                        return -ENOENT;
                return -EINVAL;
        case SQLITE_CANTOPEN:
                return system_errno > 0 ? -system_errno : -EACCES;
        case SQLITE_IOERR:
                if (code == SQLITE_IOERR_NOMEM)
                        return -ENOMEM;
                if (code == SQLITE_IOERR_CORRUPTFS)
                        return -EUCLEAN;
                /* The disk's own word, where it is one that callers tell apart. */
                return system_errno == ENOSPC || system_errno == EDQUOT ? -ENOSPC : -EIO;
        default:
                return -EIO;
        }
}

int store_fail(Store *store, int code) {
        /* A rollback in between leaves the handle with nothing to say. */
        (void) snprintf(store->error, sizeof store->error, "%s",
                store->db && (sqlite3_errcode(store->db) & 0xff) == (code & 0xff)
                        ? sqlite3_errmsg(store->db)
                        : sqlite3_errstr(code));
        return errno_from_sqlite(code, store->db ? sqlite3_system_errno(store->db) : 0);
}

static int statement_bind(sqlite3_stmt *statement, int i, const Value *value) {
        switch (value->kind) {
        case VALUE_NULL:
                return sqlite3_bind_null(statement, i);
        case VALUE_INTEGER:
                return sqlite3_bind_int64(statement, i, value->integer);
        case VALUE_TEXT:
                return sqlite3_bind_text64(
                        statement, i, value->text, strlen(value->text), SQLITE_STATIC, SQLITE_UTF8);
        }

        return SQLITE_MISUSE;
}

int statement_begin(
        Store *store, StatementId id, const Value *values, size_t n_values, sqlite3_stmt **ret) {
        sqlite3_stmt *statement = store->statements[id];

        assert((size_t) sqlite3_bind_parameter_count(statement) == n_values);

        for (size_t i = 0; i < n_values; i++) {
                int code = statement_bind(statement, (int) i + 1, &values[i]);

                if (code != SQLITE_OK) {
                        int r = store_fail(store, code);

                        statement_end(statement);
                        return r;
                }
        }

        *ret = statement;
        return 0;
}

int statement_step(Store *store, sqlite3_stmt *statement) {
        int code = sqlite3_step(statement);

        if (code == SQLITE_ROW)
                return 1;
        if (code == SQLITE_DONE)
                return 0;
        return store_fail(store, code);
}

void statement_end(sqlite3_stmt *statement) {
        if (!statement)
                return;

        /* The code repeats what the last step said. The values were lent and end here. */
        (void) sqlite3_reset(statement);
        (void) sqlite3_clear_bindings(statement);
}

int store_read_integer(
        Store *store, StatementId id, const Value *values, size_t n_values, int64_t *ret) {
        _cleanup_(statement_endp) sqlite3_stmt *statement = NULL;
        int r;

        r = statement_begin(store, id, values, n_values, &statement);
        if (r < 0)
                return r;

        r = statement_step(store, statement);
        if (r < 0)
                return r;
        if (r == 0)
                return -ENOENT;

        *ret = sqlite3_column_int64(statement, 0);
        return 0;
}

int store_execute(Store *store, const char *sql) {
        int code = sqlite3_exec(store->db, sql, NULL, NULL, /* errmsg= */ NULL);

        return code == SQLITE_OK ? 0 : store_fail(store, code);
}

int column_text(sqlite3_stmt *statement, int column, char **ret) {
        const unsigned char *value;
        char *copy;

        if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
                *ret = NULL;
                return 0;
        }

        value = sqlite3_column_text(statement, column);
        if (!value)
                return -ENOMEM;

        copy = memdup_suffix0(value, (size_t) sqlite3_column_bytes(statement, column));
        if (!copy)
                return -ENOMEM;

        *ret = copy;
        return 0;
}

/* What is negative came from no version of ours; nothing is the harmless reading. */
uint64_t column_count(sqlite3_stmt *statement, int column) {
        int64_t value = sqlite3_column_int64(statement, column);

        return value < 0 ? 0 : (uint64_t) value;
}

usec_t column_usec(sqlite3_stmt *statement, int column) {
        uint64_t value = column_count(statement, column);

        return value == INT64_MAX ? USEC_INFINITY : value;
}

unsigned column_unsigned(sqlite3_stmt *statement, int column) {
        return (unsigned) MIN(column_count(statement, column), (uint64_t) UINT_MAX);
}

bool column_bool(sqlite3_stmt *statement, int column) {
        return sqlite3_column_int64(statement, column) != 0;
}
