/* SPDX-License-Identifier: MIT */
#pragma once

/* The terms of all profiles in one table, and where they stand in the text at hand. A text is read
 * once: each word is looked up by its bytes, whole and by the lengths that prefixes have, so that
 * the cost does not grow with the number of terms, but with those that occur. */

#include "match/expression.h"
#include "text/fold.h"

/* Words of one field, parts and joined forms, that are looked at: a book of 400 pages. What follows
 * counts as absent. */
#define INDEX_WORDS_MAX ((size_t) 128 * 1024)
/* Bytes of one field that are looked at, likewise: reading the worst of them takes some 50 ms. */
#define INDEX_BYTES_MAX ((size_t) 1024 * 1024)
/* Terms that one word may match: prefixes of different lengths. */
#define INDEX_TERMS_PER_WORD_MAX 64

typedef struct Index Index;

Index *index_new(void) _warn_unused_;
Index *index_free(Index *index);
DEFINE_POINTER_CLEANUP(Index, index_free);

/* Numbers the term, the same for the same: 0 or -ENOMEM. */
int index_add_term(Index *index, const char *folded, bool prefix, uint32_t *ret) _warn_unused_;
/* How many different terms there are: their numbers are below. */
size_t index_n_terms(const Index *index);

/* Reads the document, which must outlive what is asked of the index. 0 or -ENOMEM; after an error
 * only index_read() may follow. */
int index_read(Index *index, const Document *document) _warn_unused_;
/* The numbers of the terms that occur, each once, in no order. */
const uint32_t *index_terms_found(const Index *index, size_t *ret_n);

/* Bits of the fields in which @term occurs. */
unsigned index_fields_of(const Index *index, uint32_t term);
/* Steps through the words of @field that @term matches, in text order; start with *position = 0.
 * NULL at the end. */
const Word *index_next(const Index *index, uint32_t term, Field field, uint32_t *position);
/* The bytes of @word as they stand in the document. */
const char *index_word_text(const Index *index, Field field, const Word *word);
