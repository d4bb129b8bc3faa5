/* SPDX-License-Identifier: MIT */

/* Answers, and what they allow and forbid from then on. */

#include <stdio.h>

#include "base/str.h"
#include "ledger.h"

#define HINT_CAP_USEC (6 * USEC_PER_HOUR)
#define FLOOR_USEC (10 * USEC_PER_MINUTE)
/* A day, and what chance and the phase add. */
#define LONGEST_BACKOFF_USEC (29 * USEC_PER_HOUR)
#define RETRY_JITTER_USEC (5 * USEC_PER_MINUTE)
#define SLOW_USEC (30 * USEC_PER_DAY)

void rules_hop_over(const char *url) {
        const Host *host = world_host(url);

        if (host && ledger_host(host)->n_in_flight > 0)
                ledger_host(host)->n_in_flight--;
}

void rules_page_over(const char *url, const HttpResponse *response) {
        const Host *host = world_host(url);
        unsigned number, i;

        rules_hop_over(url);
        if (!host || response->status == 0)
                return;
        if (response->n_redirects == 0)
                ledger_host(host)->address_known = true;
        if (endswith(url, "/robots.txt")) {
                if (response->status == 200 || response->status == 404)
                        ledger_host(host)->robots_read_usec = loop_boot();
        } else if (response->status == 200 && world_parse_link(url, &number, &i) &&
                i < world.publishers[number].n_items)
                items_note_page(number, i);
}

static usec_t doubled(usec_t base, unsigned n, usec_t max) {
        usec_t wait = base;

        for (unsigned i = 1; i < n && wait < max; i++)
                wait = MIN(2 * wait, max);
        return wait;
}

/* All its feeds wait for that time, and come one after the other then. */
static void expect_queue(usec_t after) {
        size_t slot = (loop_true() + after - world.options.from_usec) / SLOT_USEC;

        for (size_t i = slot; i < MIN(slot + 12, rules.n_slots); i++)
                rules.slots_disturbed[i] = true;
}

/* What a server asks for holds for whom? */
static void take_closing(Ledger *l, const Host *host, const Reply *reply, unsigned status) {
        DomainLedger *d = ledger_domain(host);
        usec_t after = reply->after_usec, boot = loop_boot();

        l->after_usec = after;
        if (after > 0) {
                l->closed_usec = boot + after;
                l->closed_wall_usec = ledger_wall() + after;
                expect_queue(after);
        }
        if (status == 429) {
                d->n_limited++;
                if (after == 0)
                        after = doubled(USEC_PER_HOUR, d->n_limited, USEC_PER_DAY);
                d->closed_usec = MAX(d->closed_usec, boot + after);
                d->slow_usec = boot + SLOW_USEC;
                expect_queue(after);
        } else if ((status >= 200 && status < 300) || status == 304)
                d->n_limited = 0;
}

static void take_validators(Publisher *p, Ledger *l, const HttpResponse *response) {
        bool new = response->status == 200;
        /* A date a day ahead of the answer's own is none. */
        const char *date = p->validating == VALIDATING_FUTURE ? NULL : response->last_modified;

        if (new || response->etag)
                ledger_keep(&l->etag, response->etag);
        if (new || date)
                ledger_keep(&l->last_modified, date);
        ledger_keep(&l->url, response->url);
        l->validators_unsure = false;
}

/* The longest that the server and the feed ask for. */
static usec_t asked_wait(const Publisher *p, const Reply *reply) {
        usec_t wait = reply->hint_usec;

        if (p->hint == HINT_TTL)
                wait = MAX(wait, p->hint_seconds / 60 * USEC_PER_MINUTE);
        else if (p->hint == HINT_PERIOD)
                wait = MAX(wait, 30 * USEC_PER_MINUTE);
        return MIN(wait, HINT_CAP_USEC);
}

static void take_success(
        Publisher *p, Ledger *l, const Reply *reply, const HttpResponse *response) {
        usec_t now = ledger_wall();
        bool news = !l->read_once || (reply->first < reply->beyond && reply->beyond > l->beyond);

        take_validators(p, l, response);
        if (reply->is_feed) {
                items_served(p, reply->first, reply->beyond, /* whole= */ true);
                rules.figures.n_full++;
                l->n_full_same += !news;
                if (p->validating == VALIDATING_CODING && l->n_full_same >= 3)
                        l->coding_dropped = true;
                l->not_modified_since_usec = 0;
                l->read_once = l->hints_known = true;
                if (reply->first < reply->beyond)
                        l->beyond = reply->beyond;
        } else {
                rules.figures.n_not_modified++;
                l->n_full_same = 0;
                if (l->not_modified_since_usec == 0)
                        l->not_modified_since_usec = now;
        }
        l->due_usec = now + MAX(FLOOR_USEC, asked_wait(p, reply));
        /* After a time without news, or empty all at once, what is known of its rhythm is old. */
        if (reply->is_feed && reply->first == reply->beyond)
                l->n_unsettled = 2;
        else if (reply->is_feed && l->n_unsettled > 0)
                l->n_unsettled--;
        l->n_failures = 0;
        l->failing_since_usec = l->gone_since_usec = 0;
        l->gone = false;
        l->told = FEED_TROUBLE_MAX;
        l->last_success_usec = loop_true();
        l->last_success_boot_usec = loop_boot();
}

/* Twice from the same place, with a day between. */
static void take_gone(Ledger *l, const char *url, unsigned status) {
        usec_t now = ledger_wall();

        if (status != 410)
                l->gone_since_usec = 0;
        else if (l->gone_since_usec == 0 || !streq(l->gone_url, url)) {
                l->gone_since_usec = now;
                ledger_keep(&l->gone_url, url);
        } else if (now >= l->gone_since_usec + USEC_PER_DAY)
                l->gone = true;
}

/* An answer that is none: the server spoke, so it counts. */
static void take_failure(Ledger *l, const Reply *reply, const char *url, unsigned status) {
        usec_t now = ledger_wall(), wait;

        l->n_failures++;
        if (l->failing_since_usec == 0)
                l->failing_since_usec = now;
        take_gone(l, url, status);

        wait = doubled(FLOOR_USEC, l->n_failures, USEC_PER_DAY);
        if (status == 403)
                wait = MAX(wait, reply->head.challenge ? USEC_PER_DAY : 4 * USEC_PER_HOUR);
        else if (status == 401 || status == 410)
                wait = USEC_PER_DAY;
        else if (status == 429 && reply->after_usec == 0)
                wait = MAX(wait, doubled(USEC_PER_HOUR, l->n_failures, USEC_PER_DAY));
        if (now >= l->failing_since_usec + 30 * USEC_PER_DAY)
                wait = 7 * USEC_PER_DAY;
        l->due_usec = now + wait;
}

void rules_outcome(const char *configured_url, const Reply *reply, const HttpResponse *response) {
        Publisher *p = world_publisher(configured_url);
        const Host *host = world_host(response->url);
        Ledger *l;

        rules_hop_over(response->url);
        if (!p)
                return;
        l = &rules.ledgers[p->number];
        if (rules_watched == p->number)
                printf("%s %s status %u, %s, items %zu to %zu, ETag %s, Last-Modified %s\n",
                        FORMAT_RFC3339(loop_true()), response->url, response->status,
                        http_failure_to_string(reply->failure), reply->first, reply->beyond,
                        ledger_show(response->etag), ledger_show(response->last_modified));
        l->in_flight = l->by_hand = false;
        l->after_usec = 0;
        if (host && response->status != 0 && response->n_redirects == 0)
                ledger_host(host)->address_known = true;
        if (host && response->status != 0)
                take_closing(l, host, reply, response->status);

        if (reply->failure == HTTP_OK && (reply->is_feed || response->status == 304)) {
                take_success(p, l, reply, response);
                return;
        }

        rules.figures.n_failed++;
        l->n_unsettled = 2;
        if (response->status == 200 && reply->beyond > 0) { /* cut off */
                l->validators_unsure = true;
                ledger_keep(&l->cut_etag, response->etag);
                ledger_keep(&l->cut_last_modified,
                        p->validating == VALIDATING_FUTURE ? NULL : response->last_modified);
                items_served(p, reply->first, reply->beyond, /* whole= */ false);
                if (reply->failure == HTTP_OK) { /* nobody noticed, perhaps: it may count as read */
                        l->told = FEED_TROUBLE_MAX;
                        l->n_failures = 0;
                        l->failing_since_usec = l->gone_since_usec = 0;
                        return;
                }
        }
        if (response->status != 0 && !reply->is_portal)
                take_failure(l, reply, response->url, response->status);
}

/* s11_06: to the second, and not much later where no other rule can ask for as much. */
static void check_retry_after(const Publisher *p, const Ledger *l, const Feed *feed) {
        if (l->after_usec == 0)
                return;
        if (feed->next_poll_usec < l->closed_wall_usec)
                rules_break("s11_06", "%s is due %s before Retry-After allows", p->url,
                        FORMAT_TIMESPAN(l->closed_wall_usec - feed->next_poll_usec));
        else if (l->after_usec > LONGEST_BACKOFF_USEC && !p->skip_hours && !p->skip_days &&
                feed->next_poll_usec > l->closed_wall_usec + RETRY_JITTER_USEC)
                rules_break("s11_06", "%s is due %s after Retry-After allows", p->url,
                        FORMAT_TIMESPAN(feed->next_poll_usec - l->closed_wall_usec));
}

void rules_counted(const char *configured_url) {
        Publisher *p = world_publisher(configured_url);
        const FeedRun *run = p ? rules.runs[p->number] : NULL;

        if (!run)
                return;
        if (rules_watched == p->number)
                printf("%s due %s, %s\n", FORMAT_RFC3339(loop_true()),
                        ledger_show(FORMAT_RFC3339(run->feed.next_poll_usec)),
                        feed_reason_to_string(run->feed.wait_reason));
        check_retry_after(p, &rules.ledgers[p->number], &run->feed);
        /* s11_10: it is for good, and known to be. */
        if (rules.ledgers[p->number].gone && !run->feed.gone)
                rules_break("s11_10", "%s said 410 twice, and is not gone", configured_url);
}
