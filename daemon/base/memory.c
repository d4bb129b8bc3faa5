/* SPDX-License-Identifier: MIT */

#include "base/memory.h"

#include <errno.h>

int array_grow(void **array, size_t *n_allocated, size_t n_needed, size_t element_bytes) {
        size_t n = *n_allocated;
        void *p;

        if (n_needed <= n)
                return 0;

        n = n < 8 ? 8 : n;
        while (n < n_needed) {
                if (n > SIZE_MAX / 2)
                        return -ENOMEM;
                n *= 2;
        }

        p = reallocarray(*array, n, element_bytes);
        if (!p)
                return -ENOMEM;

        *array = p;
        *n_allocated = n;
        return 0;
}

char *memdup_suffix0(const void *p, size_t n_bytes) {
        char *copy;

        if (n_bytes == SIZE_MAX)
                return NULL;

        copy = malloc(n_bytes + 1);
        if (!copy)
                return NULL;

        if (n_bytes > 0)
                memcpy(copy, p, n_bytes);
        copy[n_bytes] = '\0';
        return copy;
}

int free_and_strdup(char **s, const char *value) {
        char *copy = NULL;

        if (value) {
                copy = strdup(value);
                if (!copy)
                        return -ENOMEM;
        }

        free(*s);
        *s = copy;
        return 0;
}
