/* SPDX-License-Identifier: MIT */
#pragma once

/* One item under construction, or the feed's own account of itself: what was read so far and how
 * good it is. Several elements may tell the same thing; of each part the one of the highest
 * priority wins, of equals the first. Embedded and used again for the next item, so that memory
 * stays flat. */

#include "base/arena.h"
#include "base/buffer.h"
#include "feed/warnings.h"

/* Entries of one item's lists; more are ignored. The most seen in the press: 12, 60, 20. */
#define ENTRY_AUTHORS_MAX 64
#define ENTRY_CATEGORIES_MAX 128
#define ENTRY_ENCLOSURES_MAX 64
/* One author, category or media type. */
#define ENTRY_LABEL_BYTES_MAX ((size_t) 1024)
/* What the lists hold at most: labels, also those that gave way to better ones, and two addresses
 * and a type for each enclosure. */
#define ENTRY_ARENA_BYTES_MAX ((size_t) 4 * 1024 * 1024)

typedef enum Part {
        PART_TITLE,
        PART_SUMMARY,
        PART_CONTENT,
        PART_LINK,
        PART_ID,
        PART_LANGUAGE,
        PART_TEXT_MAX,
        PART_PUBLISHED = PART_TEXT_MAX,
        PART_UPDATED,
        PART_TTL,
        PART_MAX,
} Part;

typedef enum TextKind {
        TEXT_PLAIN,        /* as it is */
        TEXT_HTML,         /* markup, once the XML is undone */
        TEXT_BASE64_PLAIN, /* base64 of either (Atom 0.3) */
        TEXT_BASE64_HTML,
} TextKind;

typedef struct LabelList {
        const char *labels[ENTRY_CATEGORIES_MAX + 1]; /* ends with NULL */
        size_t n;
        uint8_t priority; /* of what is there */
} LabelList;

typedef struct Entry {
        Arena *arena;
        Buffer texts[PART_TEXT_MAX];
        usec_t times[PART_MAX - PART_TEXT_MAX];
        uint8_t priorities[PART_MAX]; /* of what is there; 0: nothing */
        LabelList authors, source_authors, categories;
        Enclosure enclosures[ENTRY_ENCLOSURES_MAX];
        size_t n_enclosures, n_moved;
        uint32_t skip_hours, skip_days; /* of a feed, as in FeedInfo */
        usec_t period_usec;             /* 0: not said */
        uint64_t frequency;             /* in a period; 0: not said */
} Entry;

int entry_init(Entry *entry) _warn_unused_;
void entry_done(Entry *entry);
void entry_reset(Entry *entry);

/* Undoes what @kind says, folds white space, and appends plain text of at most @n_bytes_max. 0, 1
 * when it was cut, or -ENOMEM. */
int entry_plain_text(TextKind kind, const char *raw, size_t n_bytes, size_t n_bytes_max,
        Buffer *out) _warn_unused_;

/* May this priority still say something new about the part? */
static inline bool entry_wants(const Entry *entry, Part part, unsigned priority) {
        return priority > entry->priorities[part];
}

/* Takes plain text, when there is any and none better. 0 or -ENOMEM. */
int entry_set_text(
        Entry *entry, Part part, unsigned priority, const char *text, size_t n_bytes) _warn_unused_;
void entry_set_time(Entry *entry, Part part, unsigned priority, usec_t t);
usec_t entry_time(const Entry *entry, Part part);
/* NULL when there is none. */
const char *entry_text(const Entry *entry, Part part);

/* Adds what is neither empty nor there yet (in any case of ASCII); what there is of a lower
 * priority gives way, and is not added to what there is of a higher. 0 or -ENOMEM. */
int entry_add_label(Entry *entry, LabelList *list, unsigned priority, size_t n_max,
        const char *label) _warn_unused_;
/* Names and addresses in any order, see author.h. */
int entry_add_author(
        Entry *entry, LabelList *list, unsigned priority, const char *text) _warn_unused_;
/* @url is absolute; @type may be NULL. What is there already is completed. */
int entry_add_enclosure(
        Entry *entry, const char *url, const char *type, uint64_t length_bytes) _warn_unused_;
/* The enclosure with that file name, or the only one, lies at @url (absolute) in truth. 0 or
 * -ENOMEM. */
int entry_move_enclosure(Entry *entry, const char *url) _warn_unused_;

/* The item, lent until the entry changes. Without authors of its own (and of its source), it has
 * those of @feed. */
Item entry_item(const Entry *entry, const Entry *feed);
/* What the feed said of itself, lent likewise. */
FeedInfo entry_feed_info(const Entry *feed, FeedFormat format);
/* Is there nothing that could be shown? */
bool entry_is_empty(const Entry *entry);
