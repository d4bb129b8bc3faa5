/* SPDX-License-Identifier: MIT */

/* When a feed is polled next. The rules, in the order in which they add up:
 *
 * 1. The interval of our own. Configured: as it stands, at least POLL_INTERVAL_MIN_USEC. auto: a
 *    quarter of the time since the feed last had a new item, within 10 min and 6 h; so a feed that
 *    just had news is looked at often, and one that has been silent for a day four times a day. A
 *    feed that never showed a new item starts at 30 min. (The idea is CommaFeed's, which waits
 *    longer the longer ago the last item was; a quarter bounds the delay to 25 % of the silence
 *    before it.)
 * 2. What the server asks for counts on top: the freshness left of the answer (RFC 9111, 4.2) and
 *    the feed's own ttl (RSS 2.0), at most HINT_MAX_USEC, since values of weeks and years are in
 * use by mistake. They count after a 304 as after a 200: a quiet feed answers 304 nearly always.
 * 3. Failures in a row wait interval * 2^(n-1), at most a day: the first costs one interval and no
 *    more. Feeds are never given up by count. 404 and 410 (gone) go to once a day by the same
 *    doubling, so that a moment's mistake costs no day; 429 without Retry-After (RFC 6585, 4) waits
 *    an hour, doubling.
 * 4. Retry-After (RFC 9110, 10.2.3) is absolute: no cap of ours and no poll by hand shortens it.
 *    It was cut to seven days when it was read.
 * 5. Up to 10 % more by chance, never less, so that what started together spreads out and no poll
 *    comes earlier than it may.
 *
 * Validators (RFC 9110, 8.8) are one set from one answer. A 200 that was read replaces both, what
 * is absent is cleared; a 304 replaces those that it carries (RFC 9111, 4.3.4); failures leave
 * them. They are opaque bytes, kept as received. */

#include "poll/schedule.h"

#include <errno.h>

#include "base/str.h"

#define AUTO_START_USEC (30 * USEC_PER_MINUTE)
#define AUTO_MIN_USEC (10 * USEC_PER_MINUTE)
#define AUTO_MAX_USEC (6 * USEC_PER_HOUR)
#define AUTO_PART 4

#define HINT_MAX_USEC (6 * USEC_PER_HOUR)
#define RETRY_AFTER_MAX_USEC (7 * USEC_PER_DAY)
#define FAILURE_MAX_USEC USEC_PER_DAY
#define RATE_LIMITED_USEC USEC_PER_HOUR

/* One more part in so many, at most, by chance. */
#define JITTER_PART 10

/* Time services step a clock by less; a last poll further ahead was kept by a wrong clock. */
#define CLOCK_STEP_USEC USEC_PER_MINUTE

/* Real ones are under 100 bytes; a request's head has to carry them. */
#define VALIDATOR_BYTES_MAX 1024

/* No rule sets a time further off than this: Retry-After with its jitter is the longest, unless the
 * administrator configured more. */
static usec_t longest_wait(const PollPolicy *policy) {
        usec_t wait = RETRY_AFTER_MAX_USEC;

        if (!policy->interval_auto)
                wait = MAX(wait, policy->interval_usec);
        return usec_add(wait, wait / JITTER_PART);
}

/* @is_new: what its first read shows is a backlog, not news. */
static usec_t own_interval(
        const Feed *feed, const PollPolicy *policy, bool is_new, usec_t now_usec) {
        if (!policy->interval_auto)
                return MAX(policy->interval_usec, POLL_INTERVAL_MIN_USEC);

        if (is_new || feed->last_item_usec == USEC_INFINITY || feed->last_item_usec == 0)
                return AUTO_START_USEC;
        return CLAMP(
                usec_sub(now_usec, feed->last_item_usec) / AUTO_PART, AUTO_MIN_USEC, AUTO_MAX_USEC);
}

/* A span that is unknown asks for nothing. */
static usec_t known(usec_t span) {
        return span == USEC_INFINITY ? 0 : span;
}

static usec_t hint(const Feed *feed) {
        return MIN(MAX(feed->max_age_usec, feed->ttl_usec), HINT_MAX_USEC);
}

/* @base doubled for each failure after the first. At least @base, even where that is over @max. */
static usec_t doubled(usec_t base, unsigned n_failures, usec_t max) {
        usec_t wait = base;

        for (unsigned i = 1; i < n_failures && wait < max; i++)
                wait = wait > max / 2 ? max : wait * 2;
        return MAX(base, MIN(wait, max));
}

static usec_t with_jitter(usec_t wait, Random *random) {
        return usec_add(wait, random_below(random, wait / JITTER_PART + 1));
}

static usec_t failure_wait(const Feed *feed, const PollAnswer *answer, usec_t interval) {
        usec_t wait = doubled(interval, feed->n_failures, FAILURE_MAX_USEC);

        if (answer->status == 429 && known(answer->retry_after_usec) == 0)
                wait = MAX(wait, doubled(RATE_LIMITED_USEC, feed->n_failures, FAILURE_MAX_USEC));
        return wait;
}

/* --- validators --- */

static const char *usable_validator(const char *value) {
        if (isempty(value) || strlen(value) > VALIDATOR_BYTES_MAX)
                return NULL;
        for (const char *c = value; *c; c++)
                if ((unsigned char) *c < ' ' || *c == 0x7f)
                        return NULL;
        return value;
}

/* Replaces all strings of @feed that the answer changes, or none. */
static int take_strings(Feed *feed, const PollAnswer *answer) {
        _cleanup_free_ char *etag = NULL, *last_modified = NULL, *title = NULL, *error = NULL;
        const char *new_etag = usable_validator(answer->etag);
        const char *new_last_modified = usable_validator(answer->last_modified);
        const char *new_error = NULL, *new_title = answer->title;

        switch (answer->outcome) {
        case POLL_READ:
                break;
        case POLL_NOT_MODIFIED:
                if (!new_etag)
                        new_etag = feed->etag;
                if (!new_last_modified)
                        new_last_modified = feed->last_modified;
                break;
        case POLL_FAILED:
                new_etag = feed->etag;
                new_last_modified = feed->last_modified;
                new_error = answer->message ? answer->message : "failed";
                break;
        }
        if (isempty(new_title) || answer->outcome != POLL_READ)
                new_title = feed->title;

        if ((new_etag && !(etag = strdup(new_etag))) ||
                (new_last_modified && !(last_modified = strdup(new_last_modified))) ||
                (new_title && !(title = strdup(new_title))) ||
                (new_error && !(error = strdup(new_error))))
                return -ENOMEM;

        free(feed->etag);
        feed->etag = TAKE_PTR(etag);
        free(feed->last_modified);
        feed->last_modified = TAKE_PTR(last_modified);
        free(feed->title);
        feed->title = TAKE_PTR(title);
        free(feed->last_error);
        feed->last_error = TAKE_PTR(error);
        return 0;
}

/* --- an answer --- */

static void take_success(Feed *feed, const PollAnswer *answer, usec_t now_usec) {
        feed->n_failures = 0;
        feed->last_success_usec = now_usec;
        feed->max_age_usec = known(answer->max_age_usec);

        if (answer->outcome != POLL_READ)
                return; /* a 304 has no body, so what the feed said last still holds */
        feed->ttl_usec = known(answer->ttl_usec);
        feed->n_items = answer->n_items;
        feed->polled_once = true;
        if (answer->n_new_items > 0)
                feed->last_item_usec = now_usec;
}

int schedule_answer(Feed *feed, const PollPolicy *policy, const PollAnswer *answer, usec_t now_usec,
        Random *random, PollChange *ret_change) {
        bool failed = answer->outcome == POLL_FAILED, failed_before = feed->n_failures > 0;
        bool is_new = !feed->polled_once;
        usec_t wait, retry_after;
        int r;

        r = take_strings(feed, answer);
        if (r < 0)
                return r;

        feed->last_poll_usec = now_usec;
        feed->last_status = answer->status;
        if (!failed)
                take_success(feed, answer, now_usec);
        else if (feed->n_failures < UINT32_MAX)
                feed->n_failures++;

        wait = MAX(own_interval(feed, policy, is_new, now_usec), hint(feed));
        if (failed)
                wait = failure_wait(feed, answer, wait);

        retry_after = MIN(known(answer->retry_after_usec), RETRY_AFTER_MAX_USEC);
        feed->retry_after_usec = retry_after > 0 ? usec_add(now_usec, retry_after) : 0;
        feed->next_poll_usec = usec_add(now_usec, with_jitter(MAX(wait, retry_after), random));

        *ret_change = failed == failed_before ? POLL_UNCHANGED
                : failed                      ? POLL_TROUBLE
                                              : POLL_RECOVERED;
        return 0;
}

/* --- due --- */

usec_t schedule_due(const Feed *feed, const PollPolicy *policy, usec_t now_usec) {
        usec_t furthest = usec_add(now_usec, longest_wait(policy)), due = feed->next_poll_usec;

        /* The clock was wrong when these were kept. */
        if (feed->last_poll_usec != USEC_INFINITY &&
                feed->last_poll_usec > usec_add(now_usec, CLOCK_STEP_USEC))
                return now_usec;

        /* An interval that was shortened since counts at once. */
        if (!policy->interval_auto && feed->n_failures == 0 &&
                feed->last_poll_usec != USEC_INFINITY) {
                usec_t wait =
                        MAX(own_interval(feed, policy, /* is_new= */ false, now_usec), hint(feed));

                due = MIN(due, usec_add(feed->last_poll_usec, wait + wait / JITTER_PART));
        }

        due = MAX(due, feed->retry_after_usec);
        return due > furthest ? now_usec : due;
}
