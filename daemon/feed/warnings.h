/* SPDX-License-Identifier: MIT */
#pragma once

/* What was repaired in a feed, said without flooding: of one kind of repair the first few are
 * handed on with their lines, the rest is counted and summed up at the end. Embedded in the parser,
 * shared by its rooms. Never fails. */

#include "feed/feed.h"

/* Of one kind shown in full; enough to find the fault in the publisher's template. */
#define WARNINGS_SHOWN_PER_KIND 3
/* Kinds of repair that are told apart: above what the code knows. */
#define WARNINGS_KINDS_MAX 48
/* Bytes of the feed's own text in a warning. */
#define WARNING_DETAIL_BYTES_MAX 80

typedef struct Warnings {
        FeedHandler handler;
        struct {
                const char *what;
                uint64_t n;
        } kinds[WARNINGS_KINDS_MAX];
        size_t n_kinds;
} Warnings;

/* @what is a literal that says what was found and what happens now; its address is the kind.
 * @detail, valid UTF-8 from the feed, may be NULL. @line 0: unknown. */
void warnings_add(Warnings *warnings, unsigned line, const char *what, const char *detail);
/* How often the counted ones happened beyond those shown. */
void warnings_finish(Warnings *warnings);
