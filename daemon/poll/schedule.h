/* SPDX-License-Identifier: MIT */
#pragma once

/* When a feed is due and what its answer means: a pure function of state, answer and clock. Fetches
 * nothing, sleeps never, logs nothing. The rules and their sources are in schedule.c's opening
 * comment. */

#include "base/random.h"
#include "model/model.h"

/* No feed is polled more often, whatever is configured. */
#define POLL_INTERVAL_MIN_USEC (1 * USEC_PER_MINUTE)

typedef struct PollPolicy {
        bool interval_auto;
        usec_t interval_usec;
} PollPolicy;

typedef enum PollOutcome {
        POLL_READ,         /* a 200 that was read to its end as a feed */
        POLL_NOT_MODIFIED, /* 304 */
        POLL_FAILED,       /* anything else; status and message say what */
} PollOutcome;

typedef struct PollAnswer {
        PollOutcome outcome;
        unsigned status;                  /* 0: no answer */
        const char *message;              /* with POLL_FAILED */
        const char *etag, *last_modified; /* of this answer, verbatim; NULL: absent */
        usec_t max_age_usec;              /* Cache-Control/Expires less Age; 0: nothing said */
        usec_t retry_after_usec;          /* a span; 0: nothing said */
        usec_t ttl_usec;                  /* the feed's own */
        uint64_t n_items, n_new_items;
        const char *title;
} PollAnswer;

/* What is worth telling: a state that changed. */
typedef enum PollChange {
        POLL_UNCHANGED,
        POLL_TROUBLE, /* it worked (or was new) and fails now */
        POLL_RECOVERED,
} PollChange;

/* Takes @answer into @feed: validators, counters, hints, and next_poll_usec. @now_usec is
 * wall-clock time. 0 or -ENOMEM. */
int schedule_answer(Feed *feed, const PollPolicy *policy, const PollAnswer *answer, usec_t now_usec,
        Random *random, PollChange *ret_change) _warn_unused_;

/* When the feed is due, clock jumps mended: a time further off than any rule could have set counts
 * as now. */
usec_t schedule_due(const Feed *feed, const PollPolicy *policy, usec_t now_usec);
