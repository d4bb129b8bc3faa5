/* SPDX-License-Identifier: MIT */

/* When a feed is polled next. The rules, in the order in which they add up:
 *
 * 1. The interval of our own. Configured: as it stands, at least POLL_INTERVAL_MIN_USEC. auto: as
 *    often as the feed has news (rate.c), 10 min to 6 h, and 30 min after the first read; half as
 *    long right after news, which seldom comes alone. At least an hour with a server that answers
 *    in full whatever it is asked. But at most a third of the time that the feed's items span, or
 *    of the time in which its busiest hour would fill it, so that nothing scrolls out unseen; where
 *    that happened all the same, half of what it was, and a quarter more with each poll that misses
 *    nothing.
 * 2. What the server asks for counts on top: the freshness left of the answer (RFC 9111, 4.2), the
 *    feed's ttl (RSS 2.0) and its sy:updatePeriod (RSS 1.0), at most HINT_MAX_USEC, since values of
 *    weeks and years are in use by mistake. They count after a 304 as after a 200: a quiet feed
 *    answers 304 nearly always.
 * 3. Failures in a row wait interval * 2^(n-1), at most a day: the first costs one interval and no
 *    more. 429 without Retry-After (RFC 6585, 4) an hour, doubling; 403 four hours, doubling; 401
 *    and pages that want to see a person at a browser a day. After 30 days of failure, a week.
 *    Feeds are never given up by count: only for 410, said twice with a day between.
 * 4. Up to 10 % more by chance, never less, so that what started together spreads out and no poll
 *    comes earlier than it may. After a first read as much more as the feed's phase says, up to
 *    twice; after hours of delay likewise, up to an hour: so the feeds of a new or restarted Picket
 *    do not march together.
 * 5. Hours and days in which the feed says it has nothing (skipHours, skipDays) are waited out.
 * 6. Retry-After (RFC 9110, 10.2.3) is absolute: no cap of ours and no poll by hand shortens it.
 *    It was cut to seven days when it was read. */

#include "poll/interval.h"

#include "base/str.h"
#include "poll/validators.h"

#define AUTO_START_USEC (30 * USEC_PER_MINUTE)
#define UNHEEDED_MIN_USEC USEC_PER_HOUR
/* A poll fits so often into what the feed's window spans. */
#define WINDOW_PART 3

#define HINT_MAX_USEC (6 * USEC_PER_HOUR)
#define FAILURE_MAX_USEC USEC_PER_DAY
#define RATE_LIMITED_USEC USEC_PER_HOUR
#define FORBIDDEN_USEC (4 * USEC_PER_HOUR)

/* --- the interval --- */

static void plan_at_least(PollPlan *plan, usec_t wait_usec, FeedReason reason) {
        if (wait_usec > plan->wait_usec)
                *plan = (PollPlan){ wait_usec, reason };
}

static void plan_at_most(PollPlan *plan, usec_t wait_usec, FeedReason reason) {
        if (wait_usec < plan->wait_usec)
                *plan = (PollPlan){ MAX(wait_usec, RATE_INTERVAL_MIN_USEC), reason };
}

/* The time in which the feed's list is renewed: as fast as it was last, while it still moves, or as
 * its busiest hour would; USEC_INFINITY: unknown. */
static usec_t window(const Feed *feed, usec_t now_usec) {
        uint64_t n = MIN(feed->n_items, UINT64_C(100000));
        uint32_t peak = rate_peak(&feed->rate);
        usec_t span = USEC_INFINITY;

        if (n < 2)
                return span;
        if (usec_sub(now_usec, feed->last_item_usec) < feed->window_usec)
                span = feed->window_usec;
        if (feed->rate.n_minutes > 0 && peak > 0) {
                usec_t busiest = n * 1000 * USEC_PER_HOUR / peak;

                span = MIN(span, busiest);
        }
        return span;
}

static PollPlan plan_auto(
        const Feed *feed, const PollPolicy *policy, bool is_new, usec_t now_usec) {
        bool just_now = !is_new && feed->last_item_usec == now_usec;
        PollPlan plan = { rate_interval(&feed->rate, now_usec, policy->eager || just_now),
                FEED_REASON_RATE };

        if (is_new || !feed->polled_once)
                plan_at_least(&plan, AUTO_START_USEC, FEED_REASON_START);
        if (poll_is_unheeded(feed) || feed->not_modified_untrusted)
                plan_at_least(&plan, UNHEEDED_MIN_USEC, FEED_REASON_UNHEEDED);
        /* Whatever it costs a server that could do something about it: nothing is to be missed. */
        plan_at_most(&plan, window(feed, now_usec) / WINDOW_PART, FEED_REASON_WINDOW);
        if (feed->window_limit_usec > 0)
                plan_at_most(&plan, feed->window_limit_usec, FEED_REASON_MISSED);
        return plan;
}

/* @is_new: what its first read shows is a backlog, not news. */
PollPlan interval_plan(const Feed *feed, const PollPolicy *policy, bool is_new, usec_t now_usec) {
        PollPlan plan;

        if (policy->interval_auto)
                plan = plan_auto(feed, policy, is_new, now_usec);
        else
                plan = (PollPlan){ MAX(policy->interval_usec, POLL_INTERVAL_MIN_USEC),
                        FEED_REASON_CONFIGURED };

        plan_at_least(&plan, MIN(feed->max_age_usec, HINT_MAX_USEC), FEED_REASON_MAX_AGE);
        plan_at_least(&plan, MIN(feed->ttl_usec, HINT_MAX_USEC), FEED_REASON_TTL);
        plan_at_least(&plan, MIN(feed->period_usec, HINT_MAX_USEC), FEED_REASON_PERIOD);
        return plan;
}

usec_t interval_doubled(usec_t base, unsigned n_failures, usec_t max) {
        usec_t wait = base;

        for (unsigned i = 1; i < n_failures && wait < max; i++)
                wait = wait > max / 2 ? max : wait * 2;
        return MAX(base, MIN(wait, max));
}

void interval_plan_failure(
        PollPlan *plan, const Feed *feed, usec_t retry_after_usec, usec_t now_usec) {
        usec_t wait = interval_doubled(plan->wait_usec, feed->n_failures, FAILURE_MAX_USEC),
               least = 0;

        switch (feed->trouble) {
        case FEED_TROUBLE_RATE_LIMITED:
                if (retry_after_usec == 0)
                        least = interval_doubled(
                                RATE_LIMITED_USEC, feed->n_failures, FAILURE_MAX_USEC);
                break;
        case FEED_TROUBLE_FORBIDDEN:
                least = interval_doubled(FORBIDDEN_USEC, feed->n_failures, FAILURE_MAX_USEC);
                break;
        case FEED_TROUBLE_UNAUTHORIZED:
        case FEED_TROUBLE_CHALLENGE:
                least = FAILURE_MAX_USEC;
                break;
        case FEED_TROUBLE_GONE:
                least = POLL_GONE_USEC;
                break;
        case FEED_TROUBLE_NONE:
        case FEED_TROUBLE_UNREACHABLE:
        case FEED_TROUBLE_TLS:
        case FEED_TROUBLE_SERVER:
        case FEED_TROUBLE_MISSING:
        case FEED_TROUBLE_NO_FEED:
        case FEED_TROUBLE_REFUSED:
        case FEED_TROUBLE_MAX:
                break;
        }
        *plan = (PollPlan){ MAX(wait, least), FEED_REASON_FAILURES };
        if (usec_sub(now_usec, feed->failing_since_usec) >= POLL_NEGLECT_USEC &&
                feed->failing_since_usec != USEC_INFINITY)
                plan_at_least(plan, POLL_NEGLECTED_WAIT_USEC, FEED_REASON_NEGLECTED);
}

bool interval_is_capped(const Feed *feed) {
        return feed->max_age_usec > HINT_MAX_USEC || feed->ttl_usec > HINT_MAX_USEC ||
                feed->period_usec > HINT_MAX_USEC;
}

/* --- chance, and hours without news --- */

usec_t interval_with_jitter(usec_t wait, Random *random) {
        return usec_add(wait, random_below(random, wait / POLL_JITTER_PART + 1));
}

usec_t interval_phase(usec_t wait, uint16_t phase) {
        return wait / (UINT16_MAX + 1u) * phase;
}

static bool is_skipped(const Feed *feed, usec_t t) {
        unsigned hour = (unsigned) (t / USEC_PER_HOUR % 24);
        unsigned day = (unsigned) ((t / USEC_PER_DAY + 4) % 7); /* 1970 began on a Thursday */

        return (feed->skip_hours >> hour & 1) || (feed->skip_days >> day & 1);
}

/* The first time from @t on that is not skipped. Whoever skips all skips nothing. */
usec_t interval_skip(const Feed *feed, usec_t t, Random *random) {
        usec_t at = t;

        if ((feed->skip_hours == 0 && feed->skip_days == 0) ||
                (feed->skip_hours & 0xffffff) == 0xffffff || (feed->skip_days & 0x7f) == 0x7f)
                return t;
        while (is_skipped(feed, at))
                at += USEC_PER_HOUR - at % USEC_PER_HOUR;
        return at == t ? t : usec_add(at, random_below(random, USEC_PER_HOUR / POLL_JITTER_PART));
}

uint16_t schedule_phase(const char *url, const char *machine) {
        uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

        for (unsigned i = 0; i < 2; i++)
                for (const char *c = i == 0 ? machine : url; c && *c; c++)
                        hash = (hash ^ (unsigned char) *c) * UINT64_C(0x100000001b3);
        /* Its high bits lag behind for short texts. */
        hash ^= hash >> 32;
        hash *= UINT64_C(0x9e3779b97f4a7c15);
        return (uint16_t) (hash >> 48);
}
