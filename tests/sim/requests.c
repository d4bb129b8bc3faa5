/* SPDX-License-Identifier: MIT */

/* Requests, as they are made, held against what their servers said before. */

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ledger.h"

#define SPACING_USEC (2 * USEC_PER_SEC)
#define SLOW_SPACING_USEC (10 * USEC_PER_SEC)
#define PROBE_USEC (30 * USEC_PER_DAY)

void rules_request(const HttpSpec *spec) {
        Publisher *p = world_publisher(spec->url);

        if (spec->method || spec->body || spec->headers || spec->authorization)
                rules_break("s11_19", "%s: more than a GET", spec->url);
        if (!spec->accept || !strstr(spec->accept, "application/rss+xml"))
                rules_break("s11_19", "%s: no feed is accepted", spec->url);
        if ((spec->if_none_match && !*spec->if_none_match) ||
                (spec->if_modified_since && !*spec->if_modified_since))
                rules_break("s11_01", "%s: an empty validator", spec->url);
        if (!p)
                rules_break("s11_19", "%s: nobody's feed", spec->url);
        else if (!streq(spec->url, p->url)) {
                if (p->way != WAY_MOVED || !streq(spec->url, p->target_url) ||
                        loop_true() < p->way_usec + 7 * USEC_PER_DAY)
                        rules_break("s11_09", "%s is asked instead of %s", spec->url, p->url);
        }
}

static bool is_skipped(const Publisher *p, usec_t t) {
        return (p->skip_hours >> (t / USEC_PER_HOUR % 24) & 1) ||
                (p->skip_days >> ((t / USEC_PER_DAY + 4) % 7) & 1);
}

static void check_time(Publisher *p, Ledger *l, const char *url) {
        const FeedRun *run = rules.runs[p->number];
        usec_t now = ledger_wall(), boot = loop_boot();

        if (!run) {
                rules_break("s11_19", "%s is asked without being configured", url);
                return;
        }
        if (l->closed_usec > boot && l->closed_wall_usec > now)
                rules_break("s11_06", "%s is asked %s before Retry-After allows", url,
                        FORMAT_TIMESPAN(l->closed_usec - boot));
        if (l->by_hand)
                return;
        if (l->gone)
                rules_break("s11_10", "%s is asked although it is gone", url);
        if (run->feed.last_poll_usec != USEC_INFINITY &&
                run->feed.last_poll_usec > now + USEC_PER_MINUTE)
                return; /* the clock was set back */
        if (run->feed.next_poll_usec > now)
                rules_break("s11_12", "%s is asked %s early", url,
                        FORMAT_TIMESPAN(run->feed.next_poll_usec - now));
        if (l->due_usec > now)
                rules_break("s11_05", "%s is asked %s before any rule allows", url,
                        FORMAT_TIMESPAN(l->due_usec - now));
        if (l->hints_known && is_skipped(p, now)) {
                if (is_skipped(p, run->feed.next_poll_usec))
                        rules_break("frb_024", "%s is due in an hour that it wants skipped", url);
                rules.figures.n_skipped_hours++;
        }
}

/* Hosts behind one address that is known count as one. */
static void check_address(const Host *host) {
        if (!ledger_host(host)->address_known)
                return;
        for (size_t i = 0; i < world.n_hosts; i++) {
                const Host *other = &world.hosts[i];

                if (other == host || other->domain != host->domain ||
                        !rules.hosts[i].address_known || !streq(other->address, host->address))
                        continue;
                if (rules.hosts[i].n_in_flight > 0)
                        rules_break("frb_035", "%s and %s are one server, and asked at one time",
                                host->name, other->name);
                if (rules.hosts[i].started_usec > 0 &&
                        loop_boot() < rules.hosts[i].started_usec + SPACING_USEC)
                        rules_break("frb_035", "%s is asked %s after %s, which is the same server",
                                host->name,
                                FORMAT_TIMESPAN(loop_boot() - rules.hosts[i].started_usec),
                                other->name);
        }
}

static void check_host(const Host *host, const Publisher *p, bool by_redirect) {
        HostLedger *h = ledger_host(host);
        DomainLedger *d = ledger_domain(host);
        usec_t boot = loop_boot();

        if (by_redirect) {
                /* What redirects within itself asks for it. */
                rules.figures.n_hops_close += h->starter != p &&
                        (h->n_in_flight > 0 ||
                                (h->started_usec > 0 && boot < h->started_usec + SPACING_USEC));
                rules.figures.n_hops_closed += d->closed_usec > boot;
        } else {
                if (h->n_in_flight > 0)
                        rules_break("s11_11", "%s is asked while it is being asked", host->name);
                if (h->started_usec > 0 && boot < h->started_usec + SPACING_USEC)
                        rules_break("s11_11", "%s is asked again after %s", host->name,
                                FORMAT_TIMESPAN(boot - h->started_usec));
                if (d->closed_usec > boot)
                        rules_break("s11_07", "%s is asked %s before its domain allows", host->name,
                                FORMAT_TIMESPAN(d->closed_usec - boot));
                if (d->slow_usec > boot && d->started_usec > 0 &&
                        boot < d->started_usec + SLOW_SPACING_USEC)
                        rules_break("s11_11", "%s is asked %s after another of its slow domain",
                                host->name, FORMAT_TIMESPAN(boot - d->started_usec));
                check_address(host);
                d->started_usec = boot;
        }
        h->started_usec = boot;
        h->starter = p;
        h->n_in_flight++;
}

void rules_page(const char *url) {
        const Host *host = world_host(url);
        bool robots = endswith(url, "/robots.txt");
        unsigned number, i;
        HostLedger *h;

        if (!host)
                return;
        h = ledger_host(host);
        rules.figures.n_pages++;
        check_host(host, /* p= */ NULL, /* by_redirect= */ false);
        if (robots) {
                if (h->robots_read_usec > 0 && loop_boot() < h->robots_read_usec + USEC_PER_DAY)
                        rules_break("robots", "%s is read again after %s", url,
                                FORMAT_TIMESPAN(loop_boot() - h->robots_read_usec));
                return;
        }
        if (world_robots(host) == ROBOTS_KIND_CLOSED)
                rules_break("robots", "%s is asked for against robots.txt", url);
        if (world_robots(host) == ROBOTS_KIND_SLOW && h->page_usec > 0 &&
                loop_boot() < h->page_usec + 30 * USEC_PER_SEC)
                rules_break("robots",
                        "%s is asked for %s after another page of its host, which asks for 30s",
                        url, FORMAT_TIMESPAN(loop_boot() - h->page_usec));
        h->page_usec = loop_boot();
        if (world_parse_link(url, &number, &i) && i < world.publishers[number].n_items &&
                items_has_page(number, i))
                rules_break("frb_032", "%s was read already", url);
}

/* May it go out without, although there is one? */
static bool may_be_unconditional(Publisher *p, Ledger *l) {
        const FeedRun *run = rules.runs[p->number];
        usec_t now = ledger_wall();

        if (l->validators_unsure)
                return true;
        if (p->validating == VALIDATING_FROZEN && run && run->feed.not_modified_untrusted)
                return true;
        if (l->not_modified_since_usec > 0 && now > l->not_modified_since_usec + PROBE_USEC &&
                (l->probed_usec == 0 || now >= l->probed_usec + PROBE_USEC)) {
                l->probed_usec = now;
                return true;
        }
        return false;
}

static void check_validators(Publisher *p, Ledger *l, const RulesHop *hop) {
        bool ours = l->url && streq(l->url, hop->url);
        const char *etag = ours ? l->etag : NULL, *date = ours ? l->last_modified : NULL;

        if (streq_ptr(hop->if_none_match, etag) && streq_ptr(hop->if_modified_since, date))
                return;
        /* Cut off twice at the same byte, it is no accident: such a body counts as whole. */
        if (l->validators_unsure && streq_ptr(hop->if_modified_since, l->cut_last_modified) &&
                (streq_ptr(hop->if_none_match, l->cut_etag) ||
                        (l->coding_dropped && !hop->if_none_match))) {
                ledger_keep(&l->etag, l->cut_etag);
                ledger_keep(&l->last_modified, l->cut_last_modified);
                return;
        }
        if (!hop->if_none_match && !hop->if_modified_since && may_be_unconditional(p, l))
                return;
        /* An ETag that is never known again goes no more. */
        if (l->coding_dropped && !hop->if_none_match && streq_ptr(hop->if_modified_since, date))
                return;
        rules_break(l->n_requests == 1 ? "s11_04" : "s11_02",
                "%s gets If-None-Match %s for %s, If-Modified-Since %s for %s", hop->url,
                ledger_show(hop->if_none_match), ledger_show(etag),
                ledger_show(hop->if_modified_since), ledger_show(date));
}

void rules_hop(const RulesHop *hop) {
        Publisher *p = world_publisher(hop->configured_url);
        const Host *host = world_host(hop->url);
        size_t slot = (loop_true() - world.options.from_usec) / SLOT_USEC;
        Ledger *l;

        if (!p)
                return; /* told when it was handed over */
        l = &rules.ledgers[p->number];
        if (rules_watched == p->number)
                printf("%s %s If-None-Match %s, If-Modified-Since %s\n",
                        FORMAT_RFC3339(loop_true()), hop->url, ledger_show(hop->if_none_match),
                        ledger_show(hop->if_modified_since));
        if (hop->n_redirects == 0) {
                l->n_requests++;
                l->in_flight = true;
                l->wanted = false;
                rules.figures.n_requests++;
                rules.n_by_rhythm[p->rhythm]++;
                if (slot < rules.n_slots && !l->by_hand)
                        rules.slots[slot]++;
                if (rules.woke_usec > 0 &&
                        loop_boot() <
                                rules.woke_usec + ELEMENTSOF(rules.recent) * 10 * USEC_PER_SEC)
                        rules.recent[(loop_boot() - rules.woke_usec) / (10 * USEC_PER_SEC)]++;
                check_time(p, l, hop->url);
        }
        check_validators(p, l, hop);
        if (host)
                check_host(host, p, hop->n_redirects > 0);
}
