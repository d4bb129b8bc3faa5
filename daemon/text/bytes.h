/* SPDX-License-Identifier: MIT */
#pragma once

/* Scanning bytes. Looking at sixteen bytes at a time, in the vectors of GCC and clang, which become
 * whatever the machine has. Comparing a block gives a block whose bytes are 0xFF where it holds. */

#include <string.h>

#include "base/macro.h"

typedef uint8_t ByteBlock __attribute__((vector_size(16)));

static inline ByteBlock byte_block_load(const char *p) {
        ByteBlock block;

        memcpy(&block, p, sizeof(block));
        return block;
}

/* Is any byte of it not 0? */
static inline bool byte_block_any(ByteBlock block) {
        uint64_t halves[2];

        memcpy(halves, &block, sizeof(halves));
        return (halves[0] | halves[1]) != 0;
}

static inline unsigned count_lines(const char *p, const char *end) {
        unsigned n = 0;

        while (p < end && (p = (const char *) memchr(p, '\n', (size_t) (end - p)))) {
                n++;
                p++;
        }
        return n;
}

/* How many bytes from @s on are ASCII, in whole blocks: a lower bound, cheap to have. */
static inline size_t ascii_blocks(const char *s, size_t n_bytes) {
        size_t n = 0;

        while (n_bytes - n >= sizeof(ByteBlock) &&
                !byte_block_any(byte_block_load(s + n) & (uint8_t) 0x80))
                n += sizeof(ByteBlock);
        return n;
}
