/* SPDX-License-Identifier: MIT */
#pragma once

/* The tables, and how an older database becomes a current one: forward only, each version in one
 * transaction that also raises `PRAGMA user_version`. For store/ and its tests. */

#include <sqlite3.h>

#include "base/macro.h"

/* "PCKT", in the file's header (PRAGMA application_id), so that file(1) and we know it. */
#define SCHEMA_APPLICATION_ID 0x50434b54

/* Step i makes version i + 1 of version i; never changed once released. */
extern const char *const schema_steps[];
extern const size_t n_schema_steps;

/* Brings @db to version @n_steps; *ret_from is the version found (0: it was empty). An SQLite code;
 * SQLITE_NOTADB: another program's database; SQLITE_MISMATCH: a newer version than these steps. */
int schema_upgrade(
        sqlite3 *db, const char *const *steps, size_t n_steps, int *ret_from) _warn_unused_;
/* The same looks without a change; SQLITE_SCHEMA: older than @n_steps. */
int schema_check(sqlite3 *db, size_t n_steps, int *ret_version) _warn_unused_;
