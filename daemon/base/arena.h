/* SPDX-License-Identifier: MIT */
#pragma once

/* Memory that is given back all at once: one arena for a fetched document or an item on its way.
 * Nothing taken from it is freed by itself. An arena has a limit, and what goes over it fails with
 * NULL like any allocation. */

#include "base/memory.h"

typedef struct Arena Arena;

Arena *arena_new(size_t n_bytes_max) _warn_unused_;
Arena *arena_free(Arena *arena);
DEFINE_POINTER_CLEANUP(Arena, arena_free);
/* Gives all of it back to the arena itself, which keeps one block for the next use. */
void arena_reset(Arena *arena);

/* Zeroed and aligned for anything; NULL when memory or the limit is out. */
void *arena_alloc(Arena *arena, size_t n_bytes) _warn_unused_;
char *arena_strndup(Arena *arena, const char *s, size_t n_bytes) _warn_unused_;
#define arena_new0(arena, t, n) ((t *) arena_alloc_array((arena), (n), sizeof(t)))
void *arena_alloc_array(Arena *arena, size_t n, size_t element_bytes) _warn_unused_;
