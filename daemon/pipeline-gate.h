/* SPDX-License-Identifier: MIT */
#pragma once

/* What the two halves of the gate share; nobody else includes this. pipeline-gate.c lets in and
 * out, pipeline-network.c judges whether we are online and what that does to all. */

#include "pipeline-internal.h"

/* Timers and requests are never so late; if they are, the machine slept. */
#define GATE_SLEPT_USEC USEC_PER_MINUTE

/* --- pipeline-gate.c --- */

/* A time of the boot clock on the wall; 0 and USEC_INFINITY stay what they are. */
usec_t gate_on_wall(const Pipeline *p, usec_t boot_usec);
/* Sets the gate's timer anew. */
void gate_arm(Pipeline *p);
/* Out of the queue, or its request is over. */
void gate_out(Pipeline *p, HostSeat *seat);
/* Waits for its host, which it has been assigned to. */
void gate_queue(FeedRun *run, usec_t rank_usec);
/* Waits for the network. */
void gate_park(FeedRun *run);

static inline void gate_set_parked(FeedRun *run, bool parked) {
        if (run->parked == parked)
                return;

        run->parked = parked;
        if (parked)
                run->pipeline->gate.n_parked++;
        else
                run->pipeline->gate.n_parked--;
}

/* --- pipeline-network.c --- */

static inline bool gate_is_online(const Pipeline *p) {
        return p->gate.network.state == NETWORK_ONLINE;
}

/* When the next probe is wanted; USEC_INFINITY: none. */
usec_t gate_next_probe(const Pipeline *p);
/* Queues one, when it is time. */
void gate_probe(Pipeline *p, usec_t now_usec);
/* What is held counts, if its time is over. */
void gate_end_hold(Pipeline *p, usec_t now_usec);
/* Holds the outcome of @run back. 0 or -ENOMEM. */
int gate_hold(FeedRun *run, const HttpResponse *response, HttpFailure failure,
        const char *message) _warn_unused_;
void gate_forget_held(FeedRun *run);
/* The machine slept. */
void gate_slept(Pipeline *p);

/* A request that is over. */
typedef struct GateOutcome {
        const HostSeat *seat;
        const HttpResponse *response;
        HttpFailure failure;
        const char *message;
        bool is_wanted;  /* what came is what was asked for, whoever sent it */
        bool is_witness; /* it worked the last time */
} GateOutcome;

/* Judges it, and carries out what follows from it for all others. */
NetworkVerdict gate_judge(Pipeline *p, const GateOutcome *outcome);
