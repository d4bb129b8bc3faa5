/* SPDX-License-Identifier: MIT */

#include "base/backoff.h"

usec_t backoff_delay(const Backoff *backoff, unsigned n_failures, Random *random) {
        usec_t delay = MIN(backoff->base_usec, backoff->max_usec);

        for (unsigned i = 1; i < n_failures && delay > 0 && delay < backoff->max_usec; i++)
                delay = delay > backoff->max_usec / 2 ? backoff->max_usec : delay * 2;

        return delay - random_below(random, delay / 2 + 1);
}
