/* SPDX-License-Identifier: MIT */
#pragma once

/* Scanning bytes. Looking at sixteen bytes at a time, in the vectors of GCC and clang, which become
 * whatever the machine has. Comparing a block gives a block whose bytes are 0xFF where it holds. */

#include <endian.h>
#include <string.h>

#include "base/macro.h"

typedef uint8_t ByteBlock __attribute__((vector_size(16)));

static inline ByteBlock byte_block_load(const char *p) {
        ByteBlock block;

        memcpy(&block, p, sizeof(block));
        return block;
}

/* Where its first byte is that is not 0; sizeof(ByteBlock) when there is none. */
static inline size_t byte_block_first(ByteBlock block) {
        uint64_t halves[2];

        memcpy(halves, &block, sizeof(halves));
        if (halves[0] != 0)
                return (size_t) __builtin_ctzll(le64toh(halves[0])) / 8;
        if (halves[1] != 0)
                return 8 + (size_t) __builtin_ctzll(le64toh(halves[1])) / 8;
        return sizeof(block);
}

static inline unsigned count_lines(const char *p, const char *end) {
        unsigned n = 0;

        while (p < end && (p = (const char *) memchr(p, '\n', (size_t) (end - p)))) {
                n++;
                p++;
        }
        return n;
}

/* Bytes 10xxxxxx, which go on with a character of UTF-8. */
static inline ByteBlock byte_block_tails(ByteBlock block) {
        return (ByteBlock) ((block & 0xC0) == 0x80);
}

/* What is wrong in @block if it holds only characters of one byte and of two, the latter beginning
 * with @first to 0xDF. @next: the block one byte further on. */
static inline ByteBlock byte_block_no_pairs(ByteBlock block, ByteBlock next, uint8_t first) {
        const ByteBlock leads = (ByteBlock) (block >= first) & (ByteBlock) (block <= 0xDF);

        return (leads ^ byte_block_tails(next)) |
                ((ByteBlock) (block >= 0x80) & ~(leads | byte_block_tails(block)));
}

/* How many bytes from @s on are ASCII. What is less than a block at the end is not looked at, so
 * this is a lower bound, cheap to have. */
static inline size_t ascii_blocks(const char *s, size_t n_bytes) {
        for (size_t n = 0;;) {
                size_t n_ascii;

                if (n_bytes - n < sizeof(ByteBlock))
                        return n;
                n_ascii = byte_block_first(byte_block_load(s + n) & (uint8_t) 0x80);
                n += n_ascii;
                if (n_ascii < sizeof(ByteBlock))
                        return n;
        }
}
