/* SPDX-License-Identifier: MIT */

/* The network's half of the gate: probes, holding outcomes back, and what going offline and online
 * does to everybody (poll/network.h has the rules). */

#include "pipeline-gate.h"

#include <errno.h>

#include "base/log.h"
#include "base/url.h"

/* A poll that failed in a way that may be ours. */
typedef struct HeldPoll {
        HttpFailure failure;
        unsigned status;
        char *message;
} HeldPoll;

static HeldPoll *held_poll_free(HeldPoll *held) {
        if (!held)
                return NULL;

        free(held->message);
        return mfree(held);
}

/* --- probes --- */

usec_t gate_next_probe(const Pipeline *p) {
        if (gate_is_online(p) || (p->gate.n_parked == 0 && !outbox_rests(p->outbox)))
                return USEC_INFINITY;
        return p->gate.network.probe_usec;
}

/* The one that waited longest for its turn to be a probe, then the most overdue: a feed whose
 * server is gone must not be the only one that is tried. */
static FeedRun *find_probe(Pipeline *p, usec_t now) {
        FeedRun *best = NULL;

        LIST_FOREACH (runs, run, p->feeds) {
                if (!run->parked || host_closed_until(run->seat.host, now) > 0)
                        continue;
                if (!best || run->probed_usec < best->probed_usec ||
                        (run->probed_usec == best->probed_usec &&
                                run->feed.next_poll_usec < best->feed.next_poll_usec))
                        best = run;
        }
        return best;
}

void gate_probe(Pipeline *p, usec_t now) {
        FeedRun *run;

        if (gate_is_online(p) || !network_may_probe(&p->gate.network, now))
                return;

        run = find_probe(p, now);
        if (run) {
                run->probed_usec = now;
                gate_queue(run, 0);
        } else {
                const char *sink = outbox_probe(p->outbox);

                if (!sink)
                        return;
                if (free_and_strdup(&p->gate.probing_sink, sink) < 0)
                        p->gate.probing_sink = mfree(p->gate.probing_sink);
        }
        network_probed(&p->gate.network, now);
}

/* --- online and offline --- */

static int compare_due(const void *a, const void *b) {
        const FeedRun *const *x = a, *const *y = b;

        return ((*x)->feed.next_poll_usec > (*y)->feed.next_poll_usec) -
                ((*x)->feed.next_poll_usec < (*y)->feed.next_poll_usec);
}

/* Parked runs get their times, the most overdue first. Without memory for the order any order does.
 */
static void release_parked(Pipeline *p, size_t *ret_n, usec_t *ret_span) {
        _cleanup_free_ FeedRun **parked = NULL;
        usec_t now = pipeline_boot_now(p), step;
        size_t n, i = 0;

        n = p->gate.n_parked;
        step = network_release_step(n);
        *ret_n = n;
        *ret_span = n * step;
        if (n == 0)
                return;

        parked = new0(FeedRun *, n);
        LIST_FOREACH (runs, run, p->feeds) {
                if (!run->parked)
                        continue;
                if (parked)
                        parked[i] = run;
                else
                        run->not_before_usec = usec_add(now, i * step);
                i++;
        }
        if (parked) {
                qsort(parked, n, sizeof(*parked), compare_due);
                for (i = 0; i < n; i++)
                        parked[i]->not_before_usec = usec_add(now, i * step);
        }

        LIST_FOREACH (runs, run, p->feeds)
                if (run->parked) {
                        gate_set_parked(run, false);
                        feed_run_schedule(run);
                }
}

static void gate_go_online(Pipeline *p, NetworkState from, usec_t since) {
        usec_t span = 0;
        size_t n = 0;

        p->gate.probing_sink = mfree(p->gate.probing_sink);
        release_parked(p, &n, &span);
        outbox_set_online(p->outbox, true);
        if (p->options.on_network)
                p->options.on_network(true, p->options.userdata);
        pipeline_arm(p, p->page_timer, pipeline_now(p));

        if (from == NETWORK_OFFLINE)
                (void) log_event(LOG_NOTICE, 0, MESSAGE_ONLINE, NULL,
                        "The network is back after %s; %zu feeds that are due follow within %s",
                        FORMAT_TIMESPAN(usec_sub(pipeline_boot_now(p), since)), n,
                        FORMAT_TIMESPAN(span));
        else
                log_info("Back from sleep; %zu feeds that are due follow within %s", n,
                        FORMAT_TIMESPAN(span));
}

/* Nobody goes out any more. Requests under way end by themselves. */
static void gate_rest(Pipeline *p) {
        outbox_set_online(p->outbox, false);
        if (p->options.on_network)
                p->options.on_network(false, p->options.userdata);
        LIST_FOREACH (runs, run, p->feeds)
                if (run->held ||
                        (run->seat.state == SEAT_WAITING && !host_is_local(run->seat.host)))
                        gate_park(run);
        LIST_FOREACH_SAFE (runs, run, p->pages)
                if (run->seat.state == SEAT_WAITING && !host_is_local(run->seat.host))
                        (void) page_run_free(run); /* it is still wanted */
}

static void gate_go_offline(Pipeline *p, NetworkState from, const char *message) {
        gate_rest(p);
        (void) log_event(LOG_NOTICE, 0, MESSAGE_OFFLINE, LOG_FIELDS({ "PICKET_REASON", message }),
                "Offline%s: %s; trying one feed a minute until one answers, no error is counted",
                from == NETWORK_RESUMING ? " after sleep" : "", strna(message));
}

void gate_slept(Pipeline *p) {
        if (p->options.once)
                return;

        network_resumed(&p->gate.network, &p->random, pipeline_boot_now(p));
        gate_rest(p);
        log_debug("The machine slept; asking in %s",
                FORMAT_TIMESPAN(usec_sub(p->gate.network.probe_usec, pipeline_boot_now(p))));
        gate_arm(p);
}

/* --- held outcomes --- */

void gate_end_hold(Pipeline *p, usec_t now) {
        usec_t until = network_hold_until(&p->gate.network);

        if (until == 0 || until > now)
                return;

        network_end_hold(&p->gate.network, 0);
        LIST_FOREACH (runs, run, p->feeds) {
                HeldPoll *held = TAKE_PTR(run->held);

                if (held)
                        feed_run_fail(run, held->failure, held->status, held->message);
                held_poll_free(held);
        }
}

void gate_forget_held(FeedRun *run) {
        run->held = held_poll_free(run->held);
}

int gate_hold(
        FeedRun *run, const HttpResponse *response, HttpFailure failure, const char *message) {
        HeldPoll *held;

        held = new0(HeldPoll, 1);
        if (!held)
                return -ENOMEM;

        held->failure = failure;
        held->status = response->status;
        held->message = strdup(message ? message : "redirected to a page that is no feed");
        if (!held->message) {
                held_poll_free(held);
                return -ENOMEM;
        }
        run->held = held;
        pipeline_arm(run->pipeline, run->timer, USEC_INFINITY);
        return 0;
}

/* --- judgement --- */

/* A page for people where something else was asked for, at another site: *ret_portal names it. */
static bool is_portal(
        const Host *host, const HttpResponse *response, HttpFailure failure, char **ret_portal) {
        _cleanup_free_ char *name = NULL;

        if (response->status == 511) /* RFC 6585, 6 */
                return true;
        if (response->n_redirects == 0 || url_host(response->url, &name) < 0)
                return false;
        if (streq(name, host_name(host)) || endswith(name, host_domain(host)))
                return false;
        if (failure != HTTP_REFUSED &&
                !(response->status >= 200 && response->status < 300 && response->content_type &&
                        strcasestr(response->content_type, "html")))
                return false;

        *ret_portal = TAKE_PTR(name);
        return true;
}

static NetworkEvidence evidence_of(const GateOutcome *outcome, char **ret_portal) {
        const HttpResponse *response = outcome->response;

        if (!outcome->is_wanted &&
                is_portal(outcome->seat->host, response, outcome->failure, ret_portal))
                return NETWORK_EVIDENCE_PORTAL;
        if (response->status > 0)
                return NETWORK_EVIDENCE_PROOF;
        if (response->n_redirects > 0)
                return NETWORK_EVIDENCE_NONE;

        switch (response->blame) {
        case HTTP_BLAME_NETWORK:
                return NETWORK_EVIDENCE_FAILURE;
        case HTTP_BLAME_CERTIFICATE:
                return NETWORK_EVIDENCE_PORTAL;
        case HTTP_BLAME_SERVER:
        case HTTP_BLAME_OURSELVES:
                break;
        }
        return NETWORK_EVIDENCE_NONE;
}

NetworkVerdict gate_judge(Pipeline *p, const GateOutcome *outcome) {
        Network *network = &p->gate.network;
        const Host *host = outcome->seat->host;
        _cleanup_free_ char *portal = NULL;
        NetworkVerdict verdict;
        NetworkEvidence evidence;
        NetworkState from = network->state;
        usec_t now = pipeline_boot_now(p), since = network->since_usec,
               hold = network_hold_until(network);

        if (p->options.once || !host || host_is_local(host))
                return NETWORK_COUNT;
        /* Longer than any request is given: the machine slept under it. */
        if (outcome->response->status == 0 && from == NETWORK_ONLINE &&
                outcome->response->total_usec > PIPELINE_POLL_TIMEOUT_USEC + GATE_SLEPT_USEC) {
                gate_slept(p);
                return NETWORK_DROP;
        }

        evidence = evidence_of(outcome, &portal);
        verdict = network_judge(network,
                &(NetworkOutcome){
                        .evidence = evidence,
                        .domain = host_domain(host),
                        .portal = portal,
                        .is_witness = outcome->is_witness,
                        .started_usec = usec_sub(now, outcome->response->total_usec),
                },
                now);

        if (evidence == NETWORK_EVIDENCE_PROOF) {
                p->gate.limit_told = false;
                if (from != NETWORK_ONLINE)
                        gate_go_online(p, from, since);
                else if (hold > 0) /* it was its hosts' own; but not from within this poll */
                        network_end_hold(network, now);
        } else if (from != NETWORK_OFFLINE && network->state == NETWORK_OFFLINE)
                gate_go_offline(p, from, outcome->message);
        return verdict;
}

void pipeline_gate_delivered(Pipeline *p, const char *sink) {
        NetworkState from = p->gate.network.state;
        usec_t since = p->gate.network.since_usec, now = pipeline_boot_now(p);
        NetworkOutcome proof = { .evidence = NETWORK_EVIDENCE_PROOF };

        if (!streq_ptr(p->gate.probing_sink, sink))
                return;

        (void) network_judge(&p->gate.network, &proof, now);
        if (from != NETWORK_ONLINE)
                gate_go_online(p, from, since);
        gate_arm(p);
}

void pipeline_resumed(Pipeline *p) {
        gate_slept(p);
}

void pipeline_network_changed(Pipeline *p) {
        if (network_changed(&p->gate.network, &p->random, pipeline_boot_now(p)))
                gate_arm(p);
}

const char *pipeline_network_state(const Pipeline *p, usec_t *ret_since_usec) {
        usec_t since = p->gate.network.since_usec;

        *ret_since_usec = since > 0 ? gate_on_wall(p, since) : USEC_INFINITY;
        return network_state_to_string(p->gate.network.state);
}
