/* SPDX-License-Identifier: MIT */
#pragma once

/* Where an expression matches in one field of the text that the index has read. */

#include "match/index.h"

/* Pairs of words that one NEAR looks at in one field. Honest articles need some thousands; a text
 * that repeats two words over and over is only read so far. */
#define NEAR_PAIRS_MAX 65536

typedef struct Occurrence {
        uint32_t position, last_position; /* of its first and last word */
        uint32_t offset, end;             /* bytes */
        uint32_t gap_offset, gap_end;     /* of NEAR: what lies between its two sides */
} Occurrence;

typedef struct Occurrences {
        Occurrence *items; /* leftmost first, then longest */
        size_t n_items, n_allocated;
} Occurrences;

void occurrences_done(Occurrences *occurrences);

/* Bits of the fields in which @e, which has places, can have any: those that hold all its words.
 * Cheap, and most keywords end here. */
unsigned evaluate_fields(const Index *index, const Expression *e);
/* All places of @e, which has places, in @field; they may overlap. 0 or -ENOMEM; the caller owns
 * *ret. */
int evaluate(const Index *index, const Expression *e, Field field, Occurrences *ret) _warn_unused_;
/* Drops what overlaps an earlier one: leftmost first, then longest. */
void occurrences_part(Occurrences *occurrences);
