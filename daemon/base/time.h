/* SPDX-License-Identifier: MIT */
#pragma once

/* Time is usec_t: microseconds, since 1970 for wall-clock times (realtime), since boot with sleep
 * counted for waits (boottime). The two clocks come in through a struct, so that tests can drive
 * days in seconds. */

#include "base/macro.h"

typedef uint64_t usec_t;

/* "No such time": unknown, never. Sorts behind all others. */
#define USEC_INFINITY UINT64_MAX

#define USEC_PER_MSEC UINT64_C(1000)
#define USEC_PER_SEC UINT64_C(1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY (24 * USEC_PER_HOUR)

typedef struct Clock {
        usec_t (*realtime)(void *userdata);
        usec_t (*boottime)(void *userdata);
        void *userdata;
} Clock;

/* CLOCK_REALTIME and CLOCK_BOOTTIME of the kernel. */
extern const Clock clock_system;

static inline usec_t clock_realtime(const Clock *clock) {
        return clock->realtime(clock->userdata);
}

static inline usec_t clock_boottime(const Clock *clock) {
        return clock->boottime(clock->userdata);
}

/* Saturating: infinity stays infinity, and zero is the floor. */
static inline usec_t usec_add(usec_t a, usec_t b) {
        return a > USEC_INFINITY - b ? USEC_INFINITY : a + b;
}

static inline usec_t usec_sub(usec_t a, usec_t b) {
        if (a == USEC_INFINITY)
                return a;
        return a > b ? a - b : 0;
}

/* A time span as in systemd.time(7): "10min", "1h 30min", "90" (seconds), "infinity". 0, -EINVAL or
 * -ERANGE. */
int timespan_parse(const char *s, usec_t *ret) _warn_unused_;

/* The two largest units, for people: "1h 30min", "45s", "250ms", "0s". Returns @buf. */
#define TIMESPAN_CHARS_MAX 64
char *timespan_format(usec_t span, char buf[static TIMESPAN_CHARS_MAX]);
#define FORMAT_TIMESPAN(span) timespan_format((span), (char[TIMESPAN_CHARS_MAX]){})

/* RFC 3339 in UTC, whole seconds: "2026-02-20T06:30:00Z"; NULL for USEC_INFINITY and years over
 * 9999. Returns @buf. */
#define RFC3339_CHARS_MAX 32
char *rfc3339_format(usec_t t, char buf[static RFC3339_CHARS_MAX]);
#define FORMAT_RFC3339(t) rfc3339_format((t), (char[RFC3339_CHARS_MAX]){})

/* "1.5 MiB", for messages. Returns @buf. */
char *bytes_format(uint64_t n_bytes, char buf[static 32]);
#define FORMAT_BYTES(n) bytes_format((n), (char[32]){})
