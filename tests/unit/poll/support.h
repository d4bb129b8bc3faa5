/* SPDX-License-Identifier: MIT */
#pragma once

/* A feed and its answers, for the tests of poll/. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "poll/schedule.h"

/* A Friday, 08:00:00 UTC. */
#define NOW (UINT64_C(1800000000) * USEC_PER_SEC)
#define MINUTE USEC_PER_MINUTE
#define HOUR USEC_PER_HOUR
#define DAY USEC_PER_DAY

static const PollPolicy automatic _unused_ = { .interval_auto = true };
static const PollPolicy ten_minutes _unused_ = { .interval_usec = 10 * MINUTE };

/* A feed that was read before, lastly an hour ago, and had its last new item @silence ago. */
static inline Feed known_feed(usec_t silence) {
        Feed feed = FEED_INIT;

        feed.last_poll_usec = feed.last_success_usec = feed.last_read_usec = NOW - HOUR;
        feed.next_poll_usec = NOW;
        feed.last_item_usec = silence == USEC_INFINITY ? USEC_INFINITY : NOW - silence;
        feed.polled_once = true;
        feed.wait_usec = HOUR;
        return feed;
}

/* The events of it. */
static inline unsigned take(
        Feed *feed, const PollPolicy *policy, PollAnswer answer, usec_t now_usec) {
        Random random = { .state = 7 };
        unsigned events;

        assert_int_equal(schedule_answer(feed, policy, &answer, now_usec, &random, &events), 0);
        return events;
}

static inline void assert_wait(
        const char *name, const Feed *feed, usec_t now_usec, usec_t expected) {
        usec_t wait = feed->next_poll_usec - now_usec;

        /* Never earlier, at most a tenth later. */
        if (wait < expected || wait > expected + expected / 10)
                fail_msg("%s: %s, expected %s", name, FORMAT_TIMESPAN(wait),
                        FORMAT_TIMESPAN(expected));
}
