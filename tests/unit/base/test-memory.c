/* SPDX-License-Identifier: MIT */

/* What keeps things: arrays, arenas and hash maps. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/hashmap.h"
#include "base/random.h"
#include "base/str.h"
#include "check.h"

/* --- memory --- */

static void test_array_grow(void **state) {
        _cleanup_free_ uint64_t *array = NULL;
        size_t n_allocated = 0;
        uint64_t *before;

        (void) state;

        assert_int_equal(ARRAY_GROW(array, n_allocated, 0), 0);
        assert_null(array);
        assert_int_equal(ARRAY_GROW(array, n_allocated, 1), 0);
        assert_true(array && n_allocated >= 1);
        array[0] = 7;
        before = array;
        assert_int_equal(ARRAY_GROW(array, n_allocated, n_allocated), 0);
        assert_ptr_equal(array, before);

        for (size_t n = 1; n < 1000; n++) {
                assert_int_equal(ARRAY_GROW(array, n_allocated, n + 1), 0);
                assert_true(n_allocated > n);
                array[n] = n;
        }
        assert_int_equal(array[0], 7);
        assert_int_equal(array[999], 999);

        /* Sizes that overflow leave all as it was. */
        before = array;
        assert_int_equal(ARRAY_GROW(array, n_allocated, SIZE_MAX), -ENOMEM);
        assert_int_equal(ARRAY_GROW(array, n_allocated, SIZE_MAX / 8), -ENOMEM);
        assert_ptr_equal(array, before);
        assert_int_equal(array[999], 999);
}

static void test_copies(void **state) {
        _cleanup_free_ char *copy = memdup_suffix0("a\0b", 3), *empty = memdup_suffix0(NULL, 0),
                            *s = NULL;

        (void) state;

        assert_non_null(copy);
        assert_memory_equal(copy, "a\0b", 4);
        assert_text(empty, "");
        assert_null(memdup_suffix0("a", SIZE_MAX));

        assert_int_equal(free_and_strdup(&s, NULL), 0);
        assert_null(s);
        assert_int_equal(free_and_strdup(&s, "one"), 0);
        assert_int_equal(free_and_strdup(&s, s + 1), 0); /* also of a part of itself */
        assert_text(s, "ne");
        assert_int_equal(free_and_strdup(&s, NULL), 0);
        assert_null(s);
}

/* --- arena --- */

static bool is_zero(const void *p, size_t n) {
        const uint8_t *bytes = p;

        for (size_t i = 0; i < n; i++)
                if (bytes[i] != 0)
                        return false;

        return true;
}

static void test_arena_alloc(void **state) {
        static const size_t sizes[] = { 0, 1, 7, 15, 16, 17, 100, 4000, 16 * 1024 - 1, 16 * 1024,
                16 * 1024 + 1, 100000, 3 };
        _cleanup_(arena_freep) Arena *arena = arena_new(SIZE_MAX);
        uint8_t *kept[ELEMENTSOF(sizes)];

        (void) state;

        assert_non_null(arena);
        for (unsigned round = 0; round < 3; round++) {
                for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                        kept[i] = arena_alloc(arena, sizes[i]);
                        assert_non_null(kept[i]);
                        assert_int_equal((uintptr_t) kept[i] % _Alignof(max_align_t), 0);
                        assert_true(is_zero(kept[i], sizes[i]));
                        memset(kept[i], (int) i + 1, sizes[i]);
                }
                /* None lies over another. */
                for (size_t i = 0; i < ELEMENTSOF(sizes); i++)
                        for (size_t j = 0; j < sizes[i]; j++)
                                assert_int_equal(kept[i][j], i + 1);
                arena_reset(arena);
        }
}

static void test_arena_limit(void **state) {
        _cleanup_(arena_freep) Arena *arena = arena_new(1000), *none = arena_new(0),
                                     *wide = arena_new(SIZE_MAX);
        const size_t step = sizeof(max_align_t);
        size_t n = 0;

        (void) state;

        assert_true(arena && none && wide);
        assert_null(arena_alloc(none, 1));
        assert_non_null(arena_alloc(none, 0));
        assert_null(arena_alloc(arena, 1001));
        while (arena_alloc(arena, 1))
                n++;
        assert_int_equal(n, 1000 / step); /* each takes what it is aligned to */
        assert_null(arena_alloc(arena, 1));

        arena_reset(arena);
        assert_non_null(arena_alloc(arena, 900));
        assert_null(arena_alloc(arena, 900));

        assert_null(arena_alloc(wide, SIZE_MAX));
        assert_null(arena_alloc(wide, SIZE_MAX / 2 + 1));
        assert_null(arena_new0(wide, uint64_t, SIZE_MAX / 4));
        assert_null(arena_strndup(wide, "a", SIZE_MAX));
}

static void test_arena_strings(void **state) {
        _cleanup_(arena_freep) Arena *arena = arena_new(1 << 20);
        char *s, *empty;
        uint64_t *numbers;

        (void) state;

        assert_non_null(arena);
        s = arena_strndup(arena, "KFOR patrols", 4);
        empty = arena_strndup(arena, NULL, 0);
        numbers = arena_new0(arena, uint64_t, 10);
        assert_text(s, "KFOR");
        assert_text(empty, "");
        assert_non_null(numbers);
        assert_true(is_zero(numbers, 80));
        assert_non_null(arena_new0(arena, uint64_t, 0));
        assert_null(arena_free(NULL));
}

/* --- hash map --- */

#define KEYS 512

static unsigned n_freed;

static void *count_free(void *value) {
        n_freed++;
        return mfree(value);
}

static void test_hashmap_small(void **state) {
        _cleanup_(hashmap_freep) Hashmap *map = hashmap_new(NULL);
        const char *key;
        char *value, changing[] = "key";
        static char one[] = "1", two[] = "2";
        size_t position = 0;

        (void) state;

        assert_non_null(map);
        assert_null(hashmap_get(NULL, "a"));
        assert_null(hashmap_remove(NULL, "a"));
        assert_int_equal(hashmap_size(NULL), 0);
        assert_false(hashmap_next(NULL, &position, &key, (void **) &value));
        assert_null(hashmap_free(NULL));

        assert_null(hashmap_get(map, "a"));
        assert_null(hashmap_remove(map, "a"));
        assert_false(hashmap_next(map, &position, &key, (void **) &value));

        assert_int_equal(hashmap_put(map, changing, one), 0);
        changing[0] = 'x'; /* the map has its own copy */
        assert_ptr_equal(hashmap_get(map, "key"), one);
        assert_null(hashmap_get(map, changing));
        assert_int_equal(hashmap_put(map, "key", two), -EEXIST);
        assert_ptr_equal(hashmap_get(map, "key"), one);
        assert_int_equal(hashmap_put(map, "", two), 0);
        assert_int_equal(hashmap_size(map), 2);
        assert_ptr_equal(hashmap_remove(map, "key"), one);
        assert_null(hashmap_remove(map, "key"));
        assert_int_equal(hashmap_size(map), 1);
        HASHMAP_FOREACH (key, value, map) {
                assert_text(key, "");
                assert_ptr_equal(value, two);
        }
}

static void test_hashmap_frees_values(void **state) {
        Hashmap *map = hashmap_new(count_free);
        char key[16];

        (void) state;

        assert_non_null(map);
        n_freed = 0;
        for (unsigned i = 0; i < 100; i++) {
                char *value = strdup("x");

                assert_non_null(value);
                (void) snprintf(key, sizeof key, "%u", i);
                assert_int_equal(hashmap_put(map, key, value), 0);
        }
        free(hashmap_remove(map, "50"));
        assert_int_equal(n_freed, 0); /* taken out is given away */
        map = hashmap_free(map);
        assert_null(map);
        assert_int_equal(n_freed, 99);
}

/* Steps through all, each entry once. */
static void check_against(const Hashmap *map, const uintptr_t *model) {
        bool seen[KEYS] = {};
        const char *key;
        void *value;
        size_t n = 0;

        HASHMAP_FOREACH (key, value, map) {
                uint64_t i;

                assert_int_equal(parse_u64(key, &i), 0);
                assert_true(i < KEYS && !seen[i]);
                assert_int_equal((uintptr_t) value, model[i]);
                seen[i] = true;
                n++;
        }
        assert_int_equal(n, hashmap_size(map));
        for (size_t i = 0; i < KEYS; i++)
                assert_int_equal(seen[i], model[i] != 0);
}

/* Thousands of operations against an array that does the same: first few keys over and over, so
 * that entries come and go in the same runs, then many, so that the map grows. */
static void test_hashmap_random(void **state) {
        _cleanup_(hashmap_freep) Hashmap *map = hashmap_new(NULL);
        uintptr_t model[KEYS] = {};
        Random random = { 42 };
        size_t n = 0;

        (void) state;

        assert_non_null(map);
        for (unsigned step = 1; step <= 60000; step++) {
                size_t i = random_below(&random, step < 20000 ? 12 : KEYS);
                char key[16];

                (void) snprintf(key, sizeof key, "%zu", i);
                switch (random_below(&random, 3)) {
                case 0: {
                        int r = hashmap_put(map, key, (void *) (uintptr_t) step);

                        assert_int_equal(r, model[i] ? -EEXIST : 0);
                        if (r == 0) {
                                model[i] = step;
                                n++;
                        }
                        break;
                }
                case 1:
                        assert_int_equal((uintptr_t) hashmap_remove(map, key), model[i]);
                        n -= model[i] != 0;
                        model[i] = 0;
                        break;
                case 2:
                        assert_int_equal((uintptr_t) hashmap_get(map, key), model[i]);
                        break;
                }
                assert_int_equal(hashmap_size(map), n);
                if (step % 500 == 0)
                        check_against(map, model);
        }
}

static void test_hash(void **state) {
        (void) state;

        assert_int_equal(hash_bytes("abc", 3), hash_bytes("abcd", 3));
        assert_int_not_equal(hash_bytes("abc", 3), hash_bytes("abd", 3));
        assert_int_not_equal(hash_bytes("", 0), hash_bytes("\0", 1));
        assert_int_equal(hash_bytes(NULL, 0), hash_bytes("", 0));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_array_grow),
                cmocka_unit_test(test_copies),
                cmocka_unit_test(test_arena_alloc),
                cmocka_unit_test(test_arena_limit),
                cmocka_unit_test(test_arena_strings),
                cmocka_unit_test(test_hashmap_small),
                cmocka_unit_test(test_hashmap_frees_values),
                cmocka_unit_test(test_hashmap_random),
                cmocka_unit_test(test_hash),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
