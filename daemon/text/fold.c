/* SPDX-License-Identifier: MIT */

#include "text/fold.h"

#include <errno.h>

#include "text/fold-table.h"
#include "text/utf8.h"

/* A text is read compound by compound. The parts of one lie in a small array, so that the joined
 * forms can be written right behind the part they begin with: words then come out in order, and so
 * do their bytes in list->folded. Their pointers are set at the end, when the bytes no longer move.
 *
 * A part in ASCII, which is most of what is read, is folded byte by byte as it is found. Anything
 * else is collected as code points first, since look-alikes need the whole part. */

typedef struct Part {
        char folded[WORD_BYTES_MAX];
        size_t n_folded;
        size_t offset, end; /* in the text */
        uint32_t position;
} Part;

typedef struct Folder {
        const char *text;
        size_t n_bytes;
        WordList *list;
        size_t n_words_end; /* of the list, at most */
} Folder;

static FoldClass class_at(const Folder *f, size_t at, size_t *ret_n, uint32_t *ret_codepoint) {
        uint32_t c;

        if (at >= f->n_bytes) {
                *ret_n = 0;
                *ret_codepoint = 0;
                return FOLD_OTHER;
        }

        *ret_n = utf8_decode(f->text + at, f->n_bytes - at, &c);
        *ret_codepoint = c;
        return fold_class(c);
}

bool fold_is_word_char(uint32_t codepoint) {
        FoldClass class = fold_class(codepoint);

        return class == FOLD_WORD || class == FOLD_MARK || class == FOLD_SINGLE;
}

/* --- a part --- */

/* Letters of a foreign script that look like those of the part's own become those. A single-script
 * part stays as it is. The script with most letters wins, the first one of a tie. */
static void codepoints_unmask(uint32_t *codepoints, size_t n) {
        size_t counts[FOLD_SCRIPT_MAX] = {};
        FoldScript winner = FOLD_SCRIPT_OTHER;

        for (size_t i = 0; i < n; i++)
                counts[fold_script(codepoints[i])]++;
        for (size_t i = 0; i < n; i++) {
                FoldScript script = fold_script(codepoints[i]);

                if (script != FOLD_SCRIPT_OTHER &&
                        (winner == FOLD_SCRIPT_OTHER || counts[script] > counts[winner]))
                        winner = script;
        }

        if (winner == FOLD_SCRIPT_OTHER || counts[winner] + counts[FOLD_SCRIPT_OTHER] == n)
                return;
        for (size_t i = 0; i < n; i++)
                if (fold_script(codepoints[i]) != FOLD_SCRIPT_OTHER)
                        codepoints[i] = fold_lookalike(codepoints[i], winner);
}

static void part_fold(Part *part, const uint32_t *codepoints, size_t n) {
        char bytes[FOLD_CODEPOINT_BYTES_MAX];

        part->n_folded = 0;
        for (size_t i = 0; i < n; i++) {
                size_t n_bytes = fold_codepoint(codepoints[i], bytes);

                if (part->n_folded + n_bytes > sizeof part->folded)
                        break;
                memcpy(part->folded + part->n_folded, bytes, n_bytes);
                part->n_folded += n_bytes;
        }
}

static void codepoints_add(uint32_t *codepoints, size_t *n, uint32_t c) {
        uint32_t composed = *n > 0 ? fold_compose(codepoints[*n - 1], c) : 0;

        if (composed)
                codepoints[*n - 1] = composed;
        else if (*n < WORD_CHARS_MAX)
                codepoints[(*n)++] = c;
}

/* Is there a single letter at @at, as in an acronym with dots? */
static bool is_initial(const Folder *f, size_t at, uint32_t *ret_codepoint, size_t *ret_end) {
        size_t n, end = at;
        uint32_t c;
        FoldClass class = class_at(f, at, &n, &c);

        if (class != FOLD_WORD || (c >= '0' && c <= '9'))
                return false;

        *ret_codepoint = c;
        do {
                end += n;
                class = class_at(f, end, &n, &c);
        } while (class == FOLD_MARK || class == FOLD_INVISIBLE);
        *ret_end = end;
        return class != FOLD_WORD && class != FOLD_SINGLE;
}

/* Reads "K.F.O.R" at @at, at least two letters; returns how many, 0 when there is no acronym. */
static size_t acronym_scan(const Folder *f, size_t at, uint32_t *codepoints, size_t *ret_end) {
        size_t n_codepoints = 0, end;
        uint32_t c;

        while (n_codepoints < WORD_CHARS_MAX && is_initial(f, at, &c, &end)) {
                uint32_t dot;
                size_t n;

                codepoints[n_codepoints++] = c;
                *ret_end = end;
                if (class_at(f, end, &n, &dot) != FOLD_DOT)
                        break;
                at = end + n;
        }

        return n_codepoints >= 2 ? n_codepoints : 0;
}

/* Reads the part that begins at @at with a letter or digit. */
static void part_scan(const Folder *f, size_t at, Part *part) {
        uint32_t codepoints[WORD_CHARS_MAX], c;
        size_t n_codepoints = 0, n, end = at;
        FoldClass class;

        *part = (Part){ .offset = at };
        for (; end < f->n_bytes && (ascii_isalpha(f->text[end]) || ascii_isdigit(f->text[end]));
                end++)
                if (part->n_folded < WORD_CHARS_MAX)
                        part->folded[part->n_folded++] = ascii_tolower(f->text[end]);

        class = class_at(f, end, &n, &c);
        if (end > at + 1 || (end == at + 1 && class != FOLD_DOT)) {
                part->end = end;
                if (class != FOLD_WORD && class != FOLD_MARK && class != FOLD_INVISIBLE)
                        return;
        }

        n_codepoints = acronym_scan(f, at, codepoints, &part->end);
        if (n_codepoints == 0)
                for (end = at;; end += n) {
                        class = class_at(f, end, &n, &c);
                        if (class == FOLD_WORD || class == FOLD_MARK)
                                codepoints_add(codepoints, &n_codepoints, c);
                        else if (class != FOLD_INVISIBLE)
                                break;
                        part->end = end + n;
                }

        codepoints_unmask(codepoints, n_codepoints);
        part_fold(part, codepoints, n_codepoints);
}

/* Reads the ideograph at @at, with its marks. */
static void single_scan(const Folder *f, size_t at, Part *part) {
        uint32_t codepoints[WORD_CHARS_MAX], c;
        size_t n_codepoints = 0, n;
        FoldClass class;

        *part = (Part){ .offset = at };
        (void) class_at(f, at, &n, &c);
        do {
                codepoints_add(codepoints, &n_codepoints, c);
                at += n;
                class = class_at(f, at, &n, &c);
        } while (class == FOLD_MARK);

        part->end = at;
        part_fold(part, codepoints, n_codepoints);
}

/* --- a compound --- */

/* Where the next part begins, when the one that ends at @at is followed by an apostrophe or hyphen
 * and a letter or digit; 0 else. Invisible characters count as absent, and the last dot of an
 * acronym too. */
static size_t connector_scan(const Folder *f, const Part *part, bool *ret_apostrophe) {
        size_t at = part->end, n;
        FoldClass class, connector;
        uint32_t c;

        class = class_at(f, at, &n, &c);
        if (class == FOLD_DOT && memchr(f->text + part->offset, '.', part->end - part->offset)) {
                at += n;
                class = class_at(f, at, &n, &c);
        }
        for (; class == FOLD_INVISIBLE; class = class_at(f, at, &n, &c))
                at += n;
        if (class != FOLD_APOSTROPHE && class != FOLD_HYPHEN)
                return 0;

        connector = class;
        do {
                at += n;
                class = class_at(f, at, &n, &c);
        } while (class == FOLD_INVISIBLE);
        if (class != FOLD_WORD)
                return 0;

        *ret_apostrophe = connector == FOLD_APOSTROPHE;
        return at;
}

/* Adds the @n parts at @parts as one word. */
static int word_add(Folder *f, const Part *parts, size_t n) {
        WordList *list = f->list;
        size_t before = list->folded.n_bytes;
        int r;

        if (list->n_words >= f->n_words_end)
                return 0;
        r = ARRAY_GROW(list->words, list->n_allocated, list->n_words + 1);
        if (r < 0)
                return r;

        for (size_t i = 0; i < n; i++) {
                r = buffer_append(&list->folded, parts[i].folded, parts[i].n_folded);
                if (r < 0)
                        return r;
        }
        if (list->folded.n_bytes == before)
                return 0; /* nothing but a hard sign or the like */
        r = buffer_append_char(&list->folded, '\0');
        if (r < 0)
                return r;

        list->words[list->n_words++] = (Word){
                .n_folded = (uint32_t) (list->folded.n_bytes - before - 1),
                .position = parts[0].position,
                .last_position = parts[n - 1].position,
                .offset = (uint32_t) parts[0].offset,
                .n_bytes = (uint32_t) (parts[n - 1].end - parts[0].offset),
                .joined = n > 1,
        };
        return 0;
}

/* Reads the compound at @at and adds its words; *position moves on. Returns where it ends, or
 * -ENOMEM. */
static ssize_t compound_scan(Folder *f, size_t at, FoldClass class, uint32_t *position) {
        Part parts[FOLD_PARTS_MAX];
        size_t n_parts = 0, n_before = f->list->n_words;
        uint32_t p = *position;
        int r;

        if (class == FOLD_SINGLE) {
                single_scan(f, at, &parts[0]);
                parts[n_parts++].position = p;
        } else
                for (;;) {
                        bool apostrophe = false;

                        part_scan(f, at, &parts[n_parts]);
                        parts[n_parts++].position = p;
                        if (n_parts == FOLD_PARTS_MAX)
                                break;
                        at = connector_scan(f, &parts[n_parts - 1], &apostrophe);
                        if (at == 0)
                                break;
                        p += apostrophe ? 0 : 1;
                }

        for (size_t i = 0; i < n_parts; i++)
                for (size_t n = 1; n <= n_parts - i; n++) {
                        r = word_add(f, parts + i, n);
                        if (r < 0)
                                return r;
                }

        if (f->list->n_words > n_before)
                *position = p + 1;
        return (ssize_t) parts[n_parts - 1].end;
}

int fold_words(const char *text, size_t n_bytes, uint32_t first_position, size_t n_words_max,
        WordList *list, uint32_t *ret_next_position) {
        Folder f = {
                .text = text,
                .n_bytes = n_bytes < UINT32_MAX ? n_bytes : UINT32_MAX,
                .list = list,
                .n_words_end = list->n_words + n_words_max,
        };
        uint32_t position = first_position;
        size_t at = 0, n;
        bool gap = true; /* positions have just jumped, or nothing came yet */
        char *p;

        while (at < f.n_bytes && list->n_words < f.n_words_end) {
                uint32_t c;
                FoldClass class = class_at(&f, at, &n, &c);

                if (class == FOLD_WORD || class == FOLD_SINGLE) {
                        ssize_t end = compound_scan(&f, at, class, &position);

                        if (end < 0)
                                return (int) end;
                        at = (size_t) end;
                        gap = false;
                        continue;
                }
                if (class == FOLD_LIST && !gap) {
                        position += FOLD_LIST_GAP;
                        gap = true;
                }
                at += n;
        }

        /* The bytes of all words lie one behind the other, in their order. */
        p = list->folded.data;
        for (size_t i = 0; i < list->n_words; i++) {
                list->words[i].folded = p;
                p += list->words[i].n_folded + 1;
        }

        if (ret_next_position)
                *ret_next_position = position;
        return 0;
}

char *fold_string(const char *text) {
        _cleanup_(word_list_done) WordList list = {};
        _cleanup_(buffer_done) Buffer b = {};

        if (fold_words(text, strlen(text), 0, SIZE_MAX / 2, &list, NULL) < 0)
                return NULL;

        for (size_t i = 0; i < list.n_words; i++) {
                const Word *word = &list.words[i];

                if (word->joined)
                        continue;
                if (b.n_bytes > 0 && buffer_append_char(&b, ' ') < 0)
                        return NULL;
                if (buffer_append(&b, word->folded, word->n_folded) < 0)
                        return NULL;
        }

        return buffer_take(&b);
}

void word_list_done(WordList *list) {
        free(list->words);
        buffer_done(&list->folded);
        *list = (WordList){};
}

void word_list_reset(WordList *list) {
        list->n_words = 0;
        buffer_reset(&list->folded);
}
