/* SPDX-License-Identifier: MIT */

#include "base/time.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/str.h"

static usec_t clock_read(clockid_t id) {
        struct timespec ts = {};

        (void) clock_gettime(id, &ts); /* cannot fail for these two */
        return (usec_t) ts.tv_sec * USEC_PER_SEC + (usec_t) ts.tv_nsec / 1000;
}

static usec_t system_realtime(void *userdata _unused_) {
        return clock_read(CLOCK_REALTIME);
}

static usec_t system_boottime(void *userdata _unused_) {
        return clock_read(CLOCK_BOOTTIME);
}

const Clock clock_system = { .realtime = system_realtime, .boottime = system_boottime };

/* The units of systemd.time(7), "PARSING TIME SPANS". */
static const struct {
        const char *name;
        usec_t usec;
} span_units[] = {
        { "usec", 1 },
        { "us", 1 },
        { "\xCE\xBCs", 1 }, /* U+03BC, the letter */
        { "\xC2\xB5s", 1 }, /* U+00B5, the sign on keyboards */
        { "msec", USEC_PER_MSEC },
        { "ms", USEC_PER_MSEC },
        { "seconds", USEC_PER_SEC },
        { "second", USEC_PER_SEC },
        { "sec", USEC_PER_SEC },
        { "s", USEC_PER_SEC },
        { "minutes", USEC_PER_MINUTE },
        { "minute", USEC_PER_MINUTE },
        { "min", USEC_PER_MINUTE },
        { "m", USEC_PER_MINUTE },
        { "hours", USEC_PER_HOUR },
        { "hour", USEC_PER_HOUR },
        { "hr", USEC_PER_HOUR },
        { "h", USEC_PER_HOUR },
        { "days", USEC_PER_DAY },
        { "day", USEC_PER_DAY },
        { "d", USEC_PER_DAY },
        { "weeks", 7 * USEC_PER_DAY },
        { "week", 7 * USEC_PER_DAY },
        { "w", 7 * USEC_PER_DAY },
        { "months", UINT64_C(2629800) * USEC_PER_SEC },
        { "month", UINT64_C(2629800) * USEC_PER_SEC },
        { "M", UINT64_C(2629800) * USEC_PER_SEC },
        { "years", UINT64_C(31557600) * USEC_PER_SEC },
        { "year", UINT64_C(31557600) * USEC_PER_SEC },
        { "y", UINT64_C(31557600) * USEC_PER_SEC },
};

static const char *span_unit(const char *s, usec_t *ret) {
        size_t n = 0;

        while (ascii_isalpha(s[n]) || (unsigned char) s[n] >= 0x80)
                n++;
        if (n == 0) {
                *ret = USEC_PER_SEC;
                return s;
        }

        for (size_t i = 0; i < ELEMENTSOF(span_units); i++)
                if (strlen(span_units[i].name) == n && strncmp(s, span_units[i].name, n) == 0) {
                        *ret = span_units[i].usec;
                        return s + n;
                }

        return NULL;
}

static const char *skip_space(const char *s) {
        while (ascii_isspace(*s))
                s++;

        return s;
}

int timespan_parse(const char *s, usec_t *ret) {
        const char *rest;
        usec_t total = 0;

        s = skip_space(s);
        if (*s == '\0')
                return -EINVAL;

        rest = startswith(s, "infinity");
        if (rest && *skip_space(rest) == '\0') {
                *ret = USEC_INFINITY;
                return 0;
        }

        while (*s != '\0') {
                uint64_t whole = 0, fraction = 0, scale = 1;
                usec_t unit, part;

                if (!ascii_isdigit(*s) && *s != '.')
                        return -EINVAL;
                for (; ascii_isdigit(*s); s++)
                        if (__builtin_mul_overflow(whole, UINT64_C(10), &whole) ||
                                __builtin_add_overflow(whole, (uint64_t) (*s - '0'), &whole))
                                return -ERANGE;
                if (*s == '.') {
                        if (!ascii_isdigit(s[1]))
                                return -EINVAL;
                        for (s++; ascii_isdigit(*s); s++)
                                if (scale < 1000000) { /* finer than we count: read over */
                                        fraction = fraction * 10 + (uint64_t) (*s - '0');
                                        scale *= 10;
                                }
                }

                s = span_unit(skip_space(s), &unit);
                if (!s)
                        return -EINVAL;
                s = skip_space(s);

                if (__builtin_mul_overflow(whole, unit, &part) ||
                        __builtin_add_overflow(part,
                                unit / scale * fraction + unit % scale * fraction / scale, &part) ||
                        __builtin_add_overflow(total, part, &total) || total == USEC_INFINITY)
                        return -ERANGE;
        }

        *ret = total;
        return 0;
}

char *timespan_format(usec_t span, char buf[static TIMESPAN_CHARS_MAX]) {
        static const struct {
                const char *name;
                usec_t usec;
        } units[] = {
                { "d", USEC_PER_DAY },
                { "h", USEC_PER_HOUR },
                { "min", USEC_PER_MINUTE },
                { "s", USEC_PER_SEC },
                { "ms", USEC_PER_MSEC },
        };

        if (span == USEC_INFINITY) {
                (void) snprintf(buf, TIMESPAN_CHARS_MAX, "infinity");
                return buf;
        }

        for (size_t i = 0; i < ELEMENTSOF(units); i++) {
                usec_t n = span / units[i].usec, rest = 0;

                if (n == 0)
                        continue;
                if (i + 1 < ELEMENTSOF(units))
                        rest = span % units[i].usec / units[i + 1].usec;
                if (rest > 0 && !(units[i].usec == USEC_PER_SEC && n >= 10)) /* no "45s 250ms" */
                        (void) snprintf(buf, TIMESPAN_CHARS_MAX, "%" PRIu64 "%s %" PRIu64 "%s", n,
                                units[i].name, rest, units[i + 1].name);
                else
                        (void) snprintf(buf, TIMESPAN_CHARS_MAX, "%" PRIu64 "%s", n, units[i].name);
                return buf;
        }

        (void) snprintf(buf, TIMESPAN_CHARS_MAX, "0s");
        return buf;
}

static char *put_digits(char *p, unsigned value, size_t n) {
        for (size_t i = n; i > 0; i--, value /= 10)
                p[i - 1] = (char) ('0' + value % 10);
        return p + n;
}

/* Not strftime(3), which takes as long as the rest of what is done to a small item's dates. */
char *rfc3339_format(usec_t t, char buf[static RFC3339_CHARS_MAX]) {
        time_t seconds = (time_t) (t / USEC_PER_SEC);
        char *p = buf;
        struct tm tm;

        if (t == USEC_INFINITY || !gmtime_r(&seconds, &tm) || tm.tm_year > 9999 - 1900)
                return NULL;

        const unsigned values[] = { (unsigned) tm.tm_year + 1900, (unsigned) tm.tm_mon + 1,
                (unsigned) tm.tm_mday, (unsigned) tm.tm_hour, (unsigned) tm.tm_min,
                (unsigned) tm.tm_sec };

        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                p = put_digits(p, values[i], i == 0 ? 4 : 2);
                *p++ = "--T::Z"[i];
        }
        *p = '\0';
        return buf;
}

char *bytes_format(uint64_t n_bytes, char buf[static 32]) {
        static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
        double value = (double) n_bytes;
        size_t unit = 0;

        for (; value >= 1024 && unit + 1 < ELEMENTSOF(units); unit++)
                value /= 1024;

        (void) snprintf(
                buf, 32, unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, units[unit]);
        return buf;
}
