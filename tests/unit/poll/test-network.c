/* SPDX-License-Identifier: MIT */

/* Are we online? Names carry the numbers of the list of good manners in docs/polling.md and of the
 * Feed Reader Behavior project (frb). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/str.h"
#include "poll/network.h"

#define START (UINT64_C(100) * USEC_PER_HOUR)
#define SECOND USEC_PER_SEC
#define PROOF NETWORK_EVIDENCE_PROOF
#define FAILURE NETWORK_EVIDENCE_FAILURE
#define PORTAL NETWORK_EVIDENCE_PORTAL
#define NOTHING NETWORK_EVIDENCE_NONE

/* One outcome after another, each of a request that took a tenth of a second unless said. */
typedef struct Step {
        usec_t at_usec;
        NetworkEvidence evidence;
        const char *domain, *portal;
        NetworkVerdict verdict;
        bool no_witness;
        usec_t took_usec;
} Step;

static const struct {
        const char *name;
        Step steps[6];
        NetworkState state;
} cases[] = {
        { "one dead name among others",
                {
                        { 0, PROOF, "a.org", NULL, NETWORK_COUNT, false, 0 },
                        { 1 * SECOND, FAILURE, "b.org", NULL, NETWORK_HOLD, false, 0 },
                        { 2 * SECOND, PROOF, "c.org", NULL, NETWORK_COUNT, false, 0 },
                        { 3 * SECOND, FAILURE, "d.org", NULL, NETWORK_HOLD, false, 0 },
                },
                NETWORK_ONLINE },
        { "two of them",
                {
                        { 0, PROOF, "a.org", NULL, NETWORK_COUNT, false, 0 },
                        { 1 * SECOND, FAILURE, "b.org", NULL, NETWORK_HOLD, false, 0 },
                        { 2 * SECOND, FAILURE, "c.org", NULL, NETWORK_DROP, false, 0 },
                        { 3 * SECOND, FAILURE, "d.org", NULL, NETWORK_DROP, false, 0 },
                        { 4 * SECOND, NOTHING, "e.org", NULL, NETWORK_DROP, false, 0 },
                },
                NETWORK_OFFLINE },
        { "an answer ends it",
                {
                        { 0, FAILURE, "b.org", NULL, NETWORK_HOLD, false, 0 },
                        { 0, FAILURE, "c.org", NULL, NETWORK_DROP, false, 0 },
                        { 60 * SECOND, PROOF, "b.org", NULL, NETWORK_COUNT, false, 0 },
                        { 61 * SECOND, FAILURE, "c.org", NULL, NETWORK_HOLD, false, 0 },
                },
                NETWORK_ONLINE },
        { "a slow lookup, beside which others were answered",
                {
                        { 5 * SECOND, PROOF, "a.org", NULL, NETWORK_COUNT, false, 0 },
                        { 6 * SECOND, FAILURE, "b.org", NULL, NETWORK_COUNT, false, 5 * SECOND },
                        { 6 * SECOND, FAILURE, "c.org", NULL, NETWORK_COUNT, false, 5 * SECOND },
                },
                NETWORK_ONLINE },
        { "the dead name server of one provider",
                {
                        { 0, FAILURE, "b.org", NULL, NETWORK_HOLD, false, 0 },
                        { 1 * SECOND, FAILURE, "b.org", NULL, NETWORK_HOLD, false, 0 },
                        { 2 * SECOND, FAILURE, "b.org", NULL, NETWORK_HOLD, false, 0 },
                },
                NETWORK_ONLINE },
        { "names that never worked",
                {
                        { 0, FAILURE, "b.org", NULL, NETWORK_HOLD, true, 0 },
                        { 1 * SECOND, FAILURE, "c.org", NULL, NETWORK_HOLD, true, 0 },
                        { 2 * SECOND, FAILURE, "d.org", NULL, NETWORK_HOLD, true, 0 },
                },
                NETWORK_ONLINE },
        { "far apart",
                {
                        { 0, FAILURE, "b.org", NULL, NETWORK_HOLD, false, 0 },
                        { 61 * SECOND, FAILURE, "c.org", NULL, NETWORK_HOLD, false, 0 },
                },
                NETWORK_ONLINE },
        { "time-outs say nothing",
                {
                        { 0, NOTHING, "b.org", NULL, NETWORK_COUNT, false, 0 },
                        { 1 * SECOND, NOTHING, "c.org", NULL, NETWORK_COUNT, false, 0 },
                },
                NETWORK_ONLINE },
        { "a portal",
                {
                        { 0, PORTAL, "b.org", "login.hotel.example", NETWORK_HOLD, false, 0 },
                        { 1 * SECOND, PORTAL, "c.org", "login.hotel.example", NETWORK_DROP, false,
                                0 },
                },
                NETWORK_OFFLINE },
        { "a portal and certificates",
                {
                        { 0, PORTAL, "b.org", NULL, NETWORK_HOLD, false, 0 },
                        { 1 * SECOND, PORTAL, "c.org", "login.hotel.example", NETWORK_DROP, false,
                                0 },
                },
                NETWORK_OFFLINE },
        { "two that moved to different places",
                {
                        { 0, PORTAL, "b.org", "parked.example", NETWORK_HOLD, false, 0 },
                        { 1 * SECOND, PORTAL, "c.org", "sold.example", NETWORK_HOLD, false, 0 },
                },
                NETWORK_ONLINE },
};

static void s11_08_frb_116_offline(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Network network = {};

                for (const Step *s = cases[i].steps; s->domain; s++) {
                        usec_t now = START + s->at_usec,
                               took = s->took_usec ? s->took_usec : SECOND / 10;
                        NetworkVerdict verdict = network_judge(&network,
                                &(NetworkOutcome){
                                        .evidence = s->evidence,
                                        .domain = s->domain,
                                        .portal = s->portal,
                                        .is_witness = !s->no_witness,
                                        .started_usec = now - took,
                                },
                                now);

                        if (verdict != s->verdict)
                                fail_msg("%s: verdict %d of step %zu", cases[i].name, (int) verdict,
                                        (size_t) (s - cases[i].steps));
                }
                if (network.state != cases[i].state)
                        fail_msg("%s: %s", cases[i].name, network_state_to_string(network.state));
        }
}

static NetworkVerdict judge(
        Network *network, NetworkEvidence evidence, const char *domain, usec_t now) {
        return network_judge(network,
                &(NetworkOutcome){
                        .evidence = evidence,
                        .domain = domain,
                        .is_witness = true,
                        .started_usec = now,
                },
                now);
}

static void test_hold(void **state _unused_) {
        Network network = {};

        assert_int_equal(network_hold_until(&network), 0);
        assert_int_equal(judge(&network, FAILURE, "a.org", START), NETWORK_HOLD);
        assert_int_equal(network_hold_until(&network), START + NETWORK_HOLD_USEC);
        /* A second one of the same is held as long as the first. */
        assert_int_equal(judge(&network, FAILURE, "a.org", START + SECOND), NETWORK_HOLD);
        assert_int_equal(network_hold_until(&network), START + NETWORK_HOLD_USEC);
        network_end_hold(&network, 0);
        assert_int_equal(network_hold_until(&network), 0);
        /* What was counted is still a witness. */
        assert_int_equal(judge(&network, FAILURE, "b.org", START + 30 * SECOND), NETWORK_DROP);
        assert_int_equal(network_hold_until(&network), 0);
}

static void test_probes(void **state _unused_) {
        Random random = { .state = 1 };
        Network network = {};
        usec_t now = START;

        assert_true(network_may_probe(&network, now));
        (void) judge(&network, FAILURE, "a.org", now);
        (void) judge(&network, FAILURE, "b.org", now);
        assert_int_equal(network.state, NETWORK_OFFLINE);
        assert_false(network_may_probe(&network, now + NETWORK_PROBE_USEC - 1));
        now += NETWORK_PROBE_USEC;
        assert_true(network_may_probe(&network, now));
        network_probed(&network, now);
        assert_false(network_may_probe(&network, now + 1));

        /* A change of the network brings the next one nearer, a flood of them not nearer still. */
        assert_true(network_changed(&network, &random, now));
        assert_false(network_may_probe(&network, now + NETWORK_SETTLE_USEC - 1));
        assert_true(network_may_probe(&network, now + 2 * NETWORK_SETTLE_USEC));
        for (usec_t t = 0; t < 2 * NETWORK_SETTLE_USEC; t += SECOND)
                assert_false(network_changed(&network, &random, now + t));
        assert_true(network_may_probe(&network, now + 2 * NETWORK_SETTLE_USEC));

        (void) judge(&network, PROOF, "a.org", now);
        assert_false(network_changed(&network, &random, now));
}

static void s11_13_sleep(void **state _unused_) {
        for (uint64_t seed = 0; seed < 50; seed++) {
                Random random = { .state = seed };
                Network network = {};
                usec_t now = START;

                (void) judge(&network, PROOF, "a.org", now);
                now += 8 * USEC_PER_HOUR;
                network_resumed(&network, &random, now);
                assert_int_equal(network.state, NETWORK_RESUMING);
                assert_false(network_may_probe(&network, now + 15 * SECOND - 1));
                assert_true(network_may_probe(&network, now + 30 * SECOND));

                /* Too early: nothing counts, and it is tried again within the minute. */
                now += 30 * SECOND;
                network_probed(&network, now);
                assert_int_equal(judge(&network, FAILURE, "a.org", now), NETWORK_DROP);
                assert_int_equal(network.state, NETWORK_OFFLINE);
                assert_true(network_may_probe(&network, now + NETWORK_PROBE_USEC));

                /* A server that does not answer costs some seconds only. */
                network_resumed(&network, &random, now);
                now += 30 * SECOND;
                network_probed(&network, now);
                assert_int_equal(judge(&network, NOTHING, "a.org", now), NETWORK_DROP);
                assert_true(network_may_probe(&network, now + NETWORK_PROBE_AGAIN_USEC));
        }
}

/* All within ten minutes, and no burst. */
static void s11_13_release(void **state _unused_) {
        static const struct {
                size_t n;
                usec_t step;
        } steps[] = {
                { 0, 0 },
                { 1, 120 * SECOND },
                { 2, 60 * SECOND },
                { 60, 2 * SECOND },
                { 200, 2 * SECOND },
                { 270, 2 * SECOND },
                { 540, 1 * SECOND },
                { 10000, 54 * USEC_PER_MSEC },
        };

        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                assert_int_equal(network_release_step(steps[i].n), steps[i].step);
                assert_true(steps[i].n * network_release_step(steps[i].n) < 10 * USEC_PER_MINUTE);
        }
}

static void test_many_witnesses(void **state _unused_) {
        Network network = {};
        char domain[600], portal[600];

        /* Each to a portal of its own, with names longer than any. */
        for (unsigned i = 0; i < 50; i++) {
                (void) snprintf(domain, sizeof domain, "%u.%0500d", i, 0);
                (void) snprintf(portal, sizeof portal, "p%u.%0500d", i, 0);
                assert_int_equal(network_judge(&network,
                                         &(NetworkOutcome){
                                                 .evidence = PORTAL,
                                                 .domain = domain,
                                                 .portal = portal,
                                                 .is_witness = true,
                                                 .started_usec = START,
                                         },
                                         START),
                        NETWORK_HOLD);
        }
        assert_int_equal(network.n_witnesses, NETWORK_WITNESSES_MAX);
        assert_int_equal(network.state, NETWORK_ONLINE);
}

static void test_words(void **state _unused_) {
        for (NetworkState i = 0; i < NETWORK_STATE_MAX; i++)
                assert_non_null(network_state_to_string(i));
        assert_null(network_state_to_string(NETWORK_STATE_MAX));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(s11_08_frb_116_offline),
                cmocka_unit_test(test_hold),
                cmocka_unit_test(test_probes),
                cmocka_unit_test(s11_13_sleep),
                cmocka_unit_test(s11_13_release),
                cmocka_unit_test(test_many_witnesses),
                cmocka_unit_test(test_words),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
