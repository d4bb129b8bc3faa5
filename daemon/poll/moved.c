/* SPDX-License-Identifier: MIT */

/* Hotel networks and maintenance pages answer "moved permanently" for everything, and readers that
 * believed it have lost whole lists of subscriptions. So an address is replaced only when
 *
 *   - every redirect of the way said permanent, and none led from https to http;
 *   - the end of it was read as a feed, of the format it had, that holds an item that was known, or
 *     has the same link or title;
 *   - that was so for seven days and at least five answers in a row, always with the same end;
 *   - no other feed of the configuration is read there.
 *
 * Until then, and for temporary redirects always, the configured address is asked each time and
 * the redirect is followed. When the new address fails three times in a row, the configured one is
 * asked again. */

#include "poll/moved.h"

#include <errno.h>

#include "base/str.h"

#define MOVE_USEC (7 * USEC_PER_DAY)
#define MOVE_ANSWERS_MIN 5
#define MOVED_FAILURES_MAX 3

const char *feed_address(const Feed *feed) {
        return feed->moved_to ? feed->moved_to : feed->url;
}

static void move_forget(Feed *feed) {
        feed->move_target = mfree(feed->move_target);
        feed->move_since_usec = USEC_INFINITY;
        feed->n_moves = 0;
}

static bool is_downgrade(const Feed *feed, const char *target) {
        return startswith_nocase(feed->url, "https:") && !startswith_nocase(target, "https:");
}

int moved_take(Feed *feed, const PollAnswer *answer, bool matches, usec_t now_usec) {
        const char *end = answer->url;
        bool redirected = end && answer->n_redirects > 0 && !streq(end, feed_address(feed));
        int r;

        r = free_and_strdup(&feed->final_url, redirected ? end : NULL);
        if (r < 0)
                return r;
        if (!redirected || !answer->moved_permanently || is_downgrade(feed, end)) {
                move_forget(feed);
                return 0;
        }

        if (!streq_ptr(feed->move_target, end)) {
                move_forget(feed);
                r = free_and_strdup(&feed->move_target, end);
                if (r < 0)
                        return r;
                feed->move_since_usec = now_usec;
        }
        /* Once a stranger stands there, its items are known next time and prove nothing. */
        if (!matches)
                feed->move_since_usec = USEC_INFINITY;
        if (feed->move_since_usec == USEC_INFINITY)
                return 0;

        feed->n_moves = MIN(feed->n_moves + 1, 1000u);
        if (answer->url_is_taken)
                return feed->n_moves == MOVE_ANSWERS_MIN ? POLL_EVENT_MOVE_TAKEN : 0;
        if (feed->n_moves < MOVE_ANSWERS_MIN ||
                usec_sub(now_usec, feed->move_since_usec) < MOVE_USEC)
                return 0;

        free(feed->moved_to);
        feed->moved_to = streq(end, feed->url) ? NULL : TAKE_PTR(feed->move_target);
        feed->final_url = mfree(feed->final_url);
        move_forget(feed);
        return POLL_EVENT_MOVED;
}

int moved_failed(Feed *feed) {
        if (!feed->moved_to || feed->n_failures < MOVED_FAILURES_MAX)
                return 0;

        feed->moved_to = mfree(feed->moved_to);
        move_forget(feed);
        return POLL_EVENT_MOVED_BACK;
}
