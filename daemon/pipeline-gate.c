/* SPDX-License-Identifier: MIT */

/* Between a feed's timer and its request, and between its answer and its state: may this server be
 * asked now (poll/hosts.h), are we online at all (poll/network.h), and does the answer count?
 *
 * A run that is due goes one of three ways:
 *
 *   due ─► waiting for its host ─► inside, its request under way ─► the outcome counts ─► next due
 *    │           │    ▲                          │
 *    │  offline  │    │ its turn in the release  ├─► held ─► counts after all
 *    ▼           ▼    │                          ▼     │ offline
 *   parked ◄──────────┴──────────────────────────┴─────┘
 *
 * Offline nothing is asked but one parked feed a minute. The first true answer releases all, spread
 * over minutes, by moving their timers: so there is no queue that could be forgotten, and no wakeup
 * without a feed to ask. Hosts of the local network and of this machine stand outside of all that:
 * they can be asked while the world cannot, and prove nothing.
 *
 * With once, what fails has failed: there is no later in which it could be held against others. */

#include "pipeline-gate.h"

#include <errno.h>

#include "base/log.h"

/* Requests handed to HTTP, where those that may not start yet wait without their time running. More
 * would only take memory. */
#define GATE_INSIDE_MAX (4 * HTTP_TRANSFERS_MAX)
/* Once it was full, so many places go together: a wakeup for each would cost more than what it
 * starts, and HTTP has plenty to go on with. */
#define GATE_REFILL (GATE_INSIDE_MAX / 8)
/* A thread or socket that could not be had: others have to end first. */
#define GATE_LIMIT_RETRY_USEC (30 * USEC_PER_SEC)

/* A time of the boot clock on the wall. */
usec_t gate_on_wall(const Pipeline *p, usec_t boot_usec) {
        usec_t now = pipeline_boot_now(p);

        if (boot_usec == 0 || boot_usec == USEC_INFINITY)
                return boot_usec;
        return boot_usec > now ? usec_add(pipeline_now(p), boot_usec - now)
                               : usec_sub(pipeline_now(p), now - boot_usec);
}

static usec_t on_boot_clock(const Pipeline *p, usec_t wall_usec) {
        usec_t now = pipeline_now(p);

        if (wall_usec == USEC_INFINITY || wall_usec <= now)
                return 0;
        return usec_add(pipeline_boot_now(p), wall_usec - now);
}

/* --- the timer --- */

void gate_arm(Pipeline *p) {
        usec_t hold = network_hold_until(&p->gate.network),
               at = MIN(hosts_wake(p->gate.hosts), gate_next_probe(p));

        if (hold > 0)
                at = MIN(at, hold);
        if (p->gate.n_inside >= GATE_INSIDE_MAX)
                p->gate.is_full = true;
        else if (p->gate.n_inside <= GATE_INSIDE_MAX - GATE_REFILL)
                p->gate.is_full = false;
        /* Full: one of the next that leave will arm it. */
        if (p->gate.is_full && at == hosts_wake(p->gate.hosts))
                at = hold > 0 ? hold : USEC_INFINITY;

        if (at == USEC_INFINITY) {
                (void) sd_event_source_set_enabled(p->gate.timer, SD_EVENT_OFF);
                return;
        }
        (void) sd_event_source_set_time(p->gate.timer, at);
        (void) sd_event_source_set_enabled(p->gate.timer, SD_EVENT_ONESHOT);
}

/* --- seats --- */

void gate_out(Pipeline *p, HostSeat *seat) {
        bool was_inside = seat->state == SEAT_INSIDE;

        hosts_leave(p->gate.hosts, seat);
        if (was_inside && --p->gate.n_inside == 0)
                pipeline_check_idle(p);
}

static void start_seat(Pipeline *p, HostSeat *seat) {
        p->gate.n_inside++;
        if (seat->is_page)
                page_run_start(seat->owner); /* may free it, and then it has left */
        else {
                FeedRun *run = seat->owner;

                run->not_before_usec = 0;
                feed_run_start(run);
                if (!run->request) /* it failed before there was one */
                        gate_out(p, seat);
        }
}

/* Waits for its host. */
void gate_queue(FeedRun *run, usec_t rank_usec) {
        Pipeline *p = run->pipeline;

        gate_set_parked(run, false);
        if (hosts_wait(p->gate.hosts, &run->seat, rank_usec) < 0) {
                log_debug("Out of memory for the queue of feed '%s'; trying again", run->feed.name);
                pipeline_arm(p, run->timer, usec_add(pipeline_now(p), GATE_LIMIT_RETRY_USEC));
        }
}

void gate_park(FeedRun *run) {
        gate_out(run->pipeline, &run->seat);
        gate_forget_held(run);
        gate_set_parked(run, true);
        run->not_before_usec = 0;
        pipeline_arm(run->pipeline, run->timer, USEC_INFINITY);
}

/* --- going in --- */

static void gate_work(Pipeline *p) {
        usec_t now = pipeline_boot_now(p), wake;
        HostSeat *seat;

        gate_end_hold(p, now);
        gate_probe(p, now);
        while (p->gate.n_inside < GATE_INSIDE_MAX && (seat = hosts_next(p->gate.hosts, now, &wake)))
                start_seat(p, seat);
        gate_arm(p);
}

static int on_gate_timer(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        gate_work(userdata);
        return 0;
}

/* The timer of @run is late by more than any load explains. */
static bool has_slept(const FeedRun *run) {
        uint64_t armed;

        return sd_event_source_get_time(run->timer, &armed) >= 0 &&
                usec_add(armed, GATE_SLEPT_USEC) < pipeline_boot_now(run->pipeline);
}

void pipeline_gate_enter(FeedRun *run) {
        Pipeline *p = run->pipeline;
        usec_t now = pipeline_boot_now(p);

        if (run->seat.state != SEAT_OUTSIDE || run->held || run->parked)
                return;
        if (hosts_assign(p->gate.hosts, &run->seat, feed_address(&run->feed), now) < 0) {
                feed_run_start(run); /* which will say what is wrong with it */
                return;
        }
        if (host_closed_until(run->seat.host, now) > 0) {
                feed_run_schedule(run);
                pipeline_check_idle(p);
                return;
        }

        if (gate_is_online(p) && has_slept(run))
                gate_slept(p);
        if (!gate_is_online(p) && !host_is_local(run->seat.host))
                gate_park(run);
        else
                gate_queue(run, feed_run_due(run));
        gate_work(p);
}

int pipeline_gate_enter_now(FeedRun *run, usec_t *ret_until_usec) {
        Pipeline *p = run->pipeline;
        usec_t now = pipeline_boot_now(p), until;

        gate_out(p, &run->seat);
        if (hosts_assign(p->gate.hosts, &run->seat, feed_address(&run->feed), now) < 0) {
                feed_run_start(run);
                return 0;
        }
        until = host_closed_until(run->seat.host, now);
        if (until > 0) {
                *ret_until_usec = gate_on_wall(p, until);
                feed_run_schedule(run);
                return -EAGAIN;
        }

        /* Offline it is as good a probe as any. */
        gate_forget_held(run);
        run->probed_usec = now;
        gate_queue(run, 0);
        gate_work(p);
        return 0;
}

int pipeline_gate_enter_page(PageRun *run, usec_t *ret_until_usec) {
        Pipeline *p = run->pipeline;
        usec_t now = pipeline_boot_now(p), until;
        size_t n = 0;
        int r;

        r = hosts_assign(p->gate.hosts, &run->seat, run->link, now);
        if (r < 0)
                return r;
        until = host_closed_until(run->seat.host, now);
        if (until > 0) {
                *ret_until_usec = gate_on_wall(p, until);
                return -EAGAIN;
        }
        LIST_FOREACH (runs, other, p->pages)
                n += other->seat.host == run->seat.host;
        if (n > PIPELINE_PAGES_PER_HOST_MAX ||
                (!gate_is_online(p) && !host_is_local(run->seat.host))) {
                *ret_until_usec = USEC_INFINITY;
                return -EAGAIN;
        }

        /* Before the feeds of its host: an alert waits for it. */
        r = hosts_wait(p->gate.hosts, &run->seat, 0);
        if (r < 0)
                return r;
        gate_arm(p);
        return 0;
}

/* --- coming out --- */

/* What was learned of the server. */
static void note_answer(Pipeline *p, HostSeat *seat, int64_t who, const HttpResponse *response) {
        usec_t now = pipeline_boot_now(p);
        HostRecord record;
        int r;

        hosts_started(seat, usec_sub(now, response->total_usec));
        if (response->n_redirects == 0 && response->address &&
                hosts_learn_address(p->gate.hosts, seat, response->address) < 0)
                log_debug("Out of memory for the address of a host");

        r = hosts_answer(p->gate.hosts, seat, response->n_redirects > 0 ? response->url : NULL, who,
                response->status, response->retry_after_usec, now, &record);
        if (r <= 0)
                return;

        r = store_host_put(p->options.store,
                &(StoreHost){
                        .is_domain = record.scope == HOST_SCOPE_DOMAIN,
                        .name = (char *) record.name,
                        .closed_until_usec = gate_on_wall(p, record.closed_until_usec),
                        .slow_until_usec = gate_on_wall(p, record.slow_until_usec),
                        .n_limited = record.n_limited,
                });
        if (r < 0) {
                pipeline_store_failed(p, r, "record what a server asked for");
                return;
        }
        pipeline_commit_soon(p);

        if (record.closed_until_usec > now)
                (void) log_event(LOG_NOTICE, 0, MESSAGE_HOST_CLOSED,
                        LOG_FIELDS({ "PICKET_HOST", record.name }),
                        "%s %s asked to be left alone; no feed or page of it is asked for in %s",
                        record.scope == HOST_SCOPE_DOMAIN ? "Domain" : "Host", record.name,
                        FORMAT_TIMESPAN(record.closed_until_usec - now));
}

/* What we lack is nobody's fault but ours. */
static void retry_own_limit(FeedRun *run, const char *message) {
        Pipeline *p = run->pipeline;

        if (!p->gate.limit_told)
                (void) log_event(LOG_WARNING, 0, MESSAGE_OWN_LIMIT,
                        LOG_FIELDS({ "PICKET_FEED", run->feed.name }, { "PICKET_REASON", message }),
                        "Feed '%s' could not be asked for, as a thread or socket is not to be had: %s; trying again in %s",
                        run->feed.name, strna(message), FORMAT_TIMESPAN(GATE_LIMIT_RETRY_USEC));
        p->gate.limit_told = true;
        run->not_before_usec = usec_add(pipeline_boot_now(p), GATE_LIMIT_RETRY_USEC);
        feed_run_schedule(run);
}

bool pipeline_gate_leave(
        FeedRun *run, const HttpResponse *response, HttpFailure failure, const char *message) {
        Pipeline *p = run->pipeline;
        bool counts = true;

        if (run->seat.state == SEAT_INSIDE)
                note_answer(p, &run->seat, run->feed.id, response);
        gate_out(p, &run->seat);

        if (failure != HTTP_OK && response->blame == HTTP_BLAME_OURSELVES && !p->options.once) {
                retry_own_limit(run, message);
                gate_arm(p);
                return false;
        }

        switch (gate_judge(p,
                &(GateOutcome){
                        .seat = &run->seat,
                        .response = response,
                        .failure = failure,
                        .message = message,
                        .is_wanted = run->parser && feed_parser_n_items(run->parser) > 0,
                        .is_witness = run->feed.n_failures == 0,
                })) {
        case NETWORK_COUNT:
                break;
        case NETWORK_HOLD:
                counts = gate_hold(run, response, failure, message) < 0;
                break;
        case NETWORK_DROP:
                gate_park(run);
                counts = false;
                break;
        }
        gate_arm(p);
        return counts;
}

bool pipeline_gate_leave_page(PageRun *run, const HttpResponse *response, HttpFailure failure) {
        Pipeline *p = run->pipeline;
        NetworkVerdict verdict;

        if (run->seat.state == SEAT_INSIDE)
                note_answer(p, &run->seat, -run->item_id, response);
        gate_out(p, &run->seat);
        verdict = gate_judge(p,
                &(GateOutcome){
                        .seat = &run->seat,
                        .response = response,
                        .failure = failure,
                        .is_wanted = response->status == 200,
                });
        gate_arm(p);
        return verdict != NETWORK_DROP;
}

void pipeline_gate_drop(FeedRun *run) {
        gate_out(run->pipeline, &run->seat);
        gate_forget_held(run);
        gate_set_parked(run, false);
        run->not_before_usec = 0;
        gate_arm(run->pipeline);
}

void pipeline_gate_forget(Pipeline *p, HostSeat *seat) {
        gate_out(p, seat);
        hosts_forget(p->gate.hosts, seat);
}

usec_t pipeline_gate_not_before(const FeedRun *run) {
        const Pipeline *p = run->pipeline;
        usec_t now = pipeline_boot_now(p), until = run->not_before_usec;

        if (run->seat.host)
                until = MAX(until, host_closed_until(run->seat.host, now));
        return until > now ? gate_on_wall(p, until) : 0;
}

/* --- life --- */

int pipeline_gate_open(Pipeline *p) {
        int r;

        r = hosts_new(&p->gate.hosts);
        if (r < 0)
                return r;
        r = sd_event_add_time(p->options.event, &p->gate.timer, CLOCK_BOOTTIME, USEC_INFINITY,
                USEC_PER_MSEC, on_gate_timer, p);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(p->gate.timer, SD_EVENT_OFF);
        if (r < 0)
                return r;
        return sd_event_source_set_description(p->gate.timer, "gate");
}

void pipeline_gate_close(Pipeline *p) {
        sd_event_source_disable_unref(p->gate.timer);
        p->gate.probing_sink = mfree(p->gate.probing_sink);
        p->gate.hosts = hosts_free(p->gate.hosts);
}

int pipeline_gate_restore(Pipeline *p) {
        StoreHost *hosts = NULL;
        size_t n = 0;
        int r;

        r = store_hosts(p->options.store, &hosts, &n);
        for (size_t i = 0; r >= 0 && i < n; i++)
                r = hosts_restore(p->gate.hosts,
                        &(HostRecord){
                                .scope = hosts[i].is_domain ? HOST_SCOPE_DOMAIN : HOST_SCOPE_HOST,
                                .name = hosts[i].name,
                                .closed_until_usec = on_boot_clock(p, hosts[i].closed_until_usec),
                                .slow_until_usec = on_boot_clock(p, hosts[i].slow_until_usec),
                                .n_limited = hosts[i].n_limited,
                        },
                        pipeline_boot_now(p));
        (void) store_hosts_free(hosts, n);
        return r;
}
