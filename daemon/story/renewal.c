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

#include "base/str.h"
#include "story/content.h"
#include "text/fold.h"

#define EDITION_USEC (2 * USEC_PER_DAY)
/* Publishers cut summaries at different lengths; their beginnings agree. */
#define SUMMARY_BYTES_MAX ((size_t) 256)
#define TEXT_BYTES_MAX ((size_t) 2048)
#define TITLE_WORDS_MAX 64
#define RESET_PAIRS_MIN 3

static int fold_beginning(const char *text, char **ret) {
        _cleanup_free_ char *cut = strndup(strempty(text), TEXT_BYTES_MAX);

        if (!cut)
                return -ENOMEM;
        *ret = fold_string(cut);
        return *ret ? 0 : -ENOMEM;
}

int renewal_entry(const ItemRecord *record, RenewalEntry *ret) {
        _cleanup_(renewal_entry_done) RenewalEntry entry = {
                .id = record->id,
                .date_usec = item_date(record->published_usec, record->updated_usec),
        };

        if (fold_beginning(record->title, &entry.title) < 0 ||
                fold_beginning(record->summary, &entry.summary) < 0)
                return -ENOMEM;

        if (strlen(entry.summary) < CONTENT_SUMMARY_CHARS_MIN)
                entry.summary = mfree(entry.summary);
        else if (strlen(entry.summary) > SUMMARY_BYTES_MAX)
                entry.summary[SUMMARY_BYTES_MAX] = '\0';
        if (isempty(entry.title))
                entry.title = mfree(entry.title);
        for (const char *p = strempty(entry.title); *p; p++)
                entry.n_title_words += p == entry.title || *p == ' ';

        *ret = entry;
        entry = (RenewalEntry){};
        return 0;
}

void renewal_entry_done(RenewalEntry *entry) {
        free(entry->title);
        free(entry->summary);
        *entry = (RenewalEntry){};
}

/* --- what agrees --- */

static bool titles_agree(const RenewalEntry *a, const RenewalEntry *b) {
        return a->title && b->title && streq(a->title, b->title);
}

static bool summaries_agree(const RenewalEntry *a, const RenewalEntry *b) {
        return a->summary && b->summary &&
                strncmp(a->summary, b->summary, MIN(strlen(a->summary), strlen(b->summary))) == 0;
}

static bool both_dated(const RenewalEntry *a, const RenewalEntry *b) {
        return a->date_usec != USEC_INFINITY && b->date_usec != USEC_INFINITY;
}

static bool has_number(const char *word, size_t n_bytes) {
        for (size_t i = 0; i < n_bytes; i++)
                if (word[i] >= '0' && word[i] <= '9')
                        return true;

        return false;
}

/* Is the word one of @title's? */
static bool has_word(const char *title, const char *word, size_t n_bytes) {
        for (const char *p = title; *p; p += *p == ' ') {
                size_t n = strcspn(p, " ");

                if (n == n_bytes && memcmp(p, word, n) == 0)
                        return true;
                p += n;
        }

        return false;
}

/* How much the titles share, in hundredths: words in both by words in either. 0 where one has a
 * number that the other has not: that tells events apart. */
static unsigned title_likeness(const RenewalEntry *a, const RenewalEntry *b) {
        size_t n_both = 0, n_all;

        if (!a->title || !b->title || a->n_title_words > TITLE_WORDS_MAX ||
                b->n_title_words > TITLE_WORDS_MAX)
                return 0;

        for (const char *p = a->title; *p; p += *p == ' ') {
                size_t n = strcspn(p, " ");
                bool both = has_word(b->title, p, n);

                if (!both && has_number(p, n))
                        return 0;
                n_both += both;
                p += n;
        }
        for (const char *p = b->title; *p; p += *p == ' ') {
                size_t n = strcspn(p, " ");

                if (has_number(p, n) && !has_word(a->title, p, n))
                        return 0;
                p += n;
        }

        n_all = a->n_title_words + b->n_title_words;
        return (unsigned) (100 * n_both / (n_all > n_both ? n_all - n_both : 1));
}

/* How sure it is that the two are one entry: 0 not at all, more is better. */
static unsigned likeness(const RenewalEntry *fresh, const RenewalEntry *gone) {
        bool dated = both_dated(fresh, gone), title = titles_agree(fresh, gone),
             same_date = dated && fresh->date_usec == gone->date_usec,
             same_second = same_date && fresh->date_usec % USEC_PER_HOUR != 0,
             summary = summaries_agree(fresh, gone);
        usec_t apart;

        if (title && (same_date || (!dated && summary)))
                return 4;
        if (same_second && summary)
                return 3;
        if (same_second && title_likeness(fresh, gone) >= 50)
                return 2;
        if (!dated || !summary)
                return 0;

        apart = usec_sub(
                MAX(fresh->date_usec, gone->date_usec), MIN(fresh->date_usec, gone->date_usec));
        return apart <= EDITION_USEC && title_likeness(fresh, gone) >= 60 ? 1 : 0;
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
                                if (!taken[k] && likeness(&fresh[i], &gone[k]) == sure) {
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
