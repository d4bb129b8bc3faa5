/* SPDX-License-Identifier: MIT */

#include "base/diag.h"

#include <stdarg.h>

/* A line longer than this is shown from a window around its caret. */
#define DIAG_SOURCE_CHARS_MAX 160

void diags_done(Diags *diags) {
        for (size_t i = 0; i < diags->n_items; i++) {
                free(diags->items[i].file);
                free(diags->items[i].source);
                free(diags->items[i].message);
        }

        free(diags->items);
        *diags = (Diags){};
}

void diag_add(Diags *diags, DiagSeverity severity, SourcePos pos, const char *format, ...) {
        _cleanup_free_ char *message = NULL;
        va_list ap;
        int n;

        if (severity == DIAG_ERROR)
                diags->n_errors++;

        va_start(ap, format);
        n = vasprintf(&message, format, ap);
        va_end(ap);
        if (n < 0) {
                message = NULL;
                return;
        }
        if (ARRAY_GROW(diags->items, diags->n_allocated, diags->n_items + 1) < 0)
                return;

        diags->items[diags->n_items++] = (Diag){
                .severity = severity,
                .file = pos.file ? strdup(pos.file) : NULL,
                .line = pos.line,
                .column = pos.column,
                .source = pos.source ? strdup(pos.source) : NULL,
                .message = TAKE_PTR(message),
        };
}

const char *diag_severity_to_string(DiagSeverity severity) {
        switch (severity) {
        case DIAG_WARNING:
                return "warning";
        case DIAG_ERROR:
                return "error";
        case DIAG_SEVERITY_MAX:
                break;
        }

        return NULL;
}

static bool is_continuation(char c) {
        return ((unsigned char) c & 0xC0) == 0x80;
}

/* The line with tabs and control characters as spaces, and a caret below. Columns count code
 * points, as editors do. */
static void print_caret(FILE *f, const char *source, unsigned column) {
        unsigned first = column > DIAG_SOURCE_CHARS_MAX / 2 ? column - DIAG_SOURCE_CHARS_MAX / 2
                                                            : 1,
                 at = 0;

        fputs("    ", f);
        for (const char *s = source; *s; s++) {
                if (!is_continuation(*s))
                        at++;
                if (at < first)
                        continue;
                if (at >= first + DIAG_SOURCE_CHARS_MAX)
                        break;
                fputc((unsigned char) *s < ' ' || *s == 0x7f ? ' ' : *s, f);
        }
        fprintf(f, "\n    %*s^\n", (int) (column - first), "");
}

void diags_print(const Diags *diags, FILE *f, bool color) {
        static const char *const colors[] = {
                [DIAG_WARNING] = "\x1b[1;33m",
                [DIAG_ERROR] = "\x1b[1;31m",
        };

        for (size_t i = 0; i < diags->n_items; i++) {
                const Diag *d = &diags->items[i];

                if (d->file)
                        fprintf(f, "%s:", d->file);
                if (d->line > 0)
                        fprintf(f, "%u:", d->line);
                if (d->column > 0)
                        fprintf(f, "%u:", d->column);
                fprintf(f, "%s%s%s:%s %s\n", d->file ? " " : "", color ? colors[d->severity] : "",
                        diag_severity_to_string(d->severity), color ? "\x1b[0m" : "", d->message);
                if (d->source && d->column > 0)
                        print_caret(f, d->source, d->column);
        }
}
