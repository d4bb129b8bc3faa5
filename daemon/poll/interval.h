/* SPDX-License-Identifier: MIT */
#pragma once

/* How long a feed is left alone, and which rule says so. For schedule.c; the rules are in
 * interval.c's opening comment. */

#include "poll/schedule.h"

/* One more part in so many, at most, by chance. */
#define POLL_JITTER_PART 10
#define POLL_NEGLECTED_WAIT_USEC (7 * USEC_PER_DAY)
/* Between the 410 that warns and the one that ends the feed. */
#define POLL_GONE_USEC USEC_PER_DAY

typedef struct PollPlan {
        usec_t wait_usec;
        FeedReason reason;
} PollPlan;

/* After an answer that counts. @is_new: it was the first that was read, so what it showed is a
 * backlog, not news. */
PollPlan interval_plan(const Feed *feed, const PollPolicy *policy, bool is_new, usec_t now_usec);
/* After a failure that @feed has counted: @plan as it would be without. @retry_after_usec: 0: the
 * server did not say. */
void interval_plan_failure(
        PollPlan *plan, const Feed *feed, usec_t retry_after_usec, usec_t now_usec);
/* @base doubled for each failure after the first. At least @base, even where that is over @max. */
usec_t interval_doubled(usec_t base, unsigned n_failures, usec_t max);
/* Do the feed or its server ask for more rest than they get? */
bool interval_is_capped(const Feed *feed);

usec_t interval_with_jitter(usec_t wait, Random *random);
/* The phase's part of @wait, which comes on top of it. */
usec_t interval_phase(usec_t wait, uint16_t phase);
/* The first time from @t on that is not skipped. Whoever skips all skips nothing. */
usec_t interval_skip(const Feed *feed, usec_t t, Random *random);
