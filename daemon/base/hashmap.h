/* SPDX-License-Identifier: MIT */
#pragma once

/* A map from strings to pointers: open addressing, grows by doubling, hash keyed per process so
 * that nobody outside can aim for collisions. Keys are copied and owned by the map; values belong
 * to it only when it was given a destructor. Order of iteration is unspecified. */

#include "base/memory.h"

typedef struct Hashmap Hashmap;

/* @free_value may be NULL: then values are borrowed. NULL when memory is out. */
Hashmap *hashmap_new(void *(*free_value)(void *value)) _warn_unused_;
Hashmap *hashmap_free(Hashmap *map);
DEFINE_POINTER_CLEANUP(Hashmap, hashmap_free);

/* 0, -EEXIST (nothing changed, @value stays the caller's) or -ENOMEM (likewise). @value is not
 * NULL. */
int hashmap_put(Hashmap *map, const char *key, void *value) _warn_unused_;
/* The value, or NULL; it stays the map's. */
void *hashmap_get(const Hashmap *map, const char *key);
/* Takes the entry out and gives its value to the caller; NULL when there is none. */
void *hashmap_remove(Hashmap *map, const char *key);
size_t hashmap_size(const Hashmap *map);

/* Steps through all entries: start with *position = 0. False at the end. The map must not change
 * meanwhile. */
bool hashmap_next(const Hashmap *map, size_t *position, const char **ret_key, void **ret_value);
#define HASHMAP_FOREACH(key, value, map) \
        for (size_t _position_##key = 0; \
                hashmap_next((map), &_position_##key, &(key), (void **) &(value));)

/* The keyed hash itself (FNV-1a from a random start, finished by a mix): quick, not cryptographic.
 * The same within one process only. */
uint64_t hash_bytes(const void *p, size_t n_bytes);
