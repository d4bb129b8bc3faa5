/* SPDX-License-Identifier: MIT */
#pragma once

/* SQLite as the files of this folder use it: values bound in order, statements that reset
 * themselves, one mapping of errors. For store/ alone. */

#include <sqlite3.h>

#include "store/statements.h"
#include "store/store.h"

struct Store {
        sqlite3 *db;
        sqlite3_stmt *statements[STATEMENT_MAX];
        char *path; /* of the database */
        int lock_fd;
        bool read_only;
        bool in_batch;
        uint64_t n_batches_lost;
        int upgraded_from;
        char error[512];
};

/* --- errors --- */

/* The one place where SQLite's codes become ours. */
int errno_from_sqlite(int code, int system_errno) _const_;
/* Maps @code and keeps SQLite's words for store_error(). */
int store_fail(Store *store, int code);

/* --- values for the placeholders of a statement, in their order --- */

typedef enum ValueKind {
        VALUE_NULL,
        VALUE_INTEGER,
        VALUE_TEXT,
} ValueKind;

typedef struct Value {
        ValueKind kind;
        int64_t integer;
        const char *text; /* must outlive the statement's use */
} Value;

static inline Value integer(int64_t i) {
        return (Value){ .kind = VALUE_INTEGER, .integer = i };
}

static inline Value text(const char *s) {
        return (Value){ .kind = s ? VALUE_TEXT : VALUE_NULL, .text = s };
}

/* A row id; none is NULL. */
static inline Value row_id(int64_t id) {
        return (Value){ .kind = id != 0 ? VALUE_INTEGER : VALUE_NULL, .integer = id };
}

/* SQLite's integers are signed: whatever does not fit is USEC_INFINITY, kept as the largest, so
 * that it sorts behind all others. */
static inline int64_t integer_from_unsigned(uint64_t u) {
        return u > INT64_MAX ? INT64_MAX : (int64_t) u;
}

static inline Value count(uint64_t n) {
        return integer(integer_from_unsigned(n));
}

static inline Value usec(usec_t t) {
        return integer(integer_from_unsigned(t));
}

#define VALUES(...) \
        (const Value[]){ __VA_ARGS__ }, sizeof((const Value[]){ __VA_ARGS__ }) / sizeof(Value)

/* --- statements --- */

/* Binds the values to the statement. Whoever begins ends it, by `_cleanup_(statement_endp)`: what
 * is left open would hold up checkpoints. The statement is the store's. */
int statement_begin(Store *store, StatementId id, const Value *values, size_t n_values,
        sqlite3_stmt **ret) _warn_unused_;
/* 1: a row; 0: no more; negative. */
int statement_step(Store *store, sqlite3_stmt *statement) _warn_unused_;
void statement_end(sqlite3_stmt *statement);

static inline void statement_endp(sqlite3_stmt **statement) {
        statement_end(*statement);
}

/* A write: opens the batch when none is open, runs the statement to its end, and rolls the batch
 * back when it fails. The number of rows changed, or negative. */
int store_write(Store *store, StatementId id, const Value *values, size_t n_values) _warn_unused_;
/* A write to what must be there: 0, or -ENOENT where the statement found no row; else as above. */
int store_write_known(
        Store *store, StatementId id, const Value *values, size_t n_values) _warn_unused_;
/* A question for a single number: 0 and the first column of the first row (0 for NULL), -ENOENT
 * without a row. */
int store_read_integer(Store *store, StatementId id, const Value *values, size_t n_values,
        int64_t *ret) _warn_unused_;
/* Runs statements that are not worth keeping: opening and closing. */
int store_execute(Store *store, const char *sql) _warn_unused_;

/* --- columns --- */

/* Copies a text column; NULL stays NULL. */
int column_text(sqlite3_stmt *statement, int column, char **ret) _warn_unused_;
usec_t column_usec(sqlite3_stmt *statement, int column);
uint64_t column_count(sqlite3_stmt *statement, int column);
unsigned column_unsigned(sqlite3_stmt *statement, int column);
bool column_bool(sqlite3_stmt *statement, int column);
