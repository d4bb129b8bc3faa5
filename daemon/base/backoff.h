/* SPDX-License-Identifier: MIT */
#pragma once

/* How long to wait after the nth failure in a row: base * 2^(n-1), at most @max, the upper half of
 * it left to chance ("equal jitter", as AWS's "Exponential Backoff And Jitter" calls it), so that
 * what failed together does not come back together. */

#include "base/random.h"
#include "base/time.h"

typedef struct Backoff {
        usec_t base_usec, max_usec;
} Backoff;

/* @n_failures counts from 1. */
usec_t backoff_delay(const Backoff *backoff, unsigned n_failures, Random *random);
