/* SPDX-License-Identifier: MIT */
#pragma once

/* A feed's list lost some entries and gained others since it was read last: which of the new ones
 * are the lost ones under another guid and address? Pure functions over what is left to tell by:
 * titles, summaries, dates. */

#include "model/model.h"

/* Entries on each side that are compared, each with each; a longer list is taken as it is. */
#define RENEWAL_ENTRIES_MAX 500

typedef struct RenewalEntry {
        int64_t id; /* of the row */
        usec_t date_usec;
        char *title; /* folded; NULL without a word */
        uint64_t title_hash;
        uint64_t *title_words; /* their hashes, sorted; NULL where there are too many */
        size_t n_title_words;
        char *summary; /* the beginning, folded; NULL when it says little */
} RenewalEntry;

int renewal_entry(const ItemRecord *record, RenewalEntry *ret) _warn_unused_; /* 0 or -ENOMEM */
void renewal_entry_done(RenewalEntry *entry);

/* Fills @matches, one for each of @fresh: the index of the entry in @gone that it is, or SIZE_MAX.
 * Each of @gone is taken once. @regular: the feed was read as it should be, so that what it lost
 * and gained did so at once. True: the whole list was renewed. */
bool renewal_match(const RenewalEntry *fresh, size_t n_fresh, const RenewalEntry *gone,
        size_t n_gone, bool regular, size_t *matches) _warn_unused_;

/* --- archives --- */

/* New items over this, and over half of the usual list, are more than a feed has news. */
#define RENEWAL_FLOOD_MIN 10
/* What is older than the newest known item by this is no news then. */
#define RENEWAL_FLOOD_AGE_USEC (7 * USEC_PER_DAY)

/* Is an item of that date old, where the newest known one is of @newest_usec (0: none is dated)? */
bool renewal_is_old(usec_t date_usec, usec_t newest_usec);
/* Are @n new items of which @n_old are old a replayed archive, in a feed that lists @n_usual? */
bool renewal_is_flood(size_t n, size_t n_old, uint64_t n_usual);
