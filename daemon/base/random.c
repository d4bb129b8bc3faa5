/* SPDX-License-Identifier: MIT */

#include "base/random.h"

#include <sys/random.h>
#include <time.h>

void random_init(Random *random) {
        if (getrandom(&random->state, sizeof random->state, GRND_NONBLOCK) !=
                (ssize_t) sizeof random->state)
                random->state = (uint64_t) time(NULL); /* early boot; good enough for jitter */
}

uint64_t random_u64(Random *random) {
        uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        return z ^ (z >> 31);
}

uint64_t random_below(Random *random, uint64_t n) {
        if (n == 0)
                return 0;

        return (uint64_t) (((unsigned __int128) random_u64(random) * n) >> 64);
}
