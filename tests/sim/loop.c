/* SPDX-License-Identifier: MIT */

#include "loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-event.h>

#include "base/memory.h"

static struct {
        usec_t boot_usec, true_usec;
        int64_t wall_ahead_usec;
        LoopTimer **heap; /* from 1 */
        size_t n_heap, n_allocated;
        uint64_t order, n_dispatched;
        struct sd_event_source *deferred; /* those that are on, the newest first */
} loop;

/* --- clocks --- */

usec_t loop_boot(void) {
        return loop.boot_usec;
}

usec_t loop_true(void) {
        return loop.true_usec;
}

uint64_t loop_n_dispatched(void) {
        return loop.n_dispatched;
}

size_t loop_n_timers(void) {
        return loop.n_heap;
}

static usec_t clock_wall(void *userdata _unused_) {
        return (usec_t) ((int64_t) loop.true_usec + loop.wall_ahead_usec);
}

static usec_t clock_boot(void *userdata _unused_) {
        return loop.boot_usec;
}

const Clock loop_clock = { .realtime = clock_wall, .boottime = clock_boot };

void loop_start(usec_t true_usec) {
        loop.boot_usec = USEC_PER_MINUTE;
        loop.n_dispatched = 0;
        loop.true_usec = true_usec;
}

void loop_set_wall(usec_t wall_usec) {
        loop.wall_ahead_usec = (int64_t) wall_usec - (int64_t) loop.true_usec;
}

static void advance(usec_t boot_usec) {
        if (boot_usec <= loop.boot_usec)
                return;
        loop.true_usec += boot_usec - loop.boot_usec;
        loop.boot_usec = boot_usec;
}

void loop_sleep(usec_t span) {
        advance(loop.boot_usec + span);
}

/* --- a heap of timers --- */

static bool before(const LoopTimer *a, const LoopTimer *b) {
        return a->at_usec < b->at_usec || (a->at_usec == b->at_usec && a->order < b->order);
}

static void place(size_t i, LoopTimer *timer) {
        loop.heap[i] = timer;
        timer->index = i;
}

static void sift(LoopTimer *timer) {
        size_t i = timer->index;

        while (i > 1 && before(timer, loop.heap[i / 2])) {
                place(i, loop.heap[i / 2]);
                i /= 2;
        }
        for (size_t child = 2 * i; child <= loop.n_heap; child = 2 * i) {
                if (child < loop.n_heap && before(loop.heap[child + 1], loop.heap[child]))
                        child++;
                if (!before(loop.heap[child], timer))
                        break;
                place(i, loop.heap[child]);
                i = child;
        }
        place(i, timer);
}

void loop_timer_stop(LoopTimer *timer) {
        LoopTimer *last;
        size_t i = timer->index;

        if (i == 0)
                return;
        timer->index = 0;
        last = loop.heap[loop.n_heap--];
        if (last == timer)
                return;
        place(i, last);
        sift(last);
}

void loop_timer_set(LoopTimer *timer, usec_t at_usec) {
        timer->at_usec = at_usec;
        timer->order = ++loop.order;
        if (timer->index == 0) {
                if (ARRAY_GROW(loop.heap, loop.n_allocated, loop.n_heap + 2) < 0)
                        abort();
                place(++loop.n_heap, timer);
        }
        sift(timer);
}

/* --- sd-event --- */

struct sd_event {
        unsigned n_ref;
};

struct sd_event_source {
        LoopTimer timer;
        usec_t time_usec;
        bool is_deferred, enabled, oneshot, dispatching, dead;
        int64_t priority;
        sd_event_time_handler_t on_time;
        sd_event_handler_t on_turn;
        void *userdata;
        struct sd_event_source *next;
};

int sd_event_new(sd_event **ret) {
        *ret = new0(sd_event, 1);
        if (!*ret)
                return -ENOMEM;
        (*ret)->n_ref = 1;
        return 0;
}

sd_event *sd_event_ref(sd_event *event) {
        event->n_ref++;
        return event;
}

sd_event *sd_event_unref(sd_event *event) {
        if (event && --event->n_ref == 0)
                free(event);
        return NULL;
}

static void source_dispatch(sd_event_source *source) {
        loop.n_dispatched++;
        if (source->oneshot)
                source->enabled = false;
        source->dispatching = true;
        if (source->is_deferred)
                (void) source->on_turn(source, source->userdata);
        else
                (void) source->on_time(source, source->time_usec, source->userdata);
        source->dispatching = false;
        if (source->dead)
                free(source);
        else if (source->enabled && !source->is_deferred && !source->timer.index)
                loop_timer_set(&source->timer, source->time_usec);
}

static void on_source_timer(LoopTimer *timer) {
        source_dispatch((sd_event_source *) timer); /* its first member */
}

static void defer_off(sd_event_source *source) {
        for (sd_event_source **s = &loop.deferred; *s; s = &(*s)->next)
                if (*s == source) {
                        *s = source->next;
                        break;
                }
        source->next = NULL;
}

int sd_event_source_set_enabled(sd_event_source *source, int state) {
        bool was = source->enabled;

        source->enabled = state != SD_EVENT_OFF;
        source->oneshot = state == SD_EVENT_ONESHOT;
        if (source->is_deferred) {
                if (was)
                        defer_off(source);
                if (source->enabled) {
                        source->next = loop.deferred;
                        loop.deferred = source;
                }
        } else if (!source->enabled || source->time_usec == USEC_INFINITY)
                loop_timer_stop(&source->timer);
        else
                loop_timer_set(&source->timer, source->time_usec);
        return 0;
}

static int source_add(
        sd_event_source **ret, sd_event_source **ret_created, void *userdata, bool deferred) {
        sd_event_source *source = new0(sd_event_source, 1);

        if (!source)
                return -ENOMEM;
        source->timer.fire = on_source_timer;
        source->is_deferred = deferred;
        source->time_usec = USEC_INFINITY;
        source->userdata = userdata;
        *ret = *ret_created = source;
        return 0;
}

int sd_event_add_time(sd_event *event _unused_, sd_event_source **ret, clockid_t clock _unused_,
        uint64_t usec, uint64_t accuracy _unused_, sd_event_time_handler_t callback,
        void *userdata) {
        sd_event_source *source;

        if (source_add(ret, &source, userdata, /* deferred= */ false) < 0)
                return -ENOMEM;
        source->on_time = callback;
        source->time_usec = usec;
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int sd_event_add_time_relative(sd_event *event, sd_event_source **ret, clockid_t clock,
        uint64_t usec, uint64_t accuracy, sd_event_time_handler_t callback, void *userdata) {
        return sd_event_add_time(
                event, ret, clock, usec_add(loop.boot_usec, usec), accuracy, callback, userdata);
}

int sd_event_add_defer(sd_event *event _unused_, sd_event_source **ret, sd_event_handler_t callback,
        void *userdata) {
        sd_event_source *source;

        if (source_add(ret, &source, userdata, /* deferred= */ true) < 0)
                return -ENOMEM;
        source->on_turn = callback;
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int sd_event_source_set_time(sd_event_source *source, uint64_t usec) {
        source->time_usec = usec;
        return source->enabled ? sd_event_source_set_enabled(
                                         source, source->oneshot ? SD_EVENT_ONESHOT : SD_EVENT_ON)
                               : 0;
}

int sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec) {
        return sd_event_source_set_time(source, usec_add(loop.boot_usec, usec));
}

int sd_event_source_get_time(sd_event_source *source, uint64_t *ret) {
        *ret = source->time_usec;
        return 0;
}

int sd_event_source_set_description(
        sd_event_source *source _unused_, const char *description _unused_) {
        return 0;
}

int sd_event_source_set_priority(sd_event_source *source, int64_t priority) {
        source->priority = priority;
        return 0;
}

sd_event_source *sd_event_source_disable_unref(sd_event_source *source) {
        if (!source)
                return NULL;

        (void) sd_event_source_set_enabled(source, SD_EVENT_OFF);
        source->dead = true;
        if (!source->dispatching)
                free(source);
        return NULL;
}

/* --- the loop --- */

/* Of those that are on, the most urgent, and among equals the one that was turned on first. */
static sd_event_source *next_deferred(void) {
        sd_event_source *best = NULL;

        for (sd_event_source *s = loop.deferred; s; s = s->next)
                if (!best || s->priority <= best->priority)
                        best = s;
        return best;
}

void loop_run_until(usec_t boot_usec) {
        for (;;) {
                sd_event_source *source;
                LoopTimer *timer;

                while ((source = next_deferred())) {
                        defer_off(source);
                        source_dispatch(source);
                }

                timer = loop.n_heap > 0 ? loop.heap[1] : NULL;
                if (!timer || timer->at_usec > boot_usec)
                        break;
                advance(timer->at_usec);
                loop_timer_stop(timer);
                timer->fire(timer);
        }
        advance(boot_usec);
}
