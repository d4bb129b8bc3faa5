/* SPDX-License-Identifier: MIT */

/* The batch: the first write opens it, store_commit() ends it, a failure takes all of it back. */

#include <errno.h>
#include <stdio.h>

#include "store/database.h"

static int store_begin(Store *store) {
        sqlite3_stmt *statement;
        int r;

        if (store->in_batch)
                return 0;
        if (store->read_only) {
                (void) snprintf(store->error, sizeof store->error, "opened for reading only");
                return -EROFS;
        }

        r = statement_begin(store, STATEMENT_BEGIN, NULL, 0, &statement);
        if (r < 0)
                return r;

        r = statement_step(store, statement);
        statement_end(statement);
        if (r < 0)
                return r;

        store->in_batch = true;
        return 0;
}

static int store_write_in_batch(
        Store *store, StatementId id, const Value *values, size_t n_values) {
        _cleanup_(statement_endp) sqlite3_stmt *statement = NULL;
        int r;

        r = statement_begin(store, id, values, n_values, &statement);
        if (r < 0)
                return r;

        do {
                r = statement_step(store, statement);
        } while (r > 0);
        if (r < 0)
                return r;

        return sqlite3_changes(store->db);
}

int store_write(Store *store, StatementId id, const Value *values, size_t n_values) {
        int r;

        r = store_begin(store);
        if (r < 0)
                return r;

        r = store_write_in_batch(store, id, values, n_values);
        if (r < 0)
                store_rollback(store);
        return r;
}

int store_write_known(Store *store, StatementId id, const Value *values, size_t n_values) {
        int r;

        r = store_write(store, id, values, n_values);
        if (r < 0)
                return r;
        return r == 0 ? -ENOENT : 0;
}

int store_commit(Store *store) {
        sqlite3_stmt *statement;
        int r;

        if (!store->in_batch)
                return 0;

        r = statement_begin(store, STATEMENT_COMMIT, NULL, 0, &statement);
        if (r >= 0) {
                r = statement_step(store, statement);
                statement_end(statement);
        }
        if (r < 0) {
                store_rollback(store);
                return r;
        }

        store->in_batch = false;
        return 0;
}

void store_rollback(Store *store) {
        sqlite3_stmt *statement = store->statements[STATEMENT_ROLLBACK];

        if (!store->in_batch)
                return;

        /* After a full disk or a lost file SQLite has rolled back by itself already. */
        if (!sqlite3_get_autocommit(store->db)) {
                (void) sqlite3_step(statement);
                statement_end(statement);
        }
        store->in_batch = false;
        store->n_batches_lost++;
}

bool store_has_batch(const Store *store) {
        return store->in_batch;
}

uint64_t store_batches_lost(const Store *store) {
        return store->n_batches_lost;
}
