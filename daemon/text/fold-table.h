/* SPDX-License-Identifier: MIT */
#pragma once

/* What a single code point means for words, and what it folds to. The part of text/fold.h that
 * knows Unicode. */

#include "base/macro.h"

typedef enum FoldClass {
        FOLD_OTHER,      /* stands between words */
        FOLD_WORD,       /* a letter or digit */
        FOLD_MARK,       /* belongs to the letter before it */
        FOLD_SINGLE,     /* an ideograph or kana: a word by itself */
        FOLD_INVISIBLE,  /* as if it were not there */
        FOLD_APOSTROPHE, /* ' and whatever is typed for it */
        FOLD_HYPHEN,
        FOLD_DOT,
        FOLD_LIST, /* FIELD_LIST_SEPARATOR */
} FoldClass;

/* The scripts that have letters of the same shape. */
typedef enum FoldScript {
        FOLD_SCRIPT_OTHER,
        FOLD_SCRIPT_LATIN,
        FOLD_SCRIPT_CYRILLIC,
        FOLD_SCRIPT_GREEK,
        FOLD_SCRIPT_MAX,
} FoldScript;

FoldClass fold_class(uint32_t codepoint);
FoldScript fold_script(uint32_t codepoint);
/* The letter of @script that looks like @codepoint, or @codepoint itself. */
uint32_t fold_lookalike(uint32_t codepoint, FoldScript script);
/* A letter and the mark behind it as one letter, where the two fold otherwise than the letter
 * alone; 0 elsewhere. */
uint32_t fold_compose(uint32_t letter, uint32_t mark);

/* Bytes that one code point folds to at most: U+FDFA has 18 letters of two bytes. */
#define FOLD_CODEPOINT_BYTES_MAX 80
/* Writes what @codepoint folds to; returns how many bytes, 0 when nothing is left of it. */
size_t fold_codepoint(uint32_t codepoint, char out[static FOLD_CODEPOINT_BYTES_MAX]);
