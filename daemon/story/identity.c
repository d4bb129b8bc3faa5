/* SPDX-License-Identifier: MIT */

/* The rule behind the rules: never lose a new story, and never alert twice for an old one.
 *
 * Publishers break each key in turn. They change all guids with the scheme of their site, make up
 * new ones with each request, or give one to all entries; they mend a title and with it the address
 * that is made of it; they move old entries to the top under today's date; they print a rubric's
 * title again every week. So no key alone decides. A kept row is the more likely the same item the
 * more keys agree; and whether what agrees is enough depends on what speaks against it:
 *
 *   - A guid or an address that several rows of the feed share, or that another entry of this very
 *     document has, identifies nothing by itself.
 *   - A guid or an address alone is enough otherwise (an edited title, a moved page), but for one
 *     that comes back under another title a month later: that is a number given out again.
 *   - Title and summary alone are enough when they say much (a site that moved and changed both
 *     other keys), but not when the entry has another date: that is the next edition of a column.
 *     A title alone never joins entries whose guid and address both differ.
 *   - Dates never make an item new. They only tell the two cases above. */

#include "story/identity.h"

#include <errno.h>
#include <stdio.h>

#include "base/digest.h"
#include "story/content.h"
#include "story/link.h"

/* A guid or address used again later than this names something else, when the title is another. */
#define REUSED_AFTER_USEC (30 * USEC_PER_DAY)

/* Equal texts whose dates lie this far apart are editions of a column. */
#define EDITION_USEC (2 * USEC_PER_DAY)

/* A text that says next to nothing ("Update"): good where no other key speaks against it. Without
 * it an item of one guid or page for all would be new with every poll. */
#define LITTLE_PREFIX IDENTITY_WEAK_PREFIX "little:"

void identity_keys_done(IdentityKeys *keys) {
        free(keys->guid);
        free(keys->link);
        free(keys->content);
        *keys = (IdentityKeys){};
}

/* --- keys --- */

/* "https://www.Example.org/a/?utm_source=x#1" as "example.org/a#1". Less is taken away than from a
 * link: it may be no address that anything answers at, and its fragment may be all that differs. */
static int guid_url_key(const char *rest, char **ret) {
        _cleanup_free_ char *key = malloc(strlen(rest) + 1);
        const char *www = startswith_nocase(rest, "www."), *p;
        char *to = key;
        bool has_query = false;

        if (!key)
                return -ENOMEM;

        p = www ? www : rest;
        for (; *p && !strchr("/?#", *p); p++)
                *to++ = ascii_tolower(*p);
        while (*p && !strchr("?#", *p))
                *to++ = *p++;
        while (to > key && to[-1] == '/')
                to--;

        while (*p == '?' || *p == '&') {
                size_t n = strcspn(++p, "&#");

                if (n > 0 && !link_parameter_is_tracking(p, strcspn(p, "=&#"))) {
                        *to++ = has_query ? '&' : '?';
                        has_query = true;
                        memcpy(to, p, n);
                        to += n;
                }
                p += n;
        }
        memcpy(to, p, strlen(p) + 1); /* the fragment; the key never outgrows the guid */

        return key_shorten(key, ret);
}

static int guid_key(const char *guid, char **ret) {
        _cleanup_free_ char *copy = NULL;
        const char *trimmed, *rest;

        copy = strdup(strempty(guid));
        if (!copy)
                return -ENOMEM;

        trimmed = strstrip(copy);
        if (isempty(trimmed)) {
                *ret = NULL;
                return 0;
        }

        if ((rest = startswith_nocase(trimmed, "https://")) ||
                (rest = startswith_nocase(trimmed, "http://")))
                return guid_url_key(rest, ret);
        return key_shorten(trimmed, ret);
}

/* *ret is NULL when there is not a word. */
static int content_key(const Item *item, char **ret) {
        _cleanup_(content_done) Content content = {};
        _cleanup_(digest_freep) Digest *digest = NULL;
        char hex[DIGEST_HEX_CHARS + 1];
        size_t n_words;
        const char *prefix;
        int r;

        r = content_of_item(item, &content);
        if (r < 0)
                return r;

        n_words = content.n_title_words + content.n_summary_words;
        if (n_words == 0) {
                *ret = NULL;
                return 0;
        }
        if (content.n_title_words >= CONTENT_WORDS_MIN ||
                content.n_summary_chars >= CONTENT_SUMMARY_CHARS_MIN)
                prefix = "";
        else if (content.n_title_words > 0 && n_words >= CONTENT_WORDS_MIN)
                prefix = IDENTITY_WEAK_PREFIX;
        else
                prefix = LITTLE_PREFIX;

        digest = digest_new();
        if (!digest)
                return -ENOMEM;
        if (digest_add_str(digest, content.title) < 0 ||
                digest_add_str(digest, content.summary) < 0 || digest_finish_hex(digest, hex) < 0)
                return -ENOMEM; /* libcrypto has no other reason here */

        if (asprintf(ret, "%s%s", prefix, hex) < 0) {
                *ret = NULL;
                return -ENOMEM;
        }
        return 0;
}

int identity_keys(const Item *item, IdentityKeys *ret) {
        _cleanup_(identity_keys_done) IdentityKeys keys = {};
        int r;

        r = guid_key(item->guid, &keys.guid);
        if (r >= 0 && !isempty(item->link)) {
                r = identity_link_key(item->link, &keys.link);
                if (r == -EINVAL)
                        r = 0; /* names no page: no key */
        }
        if (r >= 0)
                r = content_key(item, &keys.content);
        if (r < 0)
                return r;

        *ret = keys;
        keys = (IdentityKeys){};
        return 0;
}

/* --- the decision --- */

/* How an item compares with a kept row. "Differs" is more than "does not agree": both have the key.
 */
typedef struct Likeness {
        const ItemRecord *row;
        bool guid, link, content;
        bool guid_differs, link_differs;
} Likeness;

static bool both_differ(const char *a, const char *b) {
        return a && b && !streq(a, b);
}

static bool both_agree(const char *a, const char *b) {
        return a && b && streq(a, b);
}

static bool texts_agree(const Item *item, const IdentityKeys *keys, const ItemRecord *row) {
        if (keys->content || row->content_key)
                return both_agree(keys->content, row->content_key);

        /* Neither has a word. */
        return streq_ptr(item->title, row->title) && streq_ptr(item->summary, row->summary);
}

static Likeness compare(const Item *item, const IdentityKeys *keys, const ItemRecord *row) {
        return (Likeness){
                .row = row,
                .guid = both_agree(keys->guid, row->guid_key),
                .link = both_agree(keys->link, row->link_key),
                .content = texts_agree(item, keys, row),
                .guid_differs = both_differ(keys->guid, row->guid_key),
                .link_differs = both_differ(keys->link, row->link_key),
        };
}

/* Is there much in the summary, so that equal texts are no chance? */
static bool summary_tells(const Item *item) {
        return item->summary && strlen(item->summary) >= CONTENT_SUMMARY_CHARS_MIN;
}

/* Title and summary agree, and no other key that means something. */
static bool known_by_content(const Item *item, const IdentityKeys *keys, const Likeness *like) {
        const usec_t a = item->published_usec, b = like->row->published_usec;
        const bool dated = a != USEC_INFINITY && b != USEC_INFINITY;

        if (!like->content || !keys->content)
                return false;
        /* Nothing speaks against it: it is all that the item is known by. */
        if (!like->guid_differs && !like->link_differs)
                return true;
        if (startswith(keys->content, LITTLE_PREFIX))
                return false;
        /* A title alone: only at the same address, or at none and of the same second. */
        if (!summary_tells(item) && !like->link)
                return !like->link_differs && dated && a == b;
        if (!summary_tells(item) && like->link_differs)
                return false;

        return !dated || usec_sub(MAX(a, b), MIN(a, b)) <= EDITION_USEC;
}

/* A row that was seen since the document began is another of its entries: the same one listed
 * twice, or not the same. */
static bool is_repeated(const Item *item, const IdentityKeys *keys, const Likeness *like) {
        if (!like->content || (like->guid_differs && like->link_differs))
                return false;
        if (!like->guid_differs && !like->link_differs)
                return like->guid || like->link || keys->content;
        return keys->content && summary_tells(item);
}

/* Does the row name this item? */
static bool is_known(const Item *item, const IdentityKeys *keys,
        const IdentityCandidates *candidates, usec_t poll_usec, const Likeness *like) {
        const ItemRecord *row = like->row;

        if (row->last_seen_usec != USEC_INFINITY && row->last_seen_usec >= poll_usec)
                return is_repeated(item, keys, like);

        if (like->guid && like->link && like->content)
                return true;

        if ((like->guid && !candidates->guid_shared) || (like->link && !candidates->link_shared)) {
                if ((like->guid && like->link) || like->content ||
                        streq_ptr(item->title, row->title))
                        return true;
                /* One key under another title: mended, or given out again? */
                return item->published_usec == USEC_INFINITY ||
                        row->published_usec == USEC_INFINITY ||
                        item->published_usec <= usec_add(row->published_usec, REUSED_AFTER_USEC);
        }

        return known_by_content(item, keys, like);
}

Identity identity_decide(const Item *item, const IdentityKeys *keys,
        const IdentityCandidates *candidates, usec_t poll_usec, const ItemRecord **ret_known) {
        const ItemRecord *const rows[] = { candidates->by_guid, candidates->by_link,
                candidates->by_content };
        const Likeness *best = NULL;
        Likeness likenesses[ELEMENTSOF(rows)];
        int n_best = -1;

        /* The row with the most in common; of a tie the one found by the earlier key. */
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                Likeness *like = &likenesses[i];
                int n;

                if (!rows[i])
                        continue;

                *like = compare(item, keys, rows[i]);
                n = like->guid + like->link + like->content;
                if (n > n_best && is_known(item, keys, candidates, poll_usec, like)) {
                        best = like;
                        n_best = n;
                }
        }

        if (!best)
                return IDENTITY_NEW;

        *ret_known = best->row;
        return best->content && streq_ptr(item->content, best->row->content) ? IDENTITY_SAME
                                                                             : IDENTITY_CHANGED;
}

bool identity_moved(const IdentityKeys *keys, const ItemRecord *known) {
        return (keys->guid && !streq_ptr(keys->guid, known->guid_key)) ||
                (keys->link && !streq_ptr(keys->link, known->link_key));
}
