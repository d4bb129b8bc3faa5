/* SPDX-License-Identifier: MIT */
#pragma once

/* Folding and words, as the profile language means them. Folding takes away case, accents and
 * script variants (Cyrillic becomes Latin): what folds to the same bytes is the same word.
 *
 * A word is a run of letters, marks and digits. An apostrophe or a hyphen between two words makes
 * them the parts of a compound: each part is a word, and so is every run of neighbouring parts
 * joined (for "Euro-Atlantic": euro, atlantic, euroatlantic). Each part behind a hyphen has a
 * position of its own, what follows an apostrophe shares that of the part before it. Single letters
 * with dots between are one word ("K.F.O.R." is kfor). An ideograph or kana is a word by itself.
 * Invisible characters count as absent. A letter that looks like one of another script is read as
 * the script that most of its word is in. The tables are in text/fold-table.c. */

#include "base/buffer.h"
#include "base/str.h"

/* One reading of a stretch of text. Several words may lie at one position (the joined form beside
 * the first part). */
typedef struct Word {
        const char *folded; /* lent by the list; NUL-terminated */
        uint32_t n_folded;
        uint32_t position; /* counts words; what follows an apostrophe shares its position with the
                              word before it */
        uint32_t last_position;   /* of a joined form: the position of its last part */
        uint32_t offset, n_bytes; /* in the original text, whole code points */
        bool joined;              /* of several parts of a compound */
} Word;

/* Letters of a word that count; the longest honest ones have some 60. What lies beyond belongs to
 * the word, and is not looked at. */
#define WORD_CHARS_MAX 128
/* Bytes of one folded part; a joined form has at most FOLD_PARTS_MAX times as many. */
#define WORD_BYTES_MAX 256
/* Parts of one compound; what follows is the next compound. */
#define FOLD_PARTS_MAX 5
/* How far positions jump at FIELD_LIST_SEPARATOR: further than any NEAR reaches. */
#define FOLD_LIST_GAP 256

typedef struct WordList {
        Word *words; /* by position, then offset */
        size_t n_words, n_allocated;
        Buffer folded; /* what the words point into */
} WordList;

void word_list_done(WordList *list);
/* Forgets the words, keeps the memory. */
void word_list_reset(WordList *list);

/* Splits @text (UTF-8, mended on the way) and folds. Positions start at @first_position;
 * *ret_next_position (may be NULL) is the next free one. Bounded: at most @n_words_max words are
 * added, what follows is not looked at. 0 or -ENOMEM. */
int fold_words(const char *text, size_t n_bytes, uint32_t first_position, size_t n_words_max,
        WordList *list, uint32_t *ret_next_position) _warn_unused_;

/* Is this a letter, mark or digit: part of a word? */
bool fold_is_word_char(uint32_t codepoint);

/* Folds a whole string for comparing: its words, without joined forms, separated by single spaces.
 * The caller owns it; NULL when memory is out. */
char *fold_string(const char *text) _warn_unused_;
