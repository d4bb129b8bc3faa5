/* SPDX-License-Identifier: MIT */
#pragma once

/* Typed allocation, and owners that free by themselves. All return NULL when memory is out, also
 * for sizes that overflow. */

#include <stdlib.h>
#include <string.h>

#include "base/macro.h"

/* The formatter takes "new" for the keyword of C++ and would break the macro. */
/* clang-format off */
#define new(t, n) ((t *) reallocarray(NULL, (n), sizeof(t)))
/* clang-format on */
#define new0(t, n) ((t *) calloc((n), sizeof(t)))

/* Frees and returns NULL, so that `p = mfree(p)` leaves no dangling name. */
static inline void *mfree(void *p) {
        free(p);
        return NULL;
}

static inline void freep(void *p) {
        free(*(void **) p);
}
#define _cleanup_free_ _cleanup_(freep)

/* Makes room for one more element in an array that the caller owns, doubling it as needed. Returns
 * 0 or -ENOMEM; on failure *array and *n_allocated are as before. Use the typed macro. */
int array_grow(
        void **array, size_t *n_allocated, size_t n_needed, size_t element_bytes) _warn_unused_;
#ifdef __cppcheck__ /* see base/macro.h */
#define ARRAY_GROW(array, n_allocated, n_needed) \
        array_grow((void **) &(array), &(n_allocated), (n_needed), sizeof(*(array)))
#else
#define ARRAY_GROW(array, n_allocated, n_needed)                                                 \
        ({                                                                                       \
                void *_grown = (array);                                                          \
                int _grow_r = array_grow(&_grown, &(n_allocated), (n_needed), sizeof(*(array))); \
                (array) = _grown;                                                                \
                _grow_r;                                                                         \
        })
#endif

/* A copy of @n_bytes with a NUL behind; the caller owns it. NULL when memory is out. */
char *memdup_suffix0(const void *p, size_t n_bytes) _warn_unused_;

/* Replaces the heap string *s by a copy of @value (NULL clears). On -ENOMEM *s stays. */
int free_and_strdup(char **s, const char *value) _warn_unused_;
