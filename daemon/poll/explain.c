/* SPDX-License-Identifier: MIT */

/* Why a feed is polled when it is: for people who wonder. */

#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "poll/schedule.h"
#include "poll/validators.h"

/* "about 3 new items an hour at this time of day", by the rate that the interval came from. */
static int explain_rate(const Feed *feed, char **ret) {
        uint32_t milli = rate_at(&feed->rate, feed->last_poll_usec);
        const char *span = "an hour";
        uint64_t n = milli;

        if (milli < 500) {
                n = UINT64_C(24) * milli;
                span = "a day";
        }
        if (n < 500) {
                n *= 30;
                span = "a month";
        }
        if (n < 500)
                return asprintf(ret, "it seldom has anything new");
        n = (n + 500) / 1000;
        return asprintf(ret, "about %" PRIu64 " new item%s %s at that time of day", n,
                n == 1 ? "" : "s", span);
}

static int explain_reason(const Feed *feed, usec_t now_usec, char **ret) {
        switch (feed->wait_reason) {
        case FEED_REASON_NONE:
                return asprintf(ret, "not polled yet");
        case FEED_REASON_START:
                return asprintf(ret, "read for the first time");
        case FEED_REASON_RATE:
                return explain_rate(feed, ret);
        case FEED_REASON_WINDOW:
                return asprintf(ret, "its %" PRIu64 " items are replaced fast", feed->n_items);
        case FEED_REASON_MISSED:
                return asprintf(ret, "items came and went unseen at a longer interval");
        case FEED_REASON_UNHEEDED:
                return asprintf(ret, "its server sends it in full each time");
        case FEED_REASON_CONFIGURED:
                return asprintf(ret, "configured");
        case FEED_REASON_MAX_AGE:
                return asprintf(ret, "its server asks for it (max-age or Expires)");
        case FEED_REASON_TTL:
                return asprintf(ret, "the feed asks for it (ttl)");
        case FEED_REASON_PERIOD:
                return asprintf(ret, "the feed asks for it (sy:updatePeriod)");
        case FEED_REASON_FAILURES:
                return asprintf(ret, "failed %u time%s in a row", feed->n_failures,
                        feed->n_failures == 1 ? "" : "s");
        case FEED_REASON_NEGLECTED:
                return asprintf(ret, "has failed for %s",
                        FORMAT_TIMESPAN(usec_sub(now_usec, feed->failing_since_usec)));
        case FEED_REASON_RETRY_AFTER:
                return asprintf(ret, "its server asked for it (Retry-After)");
        case FEED_REASON_GONE:
                return asprintf(ret, "its server said twice that it is gone");
        case FEED_REASON_MAX:
                break;
        }

        return asprintf(ret, "for no reason known");
}

char *schedule_explain(const Feed *feed, usec_t now_usec) {
        _cleanup_free_ char *reason = NULL;
        const char *skips = feed->skip_hours != 0 || feed->skip_days != 0
                ? "; not at hours and days that the feed names"
                : "";
        char *text;
        int n;

        if (explain_reason(feed, now_usec, &reason) < 0) {
                reason = NULL;
                return NULL;
        }

        if (feed->wait_reason == FEED_REASON_NONE)
                return TAKE_PTR(reason);
        if (feed->wait_reason == FEED_REASON_GONE)
                n = asprintf(&text, "never again: %s", reason);
        else
                n = asprintf(
                        &text, "after %s: %s%s", FORMAT_TIMESPAN(feed->wait_usec), reason, skips);
        return n < 0 ? NULL : text;
}
