/* SPDX-License-Identifier: MIT */
#pragma once

/* Chance, for jitter: a generator whose state is the caller's, so that a seed reproduces a run. Not
 * for secrets. */

#include "base/macro.h"

typedef struct Random {
        uint64_t state;
} Random;

/* Seeds from the kernel. */
void random_init(Random *random);
/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t random_u64(Random *random);
/* Uniform in [0, @n); 0 when @n is 0. */
uint64_t random_below(Random *random, uint64_t n);
