/* SPDX-License-Identifier: MIT */
#pragma once

/* A machine's time, simulated: its two clocks, and an event loop that does not wait. sd-event's
 * functions are defined here in so far as the pipeline and the outbox use them; the linker takes
 * these before libsystemd's. */

#include "base/random.h"
#include "base/time.h"

/* What happens at a time of the boot clock. Embedded in its owner, zeroed at first. */
typedef struct LoopTimer {
        usec_t at_usec;
        uint64_t order; /* of equal times the one that was set first comes first */
        size_t index;   /* in the heap, from 1; 0: not set */
        void (*fire)(struct LoopTimer *timer);
} LoopTimer;

void loop_timer_set(LoopTimer *timer, usec_t at_usec);
void loop_timer_stop(LoopTimer *timer);

/* Since the machine was switched on, with sleep. */
usec_t loop_boot(void);
/* What time it is; the machine's own wall clock (loop_clock) may be wrong. */
usec_t loop_true(void);
extern const Clock loop_clock;

void loop_start(usec_t true_usec);
void loop_run_until(usec_t boot_usec);
/* Nothing runs for @span, and what was due in it comes late. */
void loop_sleep(usec_t span);
/* The wall clock is set; boot clock and truth go on as before. */
void loop_set_wall(usec_t wall_usec);
uint64_t loop_n_dispatched(void);
/* Nothing is left that could fire, as a stopped program leaves it. */
size_t loop_n_timers(void);
