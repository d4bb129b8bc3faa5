/* SPDX-License-Identifier: MIT */

#include "base/hashmap.h"

#include <errno.h>
#include <sys/random.h>

/* Slots are a power of two and at most three quarters full. A removed entry leaves no tombstone:
 * what follows it in its run is moved back instead, so that look-ups stay short however often
 * entries come and go. */

typedef struct Slot {
        char *key; /* NULL: free */
        void *value;
        uint64_t hash;
} Slot;

struct Hashmap {
        Slot *slots;
        size_t n_slots, n_used;
        void *(*free_value)(void *value);
};

uint64_t hash_bytes(const void *p, size_t n_bytes) {
        static uint64_t seed = 0;
        const uint8_t *bytes = p;
        uint64_t h;

        if (seed == 0) {
                if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed)
                        seed = (uint64_t) (uintptr_t) &seed; /* early boot: the address space layout
                                                                must do */
                seed |= 1;
        }

        h = UINT64_C(0xcbf29ce484222325) ^ seed;
        for (; n_bytes >= sizeof(uint64_t); n_bytes -= sizeof(uint64_t)) {
                uint64_t word;

                memcpy(&word, bytes, sizeof(word));
                bytes += sizeof(word);
                h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
                h ^= h >> 32;
        }
        for (size_t i = 0; i < n_bytes; i++)
                h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);

        h ^= h >> 32;
        h *= UINT64_C(0xd6e8feb86659fd93);
        return h ^ (h >> 32);
}

Hashmap *hashmap_new(void *(*free_value)(void *value)) {
        Hashmap *map;

        map = new0(Hashmap, 1);
        if (map)
                map->free_value = free_value;
        return map;
}

Hashmap *hashmap_free(Hashmap *map) {
        if (!map)
                return NULL;

        for (size_t i = 0; i < map->n_slots; i++) {
                if (!map->slots[i].key)
                        continue;
                free(map->slots[i].key);
                if (map->free_value)
                        (void) map->free_value(map->slots[i].value);
        }

        free(map->slots);
        return mfree(map);
}

/* The slot of @key, or the free one where it would go. There is always one free slot. */
static Slot *hashmap_find(const Hashmap *map, const char *key, uint64_t hash) {
        for (size_t i = hash & (map->n_slots - 1);; i = (i + 1) & (map->n_slots - 1)) {
                Slot *slot = &map->slots[i];

                if (!slot->key || (slot->hash == hash && strcmp(slot->key, key) == 0))
                        return slot;
        }
}

static int hashmap_grow(Hashmap *map) {
        Hashmap bigger = { .n_slots = map->n_slots > 0 ? map->n_slots * 2 : 16 };

        if (map->n_slots > 0 && map->n_used < map->n_slots / 4 * 3)
                return 0;

        bigger.slots = new0(Slot, bigger.n_slots);
        if (!bigger.slots)
                return -ENOMEM;

        for (size_t i = 0; i < map->n_slots; i++)
                if (map->slots[i].key)
                        *hashmap_find(&bigger, map->slots[i].key, map->slots[i].hash) =
                                map->slots[i];

        free(map->slots);
        map->slots = bigger.slots;
        map->n_slots = bigger.n_slots;
        return 0;
}

int hashmap_put(Hashmap *map, const char *key, void *value) {
        uint64_t hash = hash_bytes(key, strlen(key));
        char *copy;
        Slot *slot;
        int r;

        assert(value);

        r = hashmap_grow(map);
        if (r < 0)
                return r;

        slot = hashmap_find(map, key, hash);
        if (slot->key)
                return -EEXIST;

        copy = strdup(key);
        if (!copy)
                return -ENOMEM;

        *slot = (Slot){ .key = copy, .value = value, .hash = hash };
        map->n_used++;
        return 0;
}

void *hashmap_get(const Hashmap *map, const char *key) {
        Slot *slot;

        if (!map || map->n_used == 0)
                return NULL;

        slot = hashmap_find(map, key, hash_bytes(key, strlen(key)));
        return slot->key ? slot->value : NULL;
}

void *hashmap_remove(Hashmap *map, const char *key) {
        size_t mask, hole;
        Slot *slot;
        void *value;

        if (!map || map->n_used == 0)
                return NULL;

        slot = hashmap_find(map, key, hash_bytes(key, strlen(key)));
        if (!slot->key)
                return NULL;

        value = slot->value;
        free(slot->key);
        map->n_used--;

        /* Close the gap: an entry moves into the hole when its home does not lie between the hole
         * and itself. */
        mask = map->n_slots - 1;
        hole = (size_t) (slot - map->slots);
        for (size_t i = (hole + 1) & mask; map->slots[i].key; i = (i + 1) & mask) {
                size_t home = map->slots[i].hash & mask;

                if (((i - home) & mask) < ((i - hole) & mask))
                        continue;
                map->slots[hole] = map->slots[i];
                hole = i;
        }
        map->slots[hole] = (Slot){};
        return value;
}

size_t hashmap_size(const Hashmap *map) {
        return map ? map->n_used : 0;
}

bool hashmap_next(const Hashmap *map, size_t *position, const char **ret_key, void **ret_value) {
        for (; map && *position < map->n_slots; (*position)++) {
                Slot *slot = &map->slots[*position];

                if (!slot->key)
                        continue;
                (*position)++;
                *ret_key = slot->key;
                *ret_value = slot->value;
                return true;
        }

        return false;
}
