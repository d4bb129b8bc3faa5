/* SPDX-License-Identifier: MIT */
#pragma once

/* When a feed is due and what its answer means: a pure function of state, answer and clock. Fetches
 * nothing, sleeps never, logs nothing. The rules and their sources are in schedule.c's opening
 * comment; what goes with the request is validators.h's, what is learned of a feed's rhythm
 * rate.h's, where it moved to moved.h's. */

#include "base/random.h"
#include "model/model.h"
#include "poll/rate.h"

/* No feed is polled more often, whatever is configured. */
#define POLL_INTERVAL_MIN_USEC (1 * USEC_PER_MINUTE)
/* After so long a row of 304, and at most so often, one request goes without validators. */
#define POLL_PROBE_USEC (30 * USEC_PER_DAY)
/* A feed that has failed for so long is asked once a week. */
#define POLL_NEGLECT_USEC (30 * USEC_PER_DAY)

typedef struct PollPolicy {
        bool interval_auto;
        usec_t interval_usec;
        bool eager;     /* auto: its news matters more than that of others */
        uint16_t phase; /* schedule_phase() */
} PollPolicy;

typedef enum PollOutcome {
        POLL_READ,         /* a 200 that was read to its end as a feed */
        POLL_SAME,         /* a 200 with the very bytes of the last one: not read again */
        POLL_NOT_MODIFIED, /* 304 */
        POLL_FAILED,       /* anything else; status, trouble and message say what */
} PollOutcome;

typedef struct PollAnswer {
        PollOutcome outcome;
        unsigned status;     /* 0: no answer */
        FeedTrouble trouble; /* with POLL_FAILED */
        const char *message; /* with POLL_FAILED */

        const char *url; /* where it came from; NULL: where it was asked for */
        unsigned n_redirects;
        bool moved_permanently; /* each of them 301 or 308 */
        bool url_is_taken;      /* another feed is read there */

        bool asked_conditionally, probed;
        const char *etag, *last_modified; /* of this answer, verbatim; NULL: absent */
        usec_t date_usec;                 /* its Date; 0: absent */
        const char *body_hash;            /* NULL: not known whole */
        bool cut;          /* what was read ended before the feed did: there may be more */
        usec_t asked_usec; /* when the request began; 0: now */

        usec_t max_age_usec;     /* Cache-Control/Expires less Age; 0: nothing said */
        usec_t retry_after_usec; /* a span; 0: nothing said */
        /* with POLL_READ, what the feed says of itself, as in FeedInfo */
        usec_t ttl_usec, period_usec;
        uint32_t skip_hours, skip_days;
        FeedFormat format;
        const char *title, *link;

        uint64_t n_items, n_new_items, n_changed_items;
        usec_t window_usec; /* between the oldest and the newest dated item; 0: unknown */
        PollNews news;      /* new items but those that were old when met */
} PollAnswer;

/* What is worth telling, once: bits. */
typedef enum PollEvent {
        POLL_EVENT_TROUBLE = 1 << 0, /* it worked (or was new) and fails now, or in another way */
        POLL_EVENT_RECOVERED = 1 << 1,
        POLL_EVENT_NEGLECTED = 1 << 2, /* it has failed for a month */
        POLL_EVENT_GONE = 1 << 3,
        POLL_EVENT_MOVED = 1 << 4,      /* moved_to is used from now on */
        POLL_EVENT_MOVED_BACK = 1 << 5, /* and no more */
        POLL_EVENT_MOVE_TAKEN = 1 << 6, /* it leads to where another feed is read */
        POLL_EVENT_MISSED = 1 << 7,     /* nothing of the last read was left: items were missed */
        POLL_EVENT_SILENT = 1 << 8,
        POLL_EVENT_UNHEEDED = 1 << 9,   /* its server does not heed validators */
        POLL_EVENT_UNTRUSTED = 1 << 10, /* its 304 hid news */
        POLL_EVENT_EMPTIED = 1 << 12,   /* it lists nothing any more */
        POLL_EVENT_CAPPED = 1 << 11,    /* it asks for more rest than it gets */
} PollEvent;

/* Takes @answer into @feed: validators, counters, hints, and next_poll_usec. @now_usec is
 * wall-clock time. *ret_events are PollEvent bits. 0 or -ENOMEM. */
int schedule_answer(Feed *feed, const PollPolicy *policy, const PollAnswer *answer, usec_t now_usec,
        Random *random, unsigned *ret_events) _warn_unused_;

/* When the feed is due, clock jumps mended: a time further off than any rule could have set counts
 * as now. USEC_INFINITY: no more. */
usec_t schedule_due(const Feed *feed, const PollPolicy *policy, usec_t now_usec);

/* What an HTTP status means; FEED_TROUBLE_NONE for 200, 226 and 304. */
FeedTrouble schedule_trouble(unsigned status);
/* Which part of an interval a feed waits longer, once, so that those that start together spread
 * out: the same at each start of the same machine, another on each machine. */
uint16_t schedule_phase(const char *url, const char *machine);
/* From when on a feed without news counts as silent. */
usec_t schedule_silence(const Feed *feed);

/* Why the feed is left alone for as long as it is, in a sentence without its stop, for people. The
 * caller owns it; NULL when memory is out. */
char *schedule_explain(const Feed *feed, usec_t now_usec) _warn_unused_;
