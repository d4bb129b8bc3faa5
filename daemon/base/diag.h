/* SPDX-License-Identifier: MIT */
#pragma once

/* Diagnostics with source positions: what is wrong with a configuration, all of it in one run.
 * Collected by whoever reads, shown by whoever was asked. Adding never fails visibly: when memory
 * is out the count still rises, so nothing bad passes for good. */

#include <stdio.h>

#include "base/memory.h"

typedef enum DiagSeverity {
        DIAG_WARNING,
        DIAG_ERROR,
        DIAG_SEVERITY_MAX,
} DiagSeverity;

/* Where a text stands. Borrowed strings; what lives longer copies them. */
typedef struct SourcePos {
        const char *file;
        unsigned line;      /* from 1; 0: the file as a whole */
        unsigned column;    /* from 1, in characters (code points); 0: the line as a whole */
        const char *source; /* the text of that line, for the caret; may be NULL */
} SourcePos;

typedef struct Diag {
        DiagSeverity severity;
        char *file;
        unsigned line, column;
        char *source;
        char *message;
} Diag;

typedef struct Diags {
        Diag *items;
        size_t n_items, n_allocated;
        size_t n_errors;
} Diags;

void diags_done(Diags *diags);

void diag_add(Diags *diags, DiagSeverity severity, SourcePos pos, const char *format, ...)
        _printf_(4, 5);
#define diag_error(diags, pos, ...) diag_add((diags), DIAG_ERROR, (pos), __VA_ARGS__)
#define diag_warning(diags, pos, ...) diag_add((diags), DIAG_WARNING, (pos), __VA_ARGS__)

/* "FILE:LINE:COLUMN: error: MESSAGE", then the source line and a caret under the column, where
 * known. */
void diags_print(const Diags *diags, FILE *f, bool color);
const char *diag_severity_to_string(DiagSeverity severity);
