/* SPDX-License-Identifier: MIT */

#include "base/arena.h"

#define ARENA_BLOCK_BYTES ((size_t) 16 * 1024)

typedef struct Block {
        struct Block *next;
        size_t n_used, n_bytes;
        max_align_t data[];
} Block;

struct Arena {
        Block *blocks; /* newest first; only the first has room */
        size_t n_total, n_bytes_max;
};

Arena *arena_new(size_t n_bytes_max) {
        Arena *arena;

        arena = new0(Arena, 1);
        if (arena)
                arena->n_bytes_max = n_bytes_max;
        return arena;
}

static void arena_keep(Arena *arena, Block *kept) {
        for (Block *b = arena->blocks, *next; b; b = next) {
                next = b->next;
                if (b != kept)
                        free(b);
        }
        arena->blocks = kept;
}

Arena *arena_free(Arena *arena) {
        if (!arena)
                return NULL;

        arena_keep(arena, NULL);
        return mfree(arena);
}

void arena_reset(Arena *arena) {
        Block *kept = arena->blocks;

        /* A block of the ordinary size is worth keeping; one made for a giant is not. */
        if (kept && kept->n_bytes > ARENA_BLOCK_BYTES)
                kept = NULL;

        arena_keep(arena, kept);
        arena->n_total = 0;
        if (kept) {
                kept->next = NULL;
                kept->n_used = 0;
        }
}

void *arena_alloc(Arena *arena, size_t n_bytes) {
        size_t aligned;
        void *p;

        if (n_bytes > SIZE_MAX / 2)
                return NULL;

        aligned = (n_bytes + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
        if (aligned > arena->n_bytes_max - arena->n_total)
                return NULL;

        if (!arena->blocks || aligned > arena->blocks->n_bytes - arena->blocks->n_used) {
                size_t n = MAX(aligned, ARENA_BLOCK_BYTES);
                Block *block;

                block = malloc(sizeof(Block) + n);
                if (!block)
                        return NULL;
                *block = (Block){ .next = arena->blocks, .n_bytes = n };
                arena->blocks = block;
        }

        p = (uint8_t *) arena->blocks->data + arena->blocks->n_used;
        arena->blocks->n_used += aligned;
        arena->n_total += aligned;
        return memset(p, 0, n_bytes);
}

void *arena_alloc_array(Arena *arena, size_t n, size_t element_bytes) {
        size_t n_bytes;

        if (__builtin_mul_overflow(n, element_bytes, &n_bytes))
                return NULL;

        return arena_alloc(arena, n_bytes);
}

char *arena_strndup(Arena *arena, const char *s, size_t n_bytes) {
        char *copy;

        if (n_bytes == SIZE_MAX)
                return NULL;

        copy = arena_alloc(arena, n_bytes + 1);
        if (copy && n_bytes > 0)
                memcpy(copy, s, n_bytes);
        return copy;
}
