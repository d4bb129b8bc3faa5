/* SPDX-License-Identifier: MIT */
#pragma once

/* systemd's dialect of INI, read line by line: what stands where, and nothing of what it means.
 * Works on bytes in memory; knows no file system, no section and no key by name. */

#include "base/diag.h"

/* A webhook's address has a thousand bytes, a long expression some thousands; more is an accident.
 */
#define DIALECT_LINE_BYTES_MAX ((size_t) 64 * 1024)
/* Of a line that backslashes continue; what systemd takes for a line. */
#define DIALECT_JOINED_BYTES_MAX ((size_t) 1024 * 1024)
/* A file of nonsense tells no more after this many errors. */
#define DIALECT_ERRORS_MAX 10000

typedef enum DialectKind {
        DIALECT_SECTION,        /* [TYPE NAME] */
        DIALECT_BROKEN_SECTION, /* something like it, already reported; a section ends here */
        DIALECT_ASSIGNMENT,     /* KEY = VALUE */
        DIALECT_KIND_MAX,
} DialectKind;

/* A line that says something. Lent until the callback returns. */
typedef struct DialectLine {
        DialectKind kind;
        /* Where the key, or the section's type, stands. A continued line is counted and shown as
         * what it was joined to, under the number of its first line. */
        SourcePos pos;
        const char *type, *name; /* name is "" when there is none */
        const char *key, *value; /* without the white space around them; value may be "" */
        unsigned name_column, value_column;
} DialectLine;

/* Returns 0 or a negative error, which ends the reading. */
typedef int (*DialectCallback)(const DialectLine *line, void *userdata);

/* Reads @text, which need not end with NUL; @file names it in messages. What is wrong goes to
 * @diags, and the reading goes on with the next line. 0, -ENOMEM or what @on_line returned. */
int dialect_read(const char *file, const char *text, size_t n_bytes, Diags *diags,
        DialectCallback on_line, void *userdata) _warn_unused_;

/* @pos moved to @at, inside the text that starts at @pos: for the caret. */
SourcePos source_pos_at(SourcePos pos, const char *text, const char *at);
