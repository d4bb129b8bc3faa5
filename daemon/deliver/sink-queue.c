/* SPDX-License-Identifier: MIT */

/* A queue goes round like this, one delivery at a time:
 *
 *   examine ─► ask the store for the oldest ─► due? ─no─► timer
 *      ▲                                        │ yes
 *      │                                    begin (committed) ─► attempt ─► conclude ─► settle
 *      └──────────────────────────────────────────────────────────────────────────────────┘
 *
 * The store is the truth and is asked each time, so whatever changes a row there (a retry by hand,
 * a sweep) counts from the next examination, and nothing is remembered here that a crash would have
 * to bring back. What is remembered is about the destination: how often it failed in a row, whether
 * it is in trouble. It is lost at a restart, which costs one early try.
 *
 * The outcome of an attempt is settled in two steps. It is written first; told to the observer, and
 * followed by the next delivery, only when it is stored. A disk that is full after the server said
 * yes thus holds the queue until it can be written, and the message is not sent again.
 *
 * Times. A row holds the wall clock, since it outlives us; waits run on the boot clock, whose
 * timers also count sleep. A wall clock that is set back while a delivery waits must not make it
 * wait for years: the wait that was first worked out for a row's time is an upper bound for all
 * later ones. */

#include "deliver/sink-queue.h"

#include <errno.h>
#include <inttypes.h>

#include "base/backoff.h"
#include "base/log.h"
#include "deliver/attempt.h"

/* Old news is no alert: what could not be delivered by then is a dead letter. */
#define GIVE_UP_USEC (72 * USEC_PER_HOUR)

/* The longest wait that is ever meant: sink_classify() heeds no server beyond it. */
#define WAIT_USEC_MAX USEC_PER_DAY

#define TIMER_ACCURACY_USEC (100 * USEC_PER_MSEC)

/* Passing failures and rate limits without a time. */
static const Backoff backoff_retry = { 5 * USEC_PER_SEC, USEC_PER_HOUR };
/* A destination that refuses everything is asked rarely: repeats of a 404 can bring a ban. */
static const Backoff backoff_probe = { 5 * USEC_PER_MINUTE, USEC_PER_HOUR };
/* The disk, or memory. */
static const Backoff backoff_store = { 2 * USEC_PER_SEC, 5 * USEC_PER_MINUTE };

struct SinkQueue {
        OutboxEngine *engine;
        char *name;
        const SinkSettings *settings;  /* NULL: at rest */
        sd_event_source *timer, *wake; /* examine later, in the next turn */
        bool is_due;                   /* wake is set */

        /* The delivery under way, and then its outcome until that is settled. */
        Delivery delivery;
        Attempt *attempt;
        bool has_outcome;
        SinkVerdict verdict;
        char *message;
        usec_t wait_usec;

        /* The destination. */
        unsigned n_failures, n_limits, n_refusals, n_store_failures; /* in a row */
        bool in_trouble, probe_now;
        bool rests;      /* offline, with something to send */
        bool may_probe;  /* one try all the same */
        bool is_excused; /* the outcome is the network's fault */
        char *last_error;
        usec_t next_try_usec;   /* wall clock, for showing; 0: none waits */
        usec_t hold_until_usec; /* boottime; nothing before it; 0: free */

        /* The wait worked out for a row: (id, its time) -> boottime. */
        int64_t waiting_id;
        usec_t waiting_for_usec, waiting_until_usec;
};

static void enable(SinkQueue *q, sd_event_source *source) {
        int r;

        r = sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        if (r < 0)
                log_debug_errno(r, "Failed to set an event source of sink '%s': %m", q->name);
}

static void examine_soon(SinkQueue *q) {
        q->is_due = true;
        enable(q, q->wake);
}

static void examine_after(SinkQueue *q, usec_t wait_usec) {
        int r;

        r = sd_event_source_set_time_relative(q->timer, wait_usec);
        if (r < 0)
                log_debug_errno(r, "Failed to set the timer of sink '%s': %m", q->name);
        enable(q, q->timer);
}

/* Nothing is sent for a while: the store or memory fails us. */
static void hold(SinkQueue *q, int error) {
        usec_t wait_usec = backoff_delay(&backoff_store, ++q->n_store_failures, &q->engine->random);

        log_debug_errno(error, "Queue of sink '%s' waits for the store, retrying in %s: %m",
                q->name, FORMAT_TIMESPAN(wait_usec));
        q->hold_until_usec = usec_add(clock_boottime(&q->engine->clock), wait_usec);
        examine_after(q, wait_usec);
}

/* How long until @delivery is due; 0: now. */
static usec_t wait_for(SinkQueue *q, const Delivery *delivery) {
        usec_t now_wall = clock_realtime(&q->engine->clock),
               now_boot = clock_boottime(&q->engine->clock), wait_usec, until_usec;

        if (delivery->next_try_usec == USEC_INFINITY || q->probe_now)
                return 0;

        wait_usec = MIN(usec_sub(delivery->next_try_usec, now_wall), WAIT_USEC_MAX);
        until_usec = usec_add(now_boot, wait_usec);
        if (q->waiting_id == delivery->id && q->waiting_for_usec == delivery->next_try_usec)
                until_usec = MIN(until_usec, q->waiting_until_usec);

        q->waiting_id = delivery->id;
        q->waiting_for_usec = delivery->next_try_usec;
        q->waiting_until_usec = until_usec;

        wait_usec = usec_sub(until_usec, now_boot);
        q->next_try_usec = wait_usec > 0 ? usec_add(now_wall, wait_usec) : 0;
        return wait_usec;
}

static void tell(SinkQueue *q) {
        const OutboxObserver *o = &q->engine->observer;
        const Delivery *d = &q->delivery;
        const char *message = strempty(q->message);

        if (d->state == DELIVERY_DONE) {
                if (o->on_delivered)
                        o->on_delivered(d, o->userdata);
        } else if (d->state == DELIVERY_DEAD) {
                if (o->on_dead)
                        o->on_dead(d, message, o->userdata);
        } else if (q->verdict != SINK_DESTINATION_REFUSED && o->on_retry && !q->is_excused)
                o->on_retry(d, message, q->wait_usec, o->userdata);
}

/* Trouble is told when it begins and when it ends. A passing failure in between ends nothing. */
static void tell_trouble(SinkQueue *q) {
        const OutboxObserver *o = &q->engine->observer;

        if (q->verdict == SINK_DESTINATION_REFUSED && !q->in_trouble) {
                q->in_trouble = true;
                if (o->on_sink_trouble)
                        o->on_sink_trouble(
                                q->name, strempty(q->message), q->wait_usec, o->userdata);
        } else if (q->in_trouble &&
                (q->verdict == SINK_ACCEPTED || q->verdict == SINK_MESSAGE_REFUSED)) {
                q->in_trouble = false;
                if (o->on_sink_recovered)
                        o->on_sink_recovered(q->name, o->userdata);
        }
}

/* Writes the outcome, then tells it, and goes on. Not written: the timer will bring us back. */
static void settle(SinkQueue *q) {
        int r;

        r = q->engine->store.finish(&q->delivery, q->engine->store.userdata);
        if (r < 0) {
                hold(q, r);
                return;
        }

        q->has_outcome = false;
        q->n_store_failures = 0;
        q->hold_until_usec = 0;
        /* Before anybody is told: a queue that still has to look is not idle. */
        examine_soon(q);
        tell(q);
        tell_trouble(q);

        /* A dead letter that went by age leaves the next one to the same failing destination. */
        if (q->delivery.state == DELIVERY_DEAD && q->verdict != SINK_MESSAGE_REFUSED)
                q->hold_until_usec = usec_add(clock_boottime(&q->engine->clock), q->wait_usec);

        q->message = mfree(q->message);
        delivery_done(&q->delivery);
}

/* Counts by verdict, and how long to wait before the next try. */
static usec_t count_outcome(SinkQueue *q, usec_t asked_usec) {
        Random *random = &q->engine->random;
        usec_t own_usec = 0;

        switch (q->verdict) {
        case SINK_ACCEPTED:
        case SINK_MESSAGE_REFUSED:
                q->n_failures = q->n_limits = q->n_refusals = 0;
                return 0;
        case SINK_RETRY:
                /* A restart forgets how the destination fared, the row remembers its own tries (of
                 * which those that were refused say nothing here). */
                q->n_failures++;
                if (q->n_refusals == 0)
                        q->n_failures = MAX(q->n_failures, q->delivery.n_attempts);
                own_usec = backoff_delay(&backoff_retry, q->n_failures, random);
                break;
        case SINK_RATE_LIMITED:
                q->n_limits++;
                if (q->delivery.n_attempts > 0)
                        q->delivery.n_attempts--;
                /* A server that says when is asked again then; ours is for one that does not. */
                own_usec = asked_usec > 0 ? 0 : backoff_delay(&backoff_retry, q->n_limits, random);
                break;
        case SINK_DESTINATION_REFUSED:
                q->n_refusals++;
                own_usec = backoff_delay(&backoff_probe, q->n_refusals, random);
                break;
        case SINK_VERDICT_MAX:
                assert(false);
                break;
        }

        return MIN(MAX(own_usec, asked_usec), WAIT_USEC_MAX);
}

/* It was no try, and is due at once when we are online. */
static usec_t excuse(SinkQueue *q) {
        if (q->delivery.n_attempts > 0)
                q->delivery.n_attempts--;
        return 0;
}

/* Without memory for the words, what happened stands all the same. */
static void replace_text(char **s, const char *value) {
        free(*s);
        *s = value ? strdup(value) : NULL;
}

/* Turns an outcome into the row's new state. */
static void conclude(SinkQueue *q, const AttemptOutcome *outcome) {
        usec_t now_usec = clock_realtime(&q->engine->clock);
        Delivery *d = &q->delivery;
        bool too_old = usec_sub(now_usec, d->created_usec) >= GIVE_UP_USEC;

        q->attempt = attempt_free(q->attempt);
        q->has_outcome = true;
        q->verdict = outcome->verdict;
        q->is_excused = q->engine->offline && q->verdict == SINK_RETRY && outcome->status == 0;
        q->wait_usec = q->is_excused ? excuse(q) : count_outcome(q, outcome->wait_usec);
        d->last_status = outcome->status;

        replace_text(&q->message, outcome->message);
        replace_text(&d->last_error, outcome->message);
        replace_text(&q->last_error, outcome->message);

        switch (outcome->verdict) {
        case SINK_ACCEPTED:
                d->state = DELIVERY_DONE;
                d->done_usec = now_usec;
                break;
        case SINK_MESSAGE_REFUSED:
                d->state = DELIVERY_DEAD;
                break;
        case SINK_RETRY:
        case SINK_RATE_LIMITED:
                d->state = too_old ? DELIVERY_DEAD : DELIVERY_PENDING;
                break;
        /* Nothing is dropped for what an administrator has yet to mend. */
        case SINK_DESTINATION_REFUSED:
                d->state = DELIVERY_PENDING;
                break;
        case SINK_VERDICT_MAX:
                assert(false);
                break;
        }
        if (d->state == DELIVERY_PENDING)
                d->next_try_usec = usec_add(now_usec, q->wait_usec);

        settle(q);
}

static void on_attempt_done(
        Attempt *attempt _unused_, const AttemptOutcome *outcome, void *userdata) {
        conclude(userdata, outcome);
}

/* Sends the delivery that q->delivery holds. */
static void send_delivery(SinkQueue *q) {
        _cleanup_free_ char *message = NULL;
        Delivery *d = &q->delivery;
        int r;

        q->probe_now = false;
        r = attempt_new(q->settings, d->public_id, d->body, clock_realtime(&q->engine->clock),
                &q->attempt, &message);
        if (r == ATTEMPT_UNFIT) {
                conclude(q,
                        &(AttemptOutcome){
                                .verdict = SINK_DESTINATION_REFUSED, .message = message });
                return;
        }

        if (r >= 0 && q->engine->offline && !q->may_probe && !attempt_is_local(q->attempt)) {
                q->attempt = attempt_free(q->attempt);
                delivery_done(d);
                q->rests = true;
                return;
        }
        q->may_probe = false;
        if (r >= 0) {
                d->state = DELIVERY_SENDING;
                d->n_attempts++;
                r = q->engine->store.begin(d, q->engine->store.userdata);
        }
        if (r < 0) {
                q->attempt = attempt_free(q->attempt);
                delivery_done(d);
                hold(q, r);
                return;
        }
        q->n_store_failures = 0;

        r = attempt_start(q->attempt, q->engine->http, on_attempt_done, q);
        if (r < 0)
                conclude(q,
                        &(AttemptOutcome){
                                .verdict = r == -ENOMEM ? SINK_RETRY : SINK_DESTINATION_REFUSED,
                                .message = strerror(-r) });
}

static void examine(SinkQueue *q) {
        usec_t now_usec = clock_boottime(&q->engine->clock), wait_usec;
        Delivery d = {};
        int r;

        if (q->attempt)
                return;

        if (q->hold_until_usec > now_usec) {
                examine_after(q, q->hold_until_usec - now_usec);
                return;
        }
        if (q->has_outcome) {
                settle(q);
                return;
        }

        q->next_try_usec = 0;
        q->rests = false;
        if (!q->settings)
                return;

        r = q->engine->store.next(q->name, &d, q->engine->store.userdata);
        if (r == -ENOENT)
                return;
        if (r < 0) {
                hold(q, r);
                return;
        }

        wait_usec = wait_for(q, &d);
        if (wait_usec > 0) {
                delivery_done(&d);
                examine_after(q, wait_usec);
                return;
        }

        q->delivery = d;
        send_delivery(q);
}

static int on_timer(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        examine(userdata);
        return 0;
}

static int on_wake(sd_event_source *source _unused_, void *userdata) {
        SinkQueue *q = userdata;

        q->is_due = false;
        examine(q);
        return 0;
}

/* Both sources, off until they are needed. */
static int add_sources(SinkQueue *q) {
        int r;

        r = sd_event_add_time_relative(
                q->engine->event, &q->timer, CLOCK_BOOTTIME, 0, TIMER_ACCURACY_USEC, on_timer, q);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(q->timer, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = sd_event_source_set_description(q->timer, "sink-queue-timer");
        if (r < 0)
                return r;

        r = sd_event_add_defer(q->engine->event, &q->wake, on_wake, q);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(q->wake, SD_EVENT_OFF);
        if (r < 0)
                return r;
        return sd_event_source_set_description(q->wake, "sink-queue-wake");
}

int sink_queue_new(OutboxEngine *engine, const char *name, SinkQueue **ret) {
        _cleanup_(sink_queue_freep) SinkQueue *q = NULL;
        int r;

        q = new0(SinkQueue, 1);
        if (!q)
                return -ENOMEM;

        q->engine = engine;
        r = free_and_strdup(&q->name, name);
        if (r < 0)
                return r;
        r = add_sources(q);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(q);
        return 0;
}

SinkQueue *sink_queue_free(SinkQueue *q) {
        if (!q)
                return NULL;

        attempt_free(q->attempt);
        sd_event_source_disable_unref(q->timer);
        sd_event_source_disable_unref(q->wake);
        delivery_done(&q->delivery);
        free(q->message);
        free(q->last_error);
        free(q->name);
        return mfree(q);
}

const char *sink_queue_name(const SinkQueue *q) {
        return q->name;
}

const SinkSettings *sink_queue_settings(const SinkQueue *q) {
        return q->settings;
}

void sink_queue_set_settings(SinkQueue *q, const SinkSettings *settings) {
        q->settings = settings;
        q->probe_now = settings && q->in_trouble;
        sink_queue_kick(q);
}

void sink_queue_kick(SinkQueue *q) {
        if (!q->attempt)
                examine_soon(q);
}

void sink_queue_wake(SinkQueue *q) {
        q->may_probe = false;
        q->probe_now = q->settings && (q->in_trouble || q->n_failures > 0);
        sink_queue_kick(q);
}

bool sink_queue_rests(const SinkQueue *q) {
        return q->rests;
}

bool sink_queue_probe(SinkQueue *q) {
        if (!q->rests)
                return false;

        q->may_probe = true;
        sink_queue_kick(q);
        return true;
}

bool sink_queue_is_idle(const SinkQueue *q) {
        return !q->attempt && !q->has_outcome && !q->is_due;
}

void sink_queue_status(const SinkQueue *q, SinkStatus *ret) {
        *ret = (SinkStatus){
                .sink = q->name,
                .in_trouble = q->in_trouble,
                .last_error = q->last_error,
                .next_try_usec = q->next_try_usec,
        };
}
