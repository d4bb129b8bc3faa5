/* SPDX-License-Identifier: MIT */

/* What the journal is told of a feed: each change of its state once, with what happens next. */

#include "base/log.h"
#include "base/url.h"
#include "pipeline-internal.h"

static void tell(const FeedRun *run, int level, const char *message_id, const char *url,
        const char *format, ...) _printf_(5, 6);

static void tell(const FeedRun *run, int level, const char *message_id, const char *url,
        const char *format, ...) {
        _cleanup_free_ char *redacted = url_redact(url, /* secret_path= */ false), *text = NULL;
        va_list arguments;

        va_start(arguments, format);
        if (vasprintf(&text, format, arguments) < 0)
                text = NULL;
        va_end(arguments);

        (void) log_event(level, 0, message_id,
                LOG_FIELDS({ "PICKET_FEED", run->feed.name }, { "PICKET_URL", redacted }),
                "Feed '%s' %s", run->feed.name, strna(text));
}

/* What to do about it, where that is known; else what is done about it. */
static const char *remedy(FeedTrouble trouble) {
        switch (trouble) {
        case FEED_TROUBLE_UNAUTHORIZED:
                return ", see credential =";
        case FEED_TROUBLE_CHALLENGE:
                return ", ask its publisher to let feed readers through";
        case FEED_TROUBLE_NONE:
        case FEED_TROUBLE_UNREACHABLE:
        case FEED_TROUBLE_TLS:
        case FEED_TROUBLE_SERVER:
        case FEED_TROUBLE_RATE_LIMITED:
        case FEED_TROUBLE_FORBIDDEN:
        case FEED_TROUBLE_MISSING:
        case FEED_TROUBLE_GONE:
        case FEED_TROUBLE_NO_FEED:
        case FEED_TROUBLE_REFUSED:
        case FEED_TROUBLE_MAX:
                break;
        }

        return "";
}

static void tell_trouble(const FeedRun *run, unsigned events) {
        const Feed *feed = &run->feed;
        usec_t wait = usec_sub(feed->next_poll_usec, pipeline_now(run->pipeline));

        if (events & POLL_EVENT_TROUBLE)
                tell(run, LOG_WARNING, MESSAGE_FEED_TROUBLE, feed_address(feed),
                        "could not be read: %s%s; polling again in %s", strna(feed->last_error),
                        remedy(feed->trouble), FORMAT_TIMESPAN(wait));
        if (events & POLL_EVENT_RECOVERED)
                tell(run, LOG_NOTICE, MESSAGE_FEED_RECOVERED, feed_address(feed),
                        "can be read again");
        if (events & POLL_EVENT_NEGLECTED)
                tell(run, LOG_WARNING, MESSAGE_FEED_NEGLECTED, feed_address(feed),
                        "could not be read for %s: %s; polling it once a week",
                        FORMAT_TIMESPAN(POLL_NEGLECT_USEC), strna(feed->last_error));
        if (events & POLL_EVENT_GONE)
                tell(run, LOG_WARNING, MESSAGE_FEED_GONE, feed_address(feed),
                        "is gone for good, its server says (410); not polling it any more, its history stays");
}

static void tell_move(const FeedRun *run, unsigned events) {
        _cleanup_free_ char *target = NULL;

        if (events & POLL_EVENT_MOVED) {
                target = url_redact(feed_address(&run->feed), /* secret_path= */ false);
                tell(run, LOG_NOTICE, MESSAGE_FEED_MOVED, run->feed.url,
                        "has moved to %s, its server says for a week; polling it there. Change url = to the new address",
                        target);
        }
        if (events & POLL_EVENT_MOVED_BACK)
                tell(run, LOG_NOTICE, MESSAGE_FEED_MOVED, run->feed.url,
                        "cannot be read where it had moved to; polling the configured address again");
        if (events & POLL_EVENT_MOVE_TAKEN)
                tell(run, LOG_NOTICE, MESSAGE_FEED_MOVED, run->feed.final_url,
                        "is redirected to where another feed is polled; going on with both, one of them can be removed");
}

static void tell_rhythm(const FeedRun *run, unsigned events) {
        const Feed *feed = &run->feed;
        usec_t now = pipeline_now(run->pipeline);

        if (events & POLL_EVENT_MISSED)
                tell(run, LOG_WARNING, MESSAGE_FEED_MISSED, feed_address(feed),
                        "lists nothing of what it listed last time: items may have come and gone unseen; polling it every %s at most where it may",
                        FORMAT_TIMESPAN(feed->window_limit_usec));
        if (events & POLL_EVENT_EMPTIED)
                tell(run, LOG_NOTICE, MESSAGE_FEED_SILENT, feed_address(feed),
                        "lists nothing any more; polling it on, what it listed stays known");
        if (events & POLL_EVENT_SILENT)
                tell(run, LOG_NOTICE, MESSAGE_FEED_SILENT, feed_address(feed),
                        "has had nothing new for %s; polling it on",
                        FORMAT_TIMESPAN(usec_sub(now, feed->last_item_usec)));
        if (events & POLL_EVENT_UNHEEDED)
                tell(run, LOG_INFO, MESSAGE_FEED_UNCONDITIONAL, feed_address(feed),
                        "is sent in full each time though nothing is new; with interval = auto, polling it once an hour at most");
        if (events & POLL_EVENT_UNTRUSTED)
                tell(run, LOG_NOTICE, MESSAGE_FEED_UNCONDITIONAL, feed_address(feed),
                        "had news while its server said that nothing changed; asking for it in full from now on, with interval = auto once an hour at most");
        if (events & POLL_EVENT_CAPPED)
                tell(run, LOG_INFO, NULL, feed_address(feed),
                        "asks to be left alone for longer than 6h; polling it after 6h all the same");
}

void feed_run_tell(const FeedRun *run, unsigned events) {
        if (events == 0)
                return;

        tell_trouble(run, events);
        tell_move(run, events);
        tell_rhythm(run, events);
}

void feed_run_tell_archive(const FeedRun *run, size_t n_old) {
        tell(run, LOG_NOTICE, MESSAGE_FEED_ARCHIVE, feed_address(&run->feed),
                "lists an archive: %zu items that it did not list before are a week or more older than its newest known one; recorded without alerts",
                n_old);
}

void feed_run_tell_repairs(const FeedRun *run) {
        if (run->n_repairs == 0)
                return;

        /* Most broken feeds are broken the same way at every poll: only the first poll tells. */
        if (!run->feed.polled_once)
                tell(run, LOG_INFO, MESSAGE_FEED_REPAIRED, feed_address(&run->feed),
                        "was read with %u repairs, the first: %s", run->n_repairs,
                        strna(run->first_repair));
        else
                log_debug("Feed '%s' was read with %u repairs, the first: %s", run->feed.name,
                        run->n_repairs, strna(run->first_repair));
}
