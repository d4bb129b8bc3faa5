/* SPDX-License-Identifier: MIT */

#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

const char *startswith(const char *s, const char *prefix) {
        size_t n = strlen(prefix);

        return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

const char *startswith_nocase(const char *s, const char *prefix) {
        for (; *prefix; s++, prefix++)
                if (ascii_tolower(*s) != ascii_tolower(*prefix))
                        return NULL;

        return s;
}

bool endswith(const char *s, const char *suffix) {
        size_t n = strlen(s), m = strlen(suffix);

        return n >= m && streq(s + n - m, suffix);
}

bool streq_nocase(const char *a, const char *b) {
        const char *rest = startswith_nocase(a, b);

        return rest && *rest == '\0';
}

char *strstrip(char *s) {
        size_t n;

        while (ascii_isspace(*s))
                s++;

        n = strlen(s);
        while (n > 0 && ascii_isspace(s[n - 1]))
                n--;
        s[n] = '\0';
        return s;
}

int parse_u64(const char *s, uint64_t *ret) {
        uint64_t value = 0;

        if (!ascii_isdigit(*s))
                return -EINVAL;

        for (; ascii_isdigit(*s); s++) {
                if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
                        __builtin_add_overflow(value, (uint64_t) (*s - '0'), &value))
                        return -ERANGE;
        }
        if (*s != '\0')
                return -EINVAL;

        *ret = value;
        return 0;
}

int parse_boolean(const char *s, bool *ret) {
        static const struct {
                const char *word;
                bool value;
        } words[] = {
                { "yes", true },
                { "true", true },
                { "on", true },
                { "1", true },
                { "no", false },
                { "false", false },
                { "off", false },
                { "0", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (streq_nocase(s, words[i].word)) {
                        *ret = words[i].value;
                        return 0;
                }

        return -EINVAL;
}

int parse_milli(const char *s, int64_t *ret) {
        int64_t value = 0, scale = 1000;
        bool negative = false, digits = false;

        if (*s == '+' || *s == '-')
                negative = *s++ == '-';

        for (; ascii_isdigit(*s); s++, digits = true)
                if (__builtin_mul_overflow(value, INT64_C(10), &value) ||
                        __builtin_add_overflow(value, (int64_t) (*s - '0'), &value))
                        return -ERANGE;
        if (__builtin_mul_overflow(value, INT64_C(1000), &value))
                return -ERANGE;

        if (*s == '.')
                for (s++; ascii_isdigit(*s); s++, digits = true) {
                        if (scale == 1)
                                return -EINVAL;
                        scale /= 10;
                        if (__builtin_add_overflow(value, (*s - '0') * scale, &value))
                                return -ERANGE;
                }
        if (*s != '\0' || !digits)
                return -EINVAL;

        *ret = negative ? -value : value;
        return 0;
}

char *format_milli(int64_t milli, char buf[static 32]) {
        uint64_t magnitude = milli < 0 ? -(uint64_t) milli : (uint64_t) milli;
        int n;

        n = snprintf(buf, 32, "%s%" PRIu64 ".%03u", milli < 0 ? "-" : "", magnitude / 1000,
                (unsigned) (magnitude % 1000));
        while (buf[n - 1] == '0')
                n--;
        if (buf[n - 1] == '.')
                n--;
        buf[n] = '\0';
        return buf;
}

unsigned str_distance(const char *a, const char *b) {
        unsigned row[3][65];
        size_t n = strlen(a), m = strlen(b);

        if (n > 64 || m > 64)
                return UINT32_MAX;

        for (size_t j = 0; j <= m; j++)
                row[0][j] = (unsigned) j;

        for (size_t i = 1; i <= n; i++) {
                unsigned *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];

                now[0] = (unsigned) i;
                for (size_t j = 1; j <= m; j++) {
                        now[j] = MIN(before[j] + 1, now[j - 1] + 1);
                        now[j] = MIN(now[j], before[j - 1] + (a[i - 1] != b[j - 1]));
                        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                                now[j] = MIN(now[j], earlier[j - 2] + 1);
                }
        }

        return row[n % 3][m];
}
