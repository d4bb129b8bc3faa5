/* SPDX-License-Identifier: MIT */

#include "match/index.h"

#include <errno.h>

#include "text/utf8.h"

/* A hash table with open addressing holds whole terms and prefixes alike, the kind being part of
 * the key. The hash runs over a word's bytes once (FNV-1a), and at each length that some prefix has
 * it is looked up on the way. Words that no profile names cost their bytes and a miss.
 *
 * Where a term stands is a linked list in one array for all terms: an entry names a word and the
 * next entry. Index 0 of that array is not used, so that 0 means "none". */

/* Prefixes are cut to what a part can fold to; a term may be a joined form. */
#define TERM_BYTES_MAX (WORD_BYTES_MAX * FOLD_PARTS_MAX)

#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

typedef struct Term {
        char *folded;
        size_t n_folded;
        bool prefix;
        uint64_t hash;
        uint32_t first[FIELD_MAX], last[FIELD_MAX]; /* entries; 0: none */
        unsigned fields;                            /* bits: where it occurs */
} Term;

typedef struct Entry {
        uint32_t word, next;
} Entry;

struct Index {
        Term *terms;
        size_t n_terms, n_terms_allocated;
        uint32_t *slots; /* number + 1; 0: free */
        size_t n_slots;  /* a power of two, at most half of them used */
        bool prefix_lengths[TERM_BYTES_MAX + 1];
        size_t prefix_length_max;

        /* the text at hand */
        const Document *document;
        WordList words[FIELD_MAX];
        Entry *entries;
        size_t n_entries, n_entries_allocated;
        uint32_t *found;
        size_t n_found, n_found_allocated;
};

Index *index_new(void) {
        return new0(Index, 1);
}

Index *index_free(Index *index) {
        if (!index)
                return NULL;

        for (size_t i = 0; i < index->n_terms; i++)
                free(index->terms[i].folded);
        for (Field f = 0; f < FIELD_MAX; f++)
                word_list_done(&index->words[f]);
        free(index->terms);
        free(index->slots);
        free(index->entries);
        free(index->found);
        return mfree(index);
}

size_t index_n_terms(const Index *index) {
        return index->n_terms;
}

static uint64_t hash_step(uint64_t hash, char c) {
        return (hash ^ (unsigned char) c) * FNV_PRIME;
}

/* FNV's low bits are weak. */
static size_t hash_slot(const Index *index, uint64_t hash, bool prefix) {
        hash ^= prefix ? UINT64_C(0x9e3779b97f4a7c15) : 0;
        hash ^= hash >> 32;
        hash *= UINT64_C(0xd6e8feb86659fd93);
        return (size_t) (hash ^ (hash >> 32)) & (index->n_slots - 1);
}

/* The slot of the term, or the free one where it would go. */
static uint32_t *index_slot(
        const Index *index, const char *folded, size_t n_folded, bool prefix, uint64_t hash) {
        for (size_t i = hash_slot(index, hash, prefix);; i = (i + 1) & (index->n_slots - 1)) {
                const Term *term;

                if (index->slots[i] == 0)
                        return &index->slots[i];
                term = &index->terms[index->slots[i] - 1];
                if (term->hash == hash && term->prefix == prefix && term->n_folded == n_folded &&
                        memcmp(term->folded, folded, n_folded) == 0)
                        return &index->slots[i];
        }
}

static int index_grow(Index *index) {
        uint32_t *slots;

        if (index->n_terms < index->n_slots / 2)
                return 0;

        slots = new0(uint32_t, MAX(index->n_slots * 2, (size_t) 64));
        if (!slots)
                return -ENOMEM;

        free(index->slots);
        index->slots = slots;
        index->n_slots = MAX(index->n_slots * 2, (size_t) 64);
        for (size_t i = 0; i < index->n_terms; i++) {
                const Term *t = &index->terms[i];

                *index_slot(index, t->folded, t->n_folded, t->prefix, t->hash) = (uint32_t) i + 1;
        }

        return 0;
}

int index_add_term(Index *index, const char *folded, bool prefix, uint32_t *ret) {
        size_t n_folded = MIN(strlen(folded), (size_t) TERM_BYTES_MAX);
        uint64_t hash = FNV_START;
        uint32_t *slot;
        char *copy;

        if (index_grow(index) < 0 ||
                ARRAY_GROW(index->terms, index->n_terms_allocated, index->n_terms + 1) < 0)
                return -ENOMEM;

        for (size_t i = 0; i < n_folded; i++)
                hash = hash_step(hash, folded[i]);
        slot = index_slot(index, folded, n_folded, prefix, hash);
        if (*slot > 0) {
                *ret = *slot - 1;
                return 0;
        }

        copy = memdup_suffix0(folded, n_folded);
        if (!copy)
                return -ENOMEM;

        *ret = (uint32_t) index->n_terms;
        index->terms[index->n_terms++] = (Term){
                .folded = copy,
                .n_folded = n_folded,
                .prefix = prefix,
                .hash = hash,
        };
        *slot = (uint32_t) index->n_terms;
        if (prefix) {
                index->prefix_lengths[n_folded] = true;
                index->prefix_length_max = MAX(index->prefix_length_max, n_folded);
        }

        return 0;
}

/* --- reading a text --- */

/* The terms that the word matches, by their numbers; returns how many. */
static size_t index_lookup(
        const Index *index, const Word *word, uint32_t numbers[static INDEX_TERMS_PER_WORD_MAX]) {
        uint64_t hash = FNV_START;
        size_t n = 0;
        uint32_t slot;

        for (size_t i = 0; i < word->n_folded; i++) {
                hash = hash_step(hash, word->folded[i]);
                if (i >= index->prefix_length_max || !index->prefix_lengths[i + 1])
                        continue;
                slot = *index_slot(index, word->folded, i + 1, /* prefix= */ true, hash);
                if (slot > 0 && n < INDEX_TERMS_PER_WORD_MAX - 1)
                        numbers[n++] = slot - 1;
        }

        slot = *index_slot(index, word->folded, word->n_folded, /* prefix= */ false, hash);
        if (slot > 0)
                numbers[n++] = slot - 1;
        return n;
}

static int index_add_entry(Index *index, uint32_t number, Field field, size_t word) {
        Term *term = &index->terms[number];
        uint32_t entry = (uint32_t) index->n_entries;

        if (ARRAY_GROW(index->entries, index->n_entries_allocated, index->n_entries + 1) < 0)
                return -ENOMEM;
        if (term->fields == 0) {
                if (ARRAY_GROW(index->found, index->n_found_allocated, index->n_found + 1) < 0)
                        return -ENOMEM;
                index->found[index->n_found++] = number;
        }
        term->fields |= FIELD_BIT(field);

        index->entries[index->n_entries++] = (Entry){ .word = (uint32_t) word };
        if (term->last[field] > 0)
                index->entries[term->last[field]].next = entry;
        else
                term->first[field] = entry;
        term->last[field] = entry;
        return 0;
}

static int index_read_field(Index *index, Field field, const char *text) {
        WordList *list = &index->words[field];
        uint32_t numbers[INDEX_TERMS_PER_WORD_MAX];
        size_t n_bytes;
        int r;

        n_bytes = utf8_cut(text, strlen(text), INDEX_BYTES_MAX);
        r = fold_words(text, n_bytes, 0, INDEX_WORDS_MAX, list, NULL);
        if (r < 0)
                return r;

        for (size_t i = 0; i < list->n_words; i++)
                for (size_t n = index_lookup(index, &list->words[i], numbers); n > 0; n--) {
                        r = index_add_entry(index, numbers[n - 1], field, i);
                        if (r < 0)
                                return r;
                }

        return 0;
}

int index_read(Index *index, const Document *document) {
        int r;

        for (size_t i = 0; i < index->n_found; i++) {
                Term *term = &index->terms[index->found[i]];

                memset(term->first, 0, sizeof term->first);
                memset(term->last, 0, sizeof term->last);
                term->fields = 0;
        }
        index->n_found = 0;
        index->n_entries = 1;
        index->document = document;

        for (Field f = 0; f < FIELD_MAX; f++) {
                word_list_reset(&index->words[f]);
                if (index->n_terms == 0 || !document->text[f])
                        continue;
                r = index_read_field(index, f, document->text[f]);
                if (r < 0)
                        return r;
        }

        return 0;
}

const uint32_t *index_terms_found(const Index *index, size_t *ret_n) {
        *ret_n = index->n_found;
        return index->found;
}

unsigned index_fields_of(const Index *index, uint32_t term) {
        return index->terms[term].fields;
}

const Word *index_next(const Index *index, uint32_t term, Field field, uint32_t *position) {
        uint32_t entry =
                *position == 0 ? index->terms[term].first[field] : index->entries[*position].next;

        if (entry == 0)
                return NULL;

        *position = entry;
        return &index->words[field].words[index->entries[entry].word];
}

const char *index_word_text(const Index *index, Field field, const Word *word) {
        return index->document->text[field] + word->offset;
}
