/* SPDX-License-Identifier: MIT */
#pragma once

/* Are we online? A state of the daemon, so that a cable pulled out is not an error of ten thousand
 * feeds. Judged from the outcomes of requests; the rules are in network.c's opening comment. Pure:
 * every time comes in from the caller and is of CLOCK_BOOTTIME. */

#include "base/random.h"
#include "base/time.h"

/* How long a failure that looks like our own side's is held back for others to confirm it. */
#define NETWORK_HOLD_USEC (20 * USEC_PER_SEC)
/* Two of them from unrelated hosts within this, with no success between, mean offline. */
#define NETWORK_WINDOW_USEC USEC_PER_MINUTE
/* While offline one request goes out as often as this. */
#define NETWORK_PROBE_USEC USEC_PER_MINUTE
/* The second one after sleep, when the first fell on a server that does not answer. */
#define NETWORK_PROBE_AGAIN_USEC (10 * USEC_PER_SEC)
/* After sleep and after changes of the network nothing works at once: first this, and up to as much
 * again by chance. */
#define NETWORK_SETTLE_USEC (15 * USEC_PER_SEC)
/* What is overdue when we are online again spreads over so much for each, within these bounds. */
#define NETWORK_RELEASE_EACH_USEC (2 * USEC_PER_SEC)
#define NETWORK_RELEASE_MIN_USEC (2 * USEC_PER_MINUTE)
#define NETWORK_RELEASE_MAX_USEC (9 * USEC_PER_MINUTE)

/* Witnesses kept in mind; more say nothing new. */
#define NETWORK_WITNESSES_MAX 8
/* DNS: 253 characters. Longer ones are cut, and still tell hosts apart. */
#define NETWORK_NAME_BYTES_MAX 256

typedef enum NetworkState {
        NETWORK_ONLINE,
        NETWORK_RESUMING, /* back from sleep: not known yet */
        NETWORK_OFFLINE,
        NETWORK_STATE_MAX,
} NetworkState;

/* What the outcome of a request says of the network. */
typedef enum NetworkEvidence {
        NETWORK_EVIDENCE_NONE,    /* nothing, such as a time-out in the middle of an answer */
        NETWORK_EVIDENCE_PROOF,   /* the host itself answered */
        NETWORK_EVIDENCE_FAILURE, /* as all hosts would fail when we are offline */
        NETWORK_EVIDENCE_PORTAL,  /* answered by somebody else, as behind a captive portal */
} NetworkEvidence;

typedef enum NetworkVerdict {
        NETWORK_COUNT, /* the outcome is the feed's own */
        NETWORK_HOLD,  /* not known yet: network_hold_until() */
        NETWORK_DROP,  /* it says nothing of the feed: ask again later */
} NetworkVerdict;

typedef struct NetworkWitness {
        char domain[NETWORK_NAME_BYTES_MAX], portal[NETWORK_NAME_BYTES_MAX];
        NetworkEvidence evidence;
        usec_t at_usec;
} NetworkWitness;

typedef struct Network {
        NetworkState state;
        usec_t since_usec; /* of the state */
        NetworkWitness witnesses[NETWORK_WITNESSES_MAX];
        size_t n_witnesses;
        bool has_proof;
        usec_t proof_usec;
        usec_t hold_until_usec; /* 0: nothing is held */
        usec_t probe_usec;      /* while not online: when the next probe may go */
} Network;

/* A request that is over, to a host of @domain, which is none of the local network. */
typedef struct NetworkOutcome {
        NetworkEvidence evidence;
        const char *domain;
        const char *portal; /* where it was sent, with NETWORK_EVIDENCE_PORTAL; NULL: not known */
        bool is_witness;    /* it worked the last time, so that its failure is worth something */
        usec_t started_usec;
} NetworkOutcome;

/* May change the state. */
NetworkVerdict network_judge(Network *network, const NetworkOutcome *outcome, usec_t now_usec);
/* When the time for what is held is over; 0: nothing is held. */
usec_t network_hold_until(const Network *network);
/* It ends at @at_usec instead; 0: it is over. */
void network_end_hold(Network *network, usec_t at_usec);

/* Back from sleep. */
void network_resumed(Network *network, Random *random, usec_t now_usec);
/* Links, addresses or routes changed: worth a probe, once that has settled. True: the time of the
 * next probe changed. */
bool network_changed(Network *network, Random *random, usec_t now_usec);

/* While not online: may one request go out now? Then it is noted. */
bool network_may_probe(const Network *network, usec_t now_usec);
void network_probed(Network *network, usec_t now_usec);

/* How far apart @n overdue feeds are to go when we are online again. */
usec_t network_release_step(size_t n);

const char *network_state_to_string(NetworkState state);
