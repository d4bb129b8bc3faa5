/* SPDX-License-Identifier: MIT */

/* The rules:
 *
 * 1. Some failures look the same whether the host or our own side is at fault: a name that does not
 *    resolve, no route, a certificate of somebody else, everything redirected to one strange page.
 *    One alone is held back for NETWORK_HOLD_USEC. If another host answers meanwhile, or nobody
 * else fails, it counts as the feed's own. If an unrelated one fails alike, we are offline: none of
 *    them counts, and nothing is asked but one feed a minute.
 * 2. Unrelated means another registrable domain: a provider's dead name server takes all its hosts
 *    along. Only hosts that worked the last time are witnesses, or two typing errors in a
 *    configuration would be an outage.
 * 3. A captive portal sends everybody to one page, or answers with a certificate of its own. Two
 *    unrelated hosts redirected to the same third one are a portal; to different ones, just moved.
 * 4. Any true answer is proof that we are online, whatever its status.
 * 5. After sleep the network needs some seconds, and its first failures mean nothing: nothing is
 *    asked until it settled, then one feed, and all others when that one was answered.
 * 6. Then all that is overdue goes out, spread over some minutes. */

#include "poll/network.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

static void set_state(Network *network, NetworkState state, usec_t now_usec) {
        if (network->state != state)
                network->since_usec = now_usec;
        network->state = state;
        network->n_witnesses = 0;
        network->hold_until_usec = 0;
}

static void copy_name(char buf[static NETWORK_NAME_BYTES_MAX], const char *name) {
        (void) snprintf(buf, NETWORK_NAME_BYTES_MAX, "%s", strempty(name));
}

/* --- witnesses --- */

static void forget_old_witnesses(Network *network, usec_t now_usec) {
        size_t n = 0;

        for (size_t i = 0; i < network->n_witnesses; i++)
                if (usec_add(network->witnesses[i].at_usec, NETWORK_WINDOW_USEC) > now_usec)
                        network->witnesses[n++] = network->witnesses[i];
        network->n_witnesses = n;
}

/* Does what happened to @a agree with what happened to @b? */
static bool agree(const NetworkWitness *a, const NetworkWitness *b) {
        if (streq(a->domain, b->domain))
                return false;
        if (a->evidence != NETWORK_EVIDENCE_PORTAL || b->evidence != NETWORK_EVIDENCE_PORTAL)
                return true;
        /* A certificate names no portal, and fits to any. */
        return !*a->portal || !*b->portal || streq(a->portal, b->portal);
}

/* True: another one said the same. */
static bool testify(Network *network, const NetworkWitness *witness) {
        size_t i = 0;

        for (size_t k = 0; k < network->n_witnesses; k++)
                if (agree(&network->witnesses[k], witness))
                        return true;

        while (i < network->n_witnesses && !streq(network->witnesses[i].domain, witness->domain))
                i++;
        if (i == NETWORK_WITNESSES_MAX) /* portals that all disagree: the oldest goes */
                i = 0;
        network->witnesses[i] = *witness;
        network->n_witnesses = MAX(network->n_witnesses, i + 1);
        return false;
}

/* --- judgement --- */

static NetworkVerdict judge_suspect(
        Network *network, const NetworkOutcome *outcome, usec_t now_usec) {
        NetworkWitness witness = { .evidence = outcome->evidence, .at_usec = now_usec };

        /* Somebody answered since it began. */
        if (network->has_proof && network->proof_usec > outcome->started_usec)
                return NETWORK_COUNT;

        copy_name(witness.domain, outcome->domain);
        copy_name(witness.portal, outcome->portal);
        forget_old_witnesses(network, now_usec);
        if (outcome->is_witness && testify(network, &witness)) {
                set_state(network, NETWORK_OFFLINE, now_usec);
                network->probe_usec = usec_add(now_usec, NETWORK_PROBE_USEC);
                return NETWORK_DROP;
        }

        if (network->hold_until_usec == 0)
                network->hold_until_usec = usec_add(now_usec, NETWORK_HOLD_USEC);
        return NETWORK_HOLD;
}

NetworkVerdict network_judge(Network *network, const NetworkOutcome *outcome, usec_t now_usec) {
        switch (outcome->evidence) {
        case NETWORK_EVIDENCE_PROOF:
                network->has_proof = true;
                network->proof_usec = now_usec;
                set_state(network, NETWORK_ONLINE, now_usec);
                return NETWORK_COUNT;
        case NETWORK_EVIDENCE_NONE:
                if (network->state == NETWORK_ONLINE)
                        return NETWORK_COUNT;
                if (network->state == NETWORK_RESUMING)
                        network->probe_usec = usec_add(now_usec, NETWORK_PROBE_AGAIN_USEC);
                break;
        case NETWORK_EVIDENCE_FAILURE:
        case NETWORK_EVIDENCE_PORTAL:
                if (network->state == NETWORK_ONLINE)
                        return judge_suspect(network, outcome, now_usec);
                break;
        }

        /* A probe that failed settles the doubt after sleep. */
        set_state(network, NETWORK_OFFLINE, now_usec);
        return NETWORK_DROP;
}

usec_t network_hold_until(const Network *network) {
        return network->hold_until_usec;
}

void network_end_hold(Network *network, usec_t at_usec) {
        network->hold_until_usec = at_usec;
}

/* --- sleep and changes --- */

static usec_t settled(Random *random, usec_t now_usec) {
        return usec_add(
                now_usec, usec_add(NETWORK_SETTLE_USEC, random_below(random, NETWORK_SETTLE_USEC)));
}

void network_resumed(Network *network, Random *random, usec_t now_usec) {
        network->has_proof = false;
        set_state(network, NETWORK_RESUMING, now_usec);
        network->probe_usec = settled(random, now_usec);
}

bool network_changed(Network *network, Random *random, usec_t now_usec) {
        usec_t probe = settled(random, now_usec);

        /* A flood of changes moves nothing: a probe that is near already stays where it is. */
        if (network->state == NETWORK_ONLINE ||
                network->probe_usec <= usec_add(now_usec, 2 * NETWORK_SETTLE_USEC))
                return false;

        network->probe_usec = probe;
        return true;
}

bool network_may_probe(const Network *network, usec_t now_usec) {
        return network->state == NETWORK_ONLINE || network->probe_usec <= now_usec;
}

void network_probed(Network *network, usec_t now_usec) {
        network->probe_usec = usec_add(now_usec, NETWORK_PROBE_USEC);
}

usec_t network_release_step(size_t n) {
        usec_t span;

        if (n == 0)
                return 0;
        span = n > NETWORK_RELEASE_MAX_USEC / NETWORK_RELEASE_EACH_USEC
                ? NETWORK_RELEASE_MAX_USEC
                : MAX(n * NETWORK_RELEASE_EACH_USEC, NETWORK_RELEASE_MIN_USEC);
        return span / n;
}

static const char *const state_table[NETWORK_STATE_MAX] = {
        [NETWORK_ONLINE] = "online",
        [NETWORK_RESUMING] = "resuming",
        [NETWORK_OFFLINE] = "offline",
};

const char *network_state_to_string(NetworkState state) {
        return (size_t) state < ELEMENTSOF(state_table) ? state_table[state] : NULL;
}
