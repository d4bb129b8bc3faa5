/* SPDX-License-Identifier: MIT */

#include "feed/warnings.h"

#include <stdio.h>

#include "base/str.h"
#include "text/markup.h"
#include "text/utf8.h"

/* A message of the longest literal, the detail and a count. */
#define MESSAGE_BYTES_MAX 320

static void warnings_emit(const Warnings *warnings, unsigned line, const char *message) {
        if (warnings->handler.on_warning)
                warnings->handler.on_warning(line, message, warnings->handler.userdata);
}

/* The feed's own words, without what could turn or steer what is shown behind them. */
static void warnings_emit_detail(
        const Warnings *warnings, unsigned line, const char *what, const char *detail) {
        _cleanup_(buffer_done) Buffer text = {};
        char message[MESSAGE_BYTES_MAX];
        size_t n = strlen(detail);

        if (n > WARNING_DETAIL_BYTES_MAX)
                n = utf8_cut(detail, n, WARNING_DETAIL_BYTES_MAX);
        if (text_fold_space(detail, n, &text) < 0) {
                warnings_emit(warnings, line, what);
                return;
        }

        (void) snprintf(message, sizeof(message), "%s: '%s'", what, buffer_str(&text));
        warnings_emit(warnings, line, message);
}

void warnings_add(Warnings *warnings, unsigned line, const char *what, const char *detail) {
        size_t i;

        for (i = 0; i < warnings->n_kinds; i++)
                if (warnings->kinds[i].what == what)
                        break;
        if (i == warnings->n_kinds) {
                if (i == WARNINGS_KINDS_MAX)
                        return;
                warnings->kinds[i].what = what;
                warnings->n_kinds++;
        }

        if (++warnings->kinds[i].n > WARNINGS_SHOWN_PER_KIND)
                return;
        if (detail)
                warnings_emit_detail(warnings, line, what, detail);
        else
                warnings_emit(warnings, line, what);
}

void warnings_finish(Warnings *warnings) {
        char message[MESSAGE_BYTES_MAX];

        for (size_t i = 0; i < warnings->n_kinds; i++) {
                uint64_t n = warnings->kinds[i].n;

                if (n <= WARNINGS_SHOWN_PER_KIND)
                        continue;
                (void) snprintf(message, sizeof(message), "%s (%llu more times)",
                        warnings->kinds[i].what,
                        (unsigned long long) (n - WARNINGS_SHOWN_PER_KIND));
                warnings_emit(warnings, 0, message);
        }
}
