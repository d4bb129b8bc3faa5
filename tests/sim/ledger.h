/* SPDX-License-Identifier: MIT */
#pragma once

/* What was said and done so far about each publisher and each server, as far as the rules need it.
 * requests.c and answers.c keep it, items.c what
 * became of items. */

#include <limits.h>
#include <stdlib.h>

#include "loop.h"
#include "pipeline-internal.h"
#include "rules.h"

typedef struct Ledger {
        /* What the last answer that counts gave, and where. */
        char *etag, *last_modified, *url;
        bool validators_unsure; /* an answer may or may not have counted: */
        char *cut_etag, *cut_last_modified;
        unsigned n_full_same; /* 200s with nothing new since the last 304 */
        bool coding_dropped;  /* its ETag is of no use, as three of them have shown */
        usec_t not_modified_since_usec, probed_usec; /* wall; 0: not */

        usec_t due_usec;    /* wall: no rule allows a request before */
        usec_t closed_usec; /* boot: it said so itself */
        usec_t closed_wall_usec;
        usec_t after_usec; /* what the last answer's Retry-After said; 0: nothing */
        uint64_t n_requests;
        unsigned n_failures;                        /* answers in a row that were none */
        usec_t failing_since_usec, gone_since_usec; /* wall; 0: not */
        char *gone_url;
        bool gone, by_hand, in_flight;
        FeedTrouble told; /* the trouble that was logged last; FEED_TROUBLE_MAX: none since it
                             worked */

        bool read_once, hints_known;
        usec_t last_success_usec, last_success_boot_usec; /* true; boot */
        unsigned n_unsettled;                             /* reads until trouble of its is over */
        size_t beyond; /* items that were there when it was last read */
        unsigned char *items;

        bool wanted; /* due when the machine woke, and not asked yet */
} Ledger;

typedef struct HostLedger {
        usec_t started_usec; /* boot; 0: not by this daemon */
        const Publisher *starter;
        unsigned n_in_flight;
        usec_t robots_read_usec, page_usec; /* boot; 0: not by this daemon */
        bool address_known;
} HostLedger;

typedef struct DomainLedger {
        usec_t started_usec, closed_usec, slow_usec; /* boot */
        unsigned n_limited;
} DomainLedger;

typedef struct Rules {
        uint64_t seed, n_broken;
        struct {
                const char *rule;
                unsigned n;
        } told[32];
        bool auto_interval, winding_down;
        Pipeline *pipeline;
        Ledger *ledgers;
        FeedRun **runs; /* of the pipeline, by the publisher's number */
        HostLedger *hosts;
        DomainLedger *domains;
        usec_t disturbed_usec; /* true */
        usec_t clock_set_usec; /* boot */
        usec_t woke_usec;      /* boot; 0: never */
        size_t n_wanted;
        LoopTimer wake_timer;
        unsigned *slots; /* requests in each 5 minutes of truth */
        bool *slots_disturbed;
        size_t n_slots;
        uint64_t n_by_rhythm[RHYTHM_MAX];
        unsigned recent[64]; /* requests by 10 s since it woke */
        RulesFigures figures;
} Rules;
extern Rules rules;

static inline usec_t ledger_wall(void) {
        return clock_realtime(&loop_clock);
}

static inline DomainLedger *ledger_domain(const Host *host) {
        return &rules.domains[host->domain];
}

static inline HostLedger *ledger_host(const Host *host) {
        return &rules.hosts[host - world.hosts];
}

static inline const char *ledger_show(const char *s) {
        return s ? s : "nothing";
}

static inline void ledger_keep(char **field, const char *value) {
        if (free_and_strdup(field, value) < 0)
                abort();
}

#define SLOT_USEC (5 * USEC_PER_MINUTE)

/* --- items.c --- */

/* Its list was read, @whole or perhaps not. */
void items_served(Publisher *publisher, size_t first, size_t beyond, bool whole);
/* Its article was read. */
void items_note_page(unsigned publisher, unsigned item);
bool items_has_page(unsigned publisher, unsigned item);
void items_end(void);
void items_figures(RulesFigures *ret);
