/* SPDX-License-Identifier: MIT */

/* What an answer changes, and when the next one is due. The rules of the wait are in interval.c.
 *
 * Validators (RFC 9110, 8.8) are one set from one answer. A 200 that was read replaces both, what
 * is absent is cleared; a 304 replaces those that it carries (RFC 9111, 4.3.4); failures leave
 * them. They are taken whatever else an answer holds: also with the bytes of last time, also with
 * nothing new. A reader that forgets to is asking unconditionally from then on. */

#include "poll/schedule.h"

#include <errno.h>

#include "base/str.h"
#include "poll/interval.h"
#include "poll/moved.h"
#include "poll/validators.h"

#define RETRY_AFTER_MAX_USEC (7 * USEC_PER_DAY)
/* A time that was asked for is met more closely. */
#define RETRY_JITTER_MAX_USEC (5 * USEC_PER_MINUTE)
/* Feeds so late were held up together: by a stop, a sleep, an outage. */
#define LATE_USEC USEC_PER_HOUR

/* Time services step a clock by less; a last poll further ahead was kept by a wrong clock. */
#define CLOCK_STEP_USEC USEC_PER_MINUTE

/* Nothing new for this many usual gaps is silence; within bounds that weekends and guesses need. */
#define SILENCE_GAPS 5
#define SILENCE_MIN_USEC (7 * USEC_PER_DAY)
#define SILENCE_UNKNOWN_USEC (14 * USEC_PER_DAY)
#define SILENCE_MAX_USEC (366 * USEC_PER_DAY)

/* A span that is unknown asks for nothing. */
static usec_t known(usec_t span) {
        return span == USEC_INFINITY ? 0 : span;
}

/* --- the strings of an answer --- */

static int keep(char **field, const char *value) {
        return free_and_strdup(field, isempty(value) ? NULL : value);
}

/* A validator that the answer brings; one that tells nothing is none. */
static const char *new_last_modified(const PollAnswer *answer, usec_t now_usec) {
        const char *value = validator_usable(answer->last_modified);

        if (value && !last_modified_usable(value, answer->date_usec ? answer->date_usec : now_usec))
                return NULL;
        return value;
}

/* A 200 replaces the set, with what is absent; a 304 what it carries (RFC 9111, 4.3.4). Both or
 * none. */
static int take_validators(Feed *feed, const PollAnswer *answer, usec_t now_usec) {
        _cleanup_free_ char *etag = NULL, *last_modified = NULL, *url = NULL;
        const char *new_etag = validator_usable(answer->etag),
                   *new_date = new_last_modified(answer, now_usec),
                   *new_url = answer->n_redirects > 0 ? answer->url : NULL;

        /* With its own validators, what it had still to say would be "not modified" ever after. */
        if (answer->cut)
                return 0;

        if (answer->outcome == POLL_NOT_MODIFIED) {
                if (!new_etag)
                        new_etag = feed->etag;
                if (!new_date)
                        new_date = feed->last_modified;
        }
        if ((new_etag && !(etag = strdup(new_etag))) ||
                (new_date && !(last_modified = strdup(new_date))) ||
                (new_url && !(url = strdup(new_url))))
                return -ENOMEM;

        free(feed->etag);
        feed->etag = TAKE_PTR(etag);
        free(feed->last_modified);
        feed->last_modified = TAKE_PTR(last_modified);
        free(feed->validators_url);
        feed->validators_url = TAKE_PTR(url);
        return 0;
}

/* --- what an answer says of its server --- */

/* A full answer with nothing new in it, although it was asked what is new, or could not be. */
static unsigned take_heed(Feed *feed, const PollAnswer *answer, bool same) {
        bool was_unheeded = poll_is_unheeded(feed);

        if (answer->probed)
                return 0;
        if (same && feed->n_unheeded < UINT8_MAX)
                feed->n_unheeded++;
        /* Before its etag is taken: the one that was sent. */
        if (same && poll_is_unheeded(feed) && answer->asked_conditionally && !feed->etag_dropped &&
                feed->last_modified && etag_has_coding(feed->etag)) {
                feed->etag_dropped = true;
                feed->n_unheeded = 0; /* another chance, by date alone */
        }
        return poll_is_unheeded(feed) && !was_unheeded ? POLL_EVENT_UNHEEDED : 0;
}

static unsigned take_probe(Feed *feed, const PollAnswer *answer, usec_t now_usec) {
        if (!answer->probed)
                return 0;

        feed->last_probe_usec = now_usec;
        if (answer->outcome != POLL_READ || answer->news.n_missed == 0)
                return 0;
        feed->not_modified_untrusted = true;
        return POLL_EVENT_UNTRUSTED;
}

/* --- news --- */

static bool is_family(FeedFormat a, FeedFormat b) {
        bool a_is_rss = a <= FEED_RSS20, b_is_rss = b <= FEED_RSS20;
        bool a_is_atom = a == FEED_ATOM03 || a == FEED_ATOM10,
             b_is_atom = b == FEED_ATOM03 || b == FEED_ATOM10;

        return a == b || (a_is_rss && b_is_rss) || (a_is_atom && b_is_atom);
}

/* Is what was read the feed that was read before? */
static bool is_same_feed(const Feed *feed, const PollAnswer *answer) {
        if (answer->outcome != POLL_READ || !feed->polled_once)
                return true;
        if (feed->format != FEED_FORMAT_MAX && !is_family(feed->format, answer->format))
                return false;
        return answer->n_new_items < answer->n_items ||
                (feed->link && streq_ptr(feed->link, answer->link)) ||
                (feed->title && streq_ptr(feed->title, answer->title));
}

/* Half of the interval after items were missed, unless it was us who came late. */
static unsigned take_overlap(Feed *feed, const PollAnswer *answer, bool is_new, usec_t now_usec) {
        bool missed = !is_new && feed->n_items > 1 && answer->n_items > 1 &&
                answer->n_new_items >= answer->n_items;
        usec_t since = usec_sub(now_usec, feed->last_success_usec), limit;

        if (!missed) {
                feed->overlap_told = false;
                limit = feed->window_limit_usec + feed->window_limit_usec / 4;
                feed->window_limit_usec = limit > RATE_INTERVAL_MAX_USEC ? 0 : limit;
                return 0;
        }

        feed->window_limit_usec = CLAMP(
                MIN(since, feed->wait_usec) / 2, RATE_INTERVAL_MIN_USEC, RATE_INTERVAL_MAX_USEC);
        if (feed->overlap_told)
                return 0;
        feed->overlap_told = true;
        return POLL_EVENT_MISSED;
}

static void take_news(Feed *feed, const PollAnswer *answer, bool is_new, usec_t now_usec) {
        uint64_t n = answer->news.n_items;

        rate_count(&feed->rate, &answer->news, now_usec);
        if (n == 0)
                return;

        if (is_new) { /* its items tell how it was before */
                if (answer->n_items > 1 && answer->window_usec > 0)
                        feed->gap_usec = answer->window_usec / (answer->n_items - 1);
                feed->last_item_usec = answer->news.newest_usec > 0
                        ? MIN(answer->news.newest_usec, now_usec)
                        : now_usec;
        } else {
                usec_t gap = usec_sub(now_usec, feed->last_item_usec) / n;

                if (feed->last_item_usec != USEC_INFINITY)
                        feed->gap_usec = feed->gap_usec > 0 ? (3 * feed->gap_usec + gap) / 4 : gap;
                feed->last_item_usec = now_usec;
        }
        feed->silence_told = false;
}

usec_t schedule_silence(const Feed *feed) {
        if (feed->gap_usec == 0)
                return SILENCE_UNKNOWN_USEC;
        return CLAMP(MIN(feed->gap_usec, SILENCE_MAX_USEC) * SILENCE_GAPS, SILENCE_MIN_USEC,
                SILENCE_MAX_USEC);
}

static unsigned take_silence(Feed *feed, usec_t now_usec) {
        if (feed->silence_told || feed->last_item_usec == USEC_INFINITY ||
                usec_add(feed->last_item_usec, schedule_silence(feed)) >= now_usec)
                return 0;
        feed->silence_told = true;
        return POLL_EVENT_SILENT;
}

/* --- an answer --- */

/* Bytes that stay the same need no reading. Before the new hash is taken. */
static void take_bytes(Feed *feed, const PollAnswer *answer) {
        bool same = answer->outcome == POLL_SAME ||
                (answer->body_hash && streq_ptr(answer->body_hash, feed->body_hash));

        feed->n_same = same ? MIN(feed->n_same + 1, (unsigned) UINT8_MAX) : 0;
}

static int take_read(Feed *feed, const PollAnswer *answer, usec_t now_usec) {
        feed->ttl_usec = known(answer->ttl_usec);
        feed->period_usec = known(answer->period_usec);
        feed->skip_hours = answer->skip_hours;
        feed->skip_days = answer->skip_days;
        feed->format = answer->format;
        feed->n_items = answer->n_items;
        feed->window_usec = known(answer->window_usec);
        feed->last_read_usec = answer->asked_usec > 0 ? answer->asked_usec : now_usec;
        feed->polled_once = true;
        if (keep(&feed->title, answer->title ? answer->title : feed->title) < 0 ||
                keep(&feed->link, answer->link ? answer->link : feed->link) < 0 ||
                keep(&feed->body_hash, answer->body_hash) < 0)
                return -ENOMEM;
        return 0;
}

/* The events of it, or -ENOMEM. */
static int take_success(Feed *feed, const PollAnswer *answer, usec_t now_usec) {
        bool is_new = !feed->polled_once, was_capped = interval_is_capped(feed), full, same;
        unsigned events = 0;
        int r;

        full = answer->outcome == POLL_READ || answer->outcome == POLL_SAME;
        same = answer->outcome == POLL_SAME ||
                (answer->outcome == POLL_READ && !is_new && answer->n_new_items == 0 &&
                        answer->n_changed_items == 0);

        r = moved_take(feed, answer, is_same_feed(feed, answer), now_usec);
        if (r < 0)
                return r;
        events |= (unsigned) r;
        events |= take_probe(feed, answer, now_usec);
        if (full) {
                events |= take_heed(feed, answer, same);
                take_bytes(feed, answer);
        } else
                feed->n_unheeded = 0;
        r = take_validators(feed, answer, now_usec);
        if (r < 0)
                return r;

        if (answer->outcome == POLL_READ) {
                events |= take_overlap(feed, answer, is_new, now_usec);
                if (feed->n_items > 0 && answer->n_items == 0)
                        events |= POLL_EVENT_EMPTIED;
                r = take_read(feed, answer, now_usec);
                if (r < 0)
                        return r;
        }
        take_news(feed, answer, is_new, now_usec);
        if (full)
                feed->not_modified_since_usec = 0;
        else if (feed->not_modified_since_usec == 0)
                feed->not_modified_since_usec = now_usec;

        feed->last_error = mfree(feed->last_error);
        feed->max_age_usec = known(answer->max_age_usec);
        feed->last_success_usec = now_usec;
        events |= take_silence(feed, now_usec);
        if (interval_is_capped(feed) && !was_capped)
                events |= POLL_EVENT_CAPPED;
        if (feed->n_failures > 0)
                events |= POLL_EVENT_RECOVERED;
        feed->n_failures = 0;
        feed->trouble = FEED_TROUBLE_NONE;
        feed->failing_since_usec = feed->gone_since_usec = USEC_INFINITY;
        feed->gone = false;
        return (int) events;
}

/* Troubles of a server pass into each other; the others are news each time. */
static bool is_passing(FeedTrouble trouble) {
        return trouble == FEED_TROUBLE_UNREACHABLE || trouble == FEED_TROUBLE_SERVER ||
                trouble == FEED_TROUBLE_RATE_LIMITED;
}

/* 410 twice with a day between, and nothing else that the server said. */
static unsigned take_gone(Feed *feed, const PollAnswer *answer, usec_t now_usec) {
        if (answer->trouble != FEED_TROUBLE_GONE) {
                if (answer->status != 0)
                        feed->gone_since_usec = USEC_INFINITY;
                return 0;
        }
        if (feed->gone_since_usec == USEC_INFINITY ||
                !streq_ptr(feed->final_url, answer->n_redirects > 0 ? answer->url : NULL)) {
                feed->gone_since_usec = now_usec;
                return 0;
        }
        if (feed->gone || usec_sub(now_usec, feed->gone_since_usec) < POLL_GONE_USEC)
                return 0;

        feed->gone = true;
        return POLL_EVENT_GONE;
}

static int take_failure(Feed *feed, const PollAnswer *answer, usec_t now_usec) {
        FeedTrouble before = feed->trouble;
        bool failed_before = feed->n_failures > 0, neglected_before;
        unsigned events = 0;
        int moved;

        if (free_and_strdup(&feed->last_error, answer->message ? answer->message : "failed") < 0)
                return -ENOMEM;

        neglected_before = feed->wait_reason == FEED_REASON_NEGLECTED;
        feed->trouble =
                answer->trouble == FEED_TROUBLE_NONE ? FEED_TROUBLE_SERVER : answer->trouble;
        events |= take_gone(feed, answer, now_usec);
        if (answer->status != 0 &&
                keep(&feed->final_url, answer->n_redirects > 0 ? answer->url : NULL) < 0)
                return -ENOMEM;

        if (feed->n_failures < UINT32_MAX)
                feed->n_failures++;
        if (feed->failing_since_usec == USEC_INFINITY || feed->failing_since_usec > now_usec)
                feed->failing_since_usec = now_usec;
        if (answer->probed)
                feed->last_probe_usec = now_usec;
        if (answer->news.n_items > 0) /* what was read before it broke off */
                take_news(feed, answer, !feed->polled_once, now_usec);

        moved = moved_failed(feed);
        if (moved & POLL_EVENT_MOVED_BACK) {
                validators_forget(feed); /* they were the other's */
                events |= POLL_EVENT_MOVED_BACK;
        }
        if (!(events & POLL_EVENT_GONE) &&
                (!failed_before ||
                        (feed->trouble != before &&
                                !(is_passing(feed->trouble) && is_passing(before)))))
                events |= POLL_EVENT_TROUBLE;
        if (usec_sub(now_usec, feed->failing_since_usec) >= POLL_NEGLECT_USEC &&
                !neglected_before && !feed->gone)
                events |= POLL_EVENT_NEGLECTED;
        return (int) events;
}

/* What a clock that was ahead has kept lies in the future, and would be waited for. */
static void mend_times(Feed *feed, usec_t now_usec) {
        usec_t *const times[] = { &feed->last_success_usec, &feed->last_read_usec,
                &feed->last_item_usec, &feed->not_modified_since_usec, &feed->last_probe_usec,
                &feed->failing_since_usec, &feed->gone_since_usec, &feed->move_since_usec };

        for (size_t i = 0; i < ELEMENTSOF(times); i++)
                if (*times[i] != USEC_INFINITY)
                        *times[i] = MIN(*times[i], now_usec);
}

int schedule_answer(Feed *feed, const PollPolicy *policy, const PollAnswer *answer, usec_t now_usec,
        Random *random, unsigned *ret_events) {
        bool failed = answer->outcome == POLL_FAILED, is_new = !feed->polled_once,
             late = feed->next_poll_usec > 0 &&
                usec_add(feed->next_poll_usec, LATE_USEC) < now_usec;
        usec_t retry_after, due, wait;
        PollPlan plan;
        int r;

        mend_times(feed, now_usec);
        r = failed ? take_failure(feed, answer, now_usec) : take_success(feed, answer, now_usec);
        if (r < 0)
                return r;
        feed->last_poll_usec = now_usec;
        feed->last_status = answer->status;

        retry_after = MIN(known(answer->retry_after_usec), RETRY_AFTER_MAX_USEC);
        feed->retry_after_usec = retry_after > 0 ? usec_add(now_usec, retry_after) : 0;

        plan = interval_plan(feed, policy, is_new, now_usec);
        if (failed)
                interval_plan_failure(&plan, feed, retry_after, now_usec);
        wait = plan.wait_usec;
        if (is_new)
                wait = usec_add(wait, interval_phase(wait, policy->phase));
        else if (late) /* chance spreads the longer ones far enough */
                wait = usec_add(wait, interval_phase(MIN(wait, LATE_USEC), policy->phase));
        due = interval_skip(feed, usec_add(now_usec, interval_with_jitter(wait, random)), random);
        if (retry_after > plan.wait_usec)
                plan = (PollPlan){ retry_after, FEED_REASON_RETRY_AFTER };
        if (retry_after > 0)
                due = MAX(due,
                        usec_add(feed->retry_after_usec,
                                random_below(random,
                                        MIN(retry_after / POLL_JITTER_PART, RETRY_JITTER_MAX_USEC) +
                                                1)));
        if (feed->gone) {
                plan = (PollPlan){ USEC_INFINITY, FEED_REASON_GONE };
                due = USEC_INFINITY;
        }

        feed->wait_usec = plan.wait_usec;
        feed->wait_reason = plan.reason;
        feed->next_poll_usec = due;
        *ret_events = (unsigned) r;
        return 0;
}

FeedTrouble schedule_trouble(unsigned status) {
        switch (status) {
        case 200:
        case 226:
        case 304:
                return FEED_TROUBLE_NONE;
        case 0:
                return FEED_TROUBLE_UNREACHABLE;
        case 401:
        case 407:
                return FEED_TROUBLE_UNAUTHORIZED;
        case 403:
                return FEED_TROUBLE_FORBIDDEN;
        case 408:
        case 425:
                return FEED_TROUBLE_SERVER;
        case 410:
                return FEED_TROUBLE_GONE;
        case 429:
                return FEED_TROUBLE_RATE_LIMITED;
        default:
                return status >= 400 && status < 500 ? FEED_TROUBLE_MISSING : FEED_TROUBLE_SERVER;
        }
}

/* --- due --- */

/* No rule sets a time further off than this from when it is set. */
static usec_t longest_wait(const PollPolicy *policy) {
        usec_t wait = MAX(RETRY_AFTER_MAX_USEC, POLL_NEGLECTED_WAIT_USEC);

        if (!policy->interval_auto)
                wait = MAX(wait,
                        usec_add(policy->interval_usec,
                                interval_phase(policy->interval_usec, policy->phase)));
        /* A week of days that are skipped may follow. */
        return usec_add(usec_add(wait, wait / POLL_JITTER_PART), 7 * USEC_PER_DAY);
}

usec_t schedule_due(const Feed *feed, const PollPolicy *policy, usec_t now_usec) {
        usec_t furthest = usec_add(now_usec, longest_wait(policy)), due = feed->next_poll_usec;

        if (feed->gone && due != 0)
                return USEC_INFINITY;
        /* The clock was wrong when these were kept. */
        if (feed->last_poll_usec != USEC_INFINITY &&
                feed->last_poll_usec > usec_add(now_usec, CLOCK_STEP_USEC))
                return now_usec;

        /* An interval that was shortened since counts at once. */
        if (!policy->interval_auto && feed->n_failures == 0 && feed->skip_hours == 0 &&
                feed->skip_days == 0 && feed->last_poll_usec != USEC_INFINITY) {
                usec_t wait = interval_plan(feed, policy, /* is_new= */ false, now_usec).wait_usec;

                if (due > usec_add(feed->last_poll_usec, 2 * (wait + wait / POLL_JITTER_PART)))
                        due = usec_add(feed->last_poll_usec, wait + wait / POLL_JITTER_PART);
        }

        due = MAX(due, feed->retry_after_usec);
        return due > furthest ? now_usec : due;
}
