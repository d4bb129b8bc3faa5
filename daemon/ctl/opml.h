/* SPDX-License-Identifier: MIT */
#pragma once

/* Reading subscription lists: OPML 1.0 and 2.0 (http://opml.org/spec2.opml), as feed readers write
 * them. */

#include "base/strv.h"

/* The largest lists seen have some thousand feeds in half a MiB. */
#define OPML_BYTES_MAX ((size_t) 8 * 1024 * 1024)
#define OPML_FEEDS_MAX ((size_t) 10000)
/* Folders around a feed that are told; what is deeper counts as in the last of these. */
#define OPML_FOLDERS_MAX 32

typedef struct OpmlFeed {
        char *title;    /* plain text; NULL */
        char *url;      /* can be fetched */
        char *html_url; /* NULL */
        char **folders; /* from the outermost to the innermost; of duplicates, all */
} OpmlFeed;

typedef struct OpmlList {
        char *title; /* NULL */
        OpmlFeed *feeds;
        size_t n_feeds, n_allocated;
        size_t n_duplicates;
} OpmlList;

void opml_list_done(OpmlList *list);

/* Reads @text. Entries that cannot be are told to @on_warning and skipped, feeds that occur again
 * are merged into the first. 0; -EBADMSG: no OPML; -ENOMEM. */
int opml_read(const char *text, size_t n_bytes,
        void (*on_warning)(unsigned line, const char *message, void *userdata), void *userdata,
        OpmlList *ret) _warn_unused_;
