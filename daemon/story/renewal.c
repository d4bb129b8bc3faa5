/* SPDX-License-Identifier: MIT */

/* Publishers mend a headline and with it the address and guid that are made of it; or change their
 * system, and every guid, every address and at times every date is another. Such entries share no
 * key with the rows they were. But the row has left the list in the very poll that brings the
 * entry, and that is what makes little evidence enough:
 *
 *   - the same title, or one half of its words, at the same second;
 *   - the same summary, at the same second, or within two days below much the same title;
 *   - where three titles at least, and half of what was lost and gained, came back letter for
 *     letter, all titles that did, whatever their dates: the list was renewed. Not where the
 *     summary is another below another date: that is the next edition of a column.
 *
 * A time on the full hour tells nothing, it may be but a day. Where a row is gone without any of
 * this, the entry is new: old news told twice is the smaller harm. */

#include "story/renewal.h"

#include <errno.h>

#include "base/hashmap.h"
#include "base/str.h"
#include "story/content.h"

#define EDITION_USEC (2 * USEC_PER_DAY)
/* Publishers cut summaries at different lengths; their beginnings agree. */
#define SUMMARY_BYTES_MAX ((size_t) 256)
#define TEXT_BYTES_MAX ((size_t) 2048)
#define TITLE_WORDS_MAX 64
#define RESET_PAIRS_MIN 3

/* The lowest bit of a word's hash: it has a digit. */
#define WORD_NUMBER UINT64_C(1)

static int word_compare(const void *a, const void *b) {
        uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;

        return x < y ? -1 : x > y;
}

static uint64_t word_hash(const char *word, size_t n_bytes) {
        uint64_t hash = hash_bytes(word, n_bytes) & ~WORD_NUMBER;

        for (size_t i = 0; i < n_bytes; i++)
                if (word[i] >= '0' && word[i] <= '9')
                        return hash | WORD_NUMBER;

        return hash;
}

/* Each title is held against each: what that takes of its words is made once. */
static int take_title_words(RenewalEntry *entry) {
        size_t n = 0;

        entry->title_hash = hash_bytes(entry->title, strlen(entry->title));
        entry->n_title_words = content_count_words(entry->title);
        if (entry->n_title_words > TITLE_WORDS_MAX)
                return 0;

        entry->title_words = new0(uint64_t, entry->n_title_words);
        if (!entry->title_words)
                return -ENOMEM;
        for (const char *p = entry->title; *p; p += *p == ' ') {
                size_t n_bytes = strcspn(p, " ");

                entry->title_words[n++] = word_hash(p, n_bytes);
                p += n_bytes;
        }
        qsort(entry->title_words, n, sizeof(uint64_t), word_compare);
        return 0;
}

int renewal_entry(const ItemRecord *record, RenewalEntry *ret) {
        _cleanup_(renewal_entry_done) RenewalEntry entry = {
                .id = record->id,
                .date_usec = item_date(record->published_usec, record->updated_usec),
        };

        if (content_fold(record->title, TEXT_BYTES_MAX, &entry.title) < 0 ||
                content_fold(record->summary, TEXT_BYTES_MAX, &entry.summary) < 0)
                return -ENOMEM;

        if (strlen(entry.summary) < CONTENT_SUMMARY_CHARS_MIN)
                entry.summary = mfree(entry.summary);
        else if (strlen(entry.summary) > SUMMARY_BYTES_MAX)
                entry.summary[SUMMARY_BYTES_MAX] = '\0';
        if (isempty(entry.title))
                entry.title = mfree(entry.title);
        else if (take_title_words(&entry) < 0)
                return -ENOMEM;

        *ret = entry;
        entry = (RenewalEntry){};
        return 0;
}

void renewal_entry_done(RenewalEntry *entry) {
        free(entry->title);
        free(entry->title_words);
        free(entry->summary);
        *entry = (RenewalEntry){};
}

/* --- what agrees --- */

static bool titles_agree(const RenewalEntry *a, const RenewalEntry *b) {
        return a->title && b->title && a->title_hash == b->title_hash && streq(a->title, b->title);
}

static bool summaries_agree(const RenewalEntry *a, const RenewalEntry *b) {
        return a->summary && b->summary &&
                strncmp(a->summary, b->summary, MIN(strlen(a->summary), strlen(b->summary))) == 0;
}

static bool both_dated(const RenewalEntry *a, const RenewalEntry *b) {
        return a->date_usec != USEC_INFINITY && b->date_usec != USEC_INFINITY;
}

/* Are at least so many hundredths of the words in either title in both? Not where one has a number
 * that the other has not: that tells events apart. */
static bool titles_alike(const RenewalEntry *a, const RenewalEntry *b, unsigned percent) {
        const uint64_t *x = a->title_words, *y = b->title_words;
        size_t n_x = a->n_title_words, n_y = b->n_title_words, i = 0, k = 0, n_both = 0,
               n_needed = (percent * (n_x + n_y) + 99 + percent) / (100 + percent);

        if (!x || !y)
                return false;

        while (i < n_x || k < n_y) {
                int c = k == n_y ? -1 : i == n_x ? 1 : word_compare(&x[i], &y[k]);
                uint64_t word = c > 0 ? y[k] : x[i];

                if (c != 0 && (word & WORD_NUMBER))
                        return false;
                for (; i < n_x && x[i] == word; i++)
                        n_both += c == 0;
                while (k < n_y && y[k] == word)
                        k++;
                if (n_both + n_x - i < n_needed) /* with all that is left */
                        return false;
        }

        return true;
}

/* Is it as sure as that, 4 being surest, that the two are one entry? */
static bool is_renewed(const RenewalEntry *fresh, const RenewalEntry *gone, unsigned sure) {
        bool dated = both_dated(fresh, gone),
             same_date = dated && fresh->date_usec == gone->date_usec,
             same_second = same_date && fresh->date_usec % USEC_PER_HOUR != 0;

        switch (sure) {
        case 4:
                return titles_agree(fresh, gone) &&
                        (same_date || (!dated && summaries_agree(fresh, gone)));
        case 3:
                return same_second && summaries_agree(fresh, gone);
        case 2:
                return same_second && titles_alike(fresh, gone, 50);
        default:
                return dated && summaries_agree(fresh, gone) &&
                        usec_sub(MAX(fresh->date_usec, gone->date_usec),
                                MIN(fresh->date_usec, gone->date_usec)) <= EDITION_USEC &&
                        titles_alike(fresh, gone, 60);
        }
}

/* The only one of @entries with the title of @entry; SIZE_MAX: none, or several. */
static size_t find_title(const RenewalEntry *entries, size_t n, const RenewalEntry *entry) {
        size_t found = SIZE_MAX;

        for (size_t i = 0; i < n; i++)
                if (titles_agree(&entries[i], entry)) {
                        if (found != SIZE_MAX)
                                return SIZE_MAX;
                        found = i;
                }

        return found;
}

/* The whole list was renewed: which of @gone has the title of @fresh[i]? */
static size_t find_renewed(const RenewalEntry *fresh, size_t n_fresh, size_t i,
        const RenewalEntry *gone, size_t n_gone) {
        const RenewalEntry *entry = &fresh[i];
        size_t k = find_title(gone, n_gone, entry);

        if (k == SIZE_MAX || entry->n_title_words < CONTENT_WORDS_MIN ||
                find_title(fresh, n_fresh, entry) != i)
                return SIZE_MAX;
        /* the next edition of a column */
        if (entry->summary && gone[k].summary && !summaries_agree(entry, &gone[k]) &&
                entry->date_usec != gone[k].date_usec)
                return SIZE_MAX;

        return k;
}

bool renewal_match(const RenewalEntry *fresh, size_t n_fresh, const RenewalEntry *gone,
        size_t n_gone, bool regular, size_t *matches) {
        bool taken[RENEWAL_ENTRIES_MAX] = {}, reset;
        size_t n_pairs = 0;

        for (size_t i = 0; i < n_fresh; i++) {
                matches[i] = find_renewed(fresh, n_fresh, i, gone, n_gone);
                n_pairs += matches[i] != SIZE_MAX;
        }
        reset = regular && n_pairs >= RESET_PAIRS_MIN && 2 * n_pairs >= MAX(n_fresh, n_gone);

        for (size_t i = 0; i < n_fresh; i++)
                if (!reset)
                        matches[i] = SIZE_MAX;
                else if (matches[i] != SIZE_MAX)
                        taken[matches[i]] = true;

        /* The surest first, so that no guess takes what another entry plainly is. */
        for (unsigned sure = 4; sure > 0; sure--)
                for (size_t i = 0; i < n_fresh; i++)
                        for (size_t k = 0; k < n_gone && matches[i] == SIZE_MAX; k++)
                                if (!taken[k] && is_renewed(&fresh[i], &gone[k], sure)) {
                                        matches[i] = k;
                                        taken[k] = true;
                                }

        return reset;
}

/* --- archives --- */

bool renewal_is_old(usec_t date_usec, usec_t newest_usec) {
        return date_usec != USEC_INFINITY &&
                usec_add(date_usec, RENEWAL_FLOOD_AGE_USEC) <= newest_usec;
}

bool renewal_is_flood(size_t n, size_t n_old, uint64_t n_usual) {
        return n > MAX((uint64_t) RENEWAL_FLOOD_MIN, n_usual / 2) && 2 * n_old > n;
}
