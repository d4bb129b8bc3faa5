/* SPDX-License-Identifier: MIT */
#pragma once

/* Folding and words, as the profile language means them: case, accents and script variants folded
 * away; a word is a run of letters, marks and digits; apostrophes and hyphens inside a word make
 * parts that match each alone, and joined. The facts behind every rule are in docs/hacking.md,
 * "Matching". */

#include "base/buffer.h"

/* One reading of a stretch of text. Several words may lie at one position (the joined form beside
 * the first part). */
typedef struct Word {
        const char *folded; /* lent by the list; NUL-terminated */
        uint32_t n_folded;
        uint32_t position; /* counts words; what follows an apostrophe shares its position with the
                              word before it */
        uint32_t last_position;   /* of a joined form: the position of its last part */
        uint32_t offset, n_bytes; /* in the original text, whole code points */
} Word;

typedef struct WordList {
        Word *words; /* by position, then offset */
        size_t n_words, n_allocated;
        Buffer folded; /* what the words point into */
} WordList;

void word_list_done(WordList *list);
/* Forgets the words, keeps the memory. */
void word_list_reset(WordList *list);

/* Splits @text (UTF-8, mended on the way) and folds. Positions start at @first_position;
 * *ret_next_position (may be NULL) is the next free one. Bounded: at most @n_words_max words. 0 or
 * -ENOMEM. */
int fold_words(const char *text, size_t n_bytes, uint32_t first_position, size_t n_words_max,
        WordList *list, uint32_t *ret_next_position) _warn_unused_;

/* Folds a whole string for comparing: words joined with single spaces. The caller owns it; NULL
 * when memory is out. */
char *fold_string(const char *text) _warn_unused_;
