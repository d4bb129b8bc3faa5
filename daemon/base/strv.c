/* SPDX-License-Identifier: MIT */

#include "base/strv.h"

#include <errno.h>

#include "base/buffer.h"

char **strv_free(char **l) {
        STRV_FOREACH (s, l)
                free(*s);

        free(l);
        return NULL;
}

size_t strv_length(char *const *l) {
        size_t n = 0;

        while (l && l[n])
                n++;

        return n;
}

bool strv_contains(char *const *l, const char *s) {
        for (; l && *l; l++)
                if (streq(*l, s))
                        return true;

        return false;
}

int strv_consume(char ***l, char *s) {
        size_t n = strv_length(*l);
        char **grown;

        grown = reallocarray(*l, n + 2, sizeof(char *));
        if (!grown) {
                free(s);
                return -ENOMEM;
        }

        grown[n] = s;
        grown[n + 1] = NULL;
        *l = grown;
        return 0;
}

int strv_extend(char ***l, const char *s) {
        char *copy;

        copy = strdup(s);
        if (!copy)
                return -ENOMEM;

        return strv_consume(l, copy);
}

int strv_copy(char *const *l, char ***ret) {
        _cleanup_(strv_freep) char **copy = NULL;
        int r;

        for (; l && *l; l++) {
                r = strv_extend(&copy, *l);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(copy);
        return 0;
}

int strv_split_words(const char *s, char ***ret) {
        _cleanup_(strv_freep) char **l = NULL;
        int r;

        for (;;) {
                const char *start;
                char *word;

                while (ascii_isspace(*s))
                        s++;
                if (*s == '\0')
                        break;

                start = s;
                while (*s != '\0' && !ascii_isspace(*s))
                        s++;

                word = memdup_suffix0(start, (size_t) (s - start));
                if (!word)
                        return -ENOMEM;
                r = strv_consume(&l, word);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(l);
        return 0;
}

char *strv_join(char *const *l, const char *separator) {
        _cleanup_(buffer_done) Buffer b = {};

        for (char *const *s = l; s && *s; s++)
                if ((s != l && buffer_append_str(&b, separator) < 0) ||
                        buffer_append_str(&b, *s) < 0)
                        return NULL;

        return buffer_take(&b);
}

static int compare_strings(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

void strv_sort(char **l) {
        if (l)
                qsort(l, strv_length(l), sizeof(char *), compare_strings);
}
