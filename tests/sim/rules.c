/* SPDX-License-Identifier: MIT */

/* The rules, by their numbers in docs/polling.md. A bound is computed from what the server said
 * (answers.c), never taken from the daemon, and each request held against it (requests.c); the one
 * thing that is asked of the daemon is that it keeps to the time that it has set itself. Here is
 * what concerns all: the life of the machine, what is logged, and what can be said at the end. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "ledger.h"

Rules rules;
unsigned rules_watched = UINT_MAX;

/* Of each rule; more are only counted. */
#define TOLD_MAX 4

void rules_break(const char *rule, const char *format, ...) {
        char text[600], when[RFC3339_CHARS_MAX];
        va_list arguments;
        size_t i = 0;

        rules.n_broken++;
        while (i < ELEMENTSOF(rules.told) - 1 && rules.told[i].rule &&
                !streq(rules.told[i].rule, rule))
                i++;
        rules.told[i].rule = rule;
        if (rules.told[i].n++ >= TOLD_MAX)
                return;
        va_start(arguments, format);
        (void) vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        printf("%s: seed %" PRIu64 ", %s: %s\n", rule, rules.seed,
                rfc3339_format(loop_true(), when), text);
}

size_t rules_n_broken(void) {
        return rules.n_broken;
}

/* --- life --- */

void rules_open(uint64_t seed, bool auto_interval) {
        rules = (Rules){ .seed = seed, .auto_interval = auto_interval };
        rules.ledgers = new0(Ledger, world.options.n_feeds);
        rules.runs = new0(FeedRun *, world.options.n_feeds);
        rules.hosts = new0(HostLedger, world.n_hosts);
        rules.domains = new0(DomainLedger, world.n_domains);
        rules.n_slots = (world.options.to_usec - world.options.from_usec) / SLOT_USEC + 1;
        rules.slots = new0(unsigned, rules.n_slots);
        rules.slots_disturbed = new0(bool, rules.n_slots);
        if (!rules.ledgers || !rules.runs || !rules.hosts || !rules.domains || !rules.slots ||
                !rules.slots_disturbed)
                abort();
        for (unsigned i = 0; i < world.options.n_feeds; i++) {
                rules.ledgers[i].told = FEED_TROUBLE_MAX;
                rules.ledgers[i].items = new0(unsigned char, world.publishers[i].n_items + 1);
                if (!rules.ledgers[i].items)
                        abort();
        }
        rules_disturbed();
}

void rules_close(void) {
        for (unsigned i = 0; i < world.options.n_feeds; i++) {
                free(rules.ledgers[i].etag);
                free(rules.ledgers[i].last_modified);
                free(rules.ledgers[i].url);
                free(rules.ledgers[i].cut_etag);
                free(rules.ledgers[i].gone_url);
                free(rules.ledgers[i].cut_last_modified);
                free(rules.ledgers[i].items);
        }
        free(rules.ledgers);
        free(rules.runs);
        free(rules.hosts);
        free(rules.domains);
        free(rules.slots);
        free(rules.slots_disturbed);
        rules = (Rules){};
}

void rules_configured(Pipeline *pipeline, bool restarted) {
        unsigned number;

        rules.pipeline = pipeline;
        memset(rules.runs, 0, world.options.n_feeds * sizeof(*rules.runs));
        if (!pipeline)
                return;
        LIST_FOREACH (runs, run, pipeline->feeds)
                if (sscanf(run->feed.name, "f%u", &number) == 1 && number < world.options.n_feeds)
                        rules.runs[number] = run;
        if (!restarted)
                return;
        /* It knows of no request of the one before, nor of its connections. */
        for (size_t i = 0; i < world.n_hosts; i++)
                rules.hosts[i] = (HostLedger){};
        for (size_t i = 0; i < world.n_domains; i++)
                rules.domains[i].started_usec = 0;
        for (unsigned i = 0; i < world.options.n_feeds; i++)
                rules.ledgers[i].in_flight = false;
        rules_disturbed();
}

Pipeline *rules_pipeline(void) {
        return rules.pipeline;
}

void rules_asked_for(unsigned publisher) {
        rules.ledgers[publisher].by_hand = true;
}

usec_t rules_closed_until(unsigned publisher) {
        const Ledger *l = &rules.ledgers[publisher];
        const DomainLedger *d = ledger_domain(world.publishers[publisher].host);

        return MAX(l->closed_usec, d->closed_usec);
}

void rules_clock_set(void) {
        /* What was said of the wall clock is not true any more. */
        for (unsigned i = 0; i < world.options.n_feeds; i++)
                rules.ledgers[i].due_usec = 0;
        rules_disturbed();
}

void rules_disturbed(void) {
        size_t slot = (loop_true() - world.options.from_usec) / SLOT_USEC;

        rules.disturbed_usec = loop_true();
        /* Two hours until all have found their places again. */
        for (size_t i = slot; i < MIN(slot + 24, rules.n_slots); i++)
                rules.slots_disturbed[i] = true;
        loop_timer_stop(&rules.wake_timer);
}

/* s11_13: within ten minutes all that was due was asked, and not in a burst. */
static void on_wake_over(LoopTimer *timer _unused_) {
        usec_t span =
                CLAMP(rules.n_wanted * 2 * USEC_PER_SEC, 2 * USEC_PER_MINUTE, 9 * USEC_PER_MINUTE);
        usec_t allowed = rules.n_wanted * 20 * USEC_PER_SEC / span + 6;

        for (unsigned i = 0; i < world.options.n_feeds; i++) {
                const Ledger *l = &rules.ledgers[i];

                if (l->wanted && rules.runs[i] && !l->gone &&
                        rules_closed_until(i) <= loop_boot() &&
                        rules.runs[i]->feed.next_poll_usec <= ledger_wall())
                        rules_break("s11_13", "%s is not asked within ten minutes of the network",
                                world.publishers[i].url);
        }
        for (size_t i = 0; i < ELEMENTSOF(rules.recent); i++)
                if (rules.recent[i] > allowed)
                        rules_break("s11_13", "%u requests in 10 s after sleep, %zu were due",
                                rules.recent[i], rules.n_wanted);
}

void rules_woke(usec_t network_boot_usec) {
        rules_disturbed();
        rules.woke_usec = loop_boot();
        rules.n_wanted = 0;
        memset(rules.recent, 0, sizeof(rules.recent));
        for (unsigned i = 0; i < world.options.n_feeds; i++) {
                Ledger *l = &rules.ledgers[i];

                l->wanted = rules.runs[i] && rules.runs[i]->feed.next_poll_usec <= ledger_wall();
                rules.n_wanted += l->wanted;
        }
        rules.wake_timer.fire = on_wake_over;
        loop_timer_set(&rules.wake_timer, network_boot_usec + 10 * USEC_PER_MINUTE);
}

void rules_wind_down(void) {
        rules.winding_down = true;
}

/* --- what the daemon says --- */

static void take_trouble(unsigned number) {
        Publisher *p = &world.publishers[number];
        Ledger *l = &rules.ledgers[number];
        const Episode *episode;
        const FeedRun *run = rules.runs[number];
        FeedTrouble trouble = run ? run->feed.trouble : FEED_TROUBLE_NONE;

        if (l->told == trouble)
                rules_break("frb_120", "the trouble of %s is told twice: %s", p->url,
                        run ? ledger_show(run->feed.last_error) : "");
        l->told = trouble;
        if (p->way != WAY_STRAIGHT ||
                world_fault(p, p->host, loop_true(), &episode) != FAULT_NONE ||
                world_fault(p, p->host, loop_true() - 2 * USEC_PER_MINUTE, &episode) != FAULT_NONE)
                return;
        if (rules.woke_usec > 0 && loop_boot() < rules.woke_usec + 15 * USEC_PER_MINUTE)
                rules_break("s11_13", "sleep counts as trouble of %s: %s", p->url,
                        run ? ledger_show(run->feed.last_error) : "");
        else
                rules.figures.n_offline_errors++;
}

int __wrap_log_event_internal(int level, int error, const char *message_id, const LogField *fields,
        const char *file, int line, const char *func, const char *format, ...);
int __wrap_log_event_internal(int level, int error, const char *message_id, const LogField *fields,
        const char *file _unused_, int line _unused_, const char *func _unused_, const char *format,
        ...) {
        static int verbose = -1;
        unsigned number = UINT_MAX;

        for (const LogField *f = fields; f && f->name; f++)
                if (streq(f->name, "PICKET_FEED") && f->value)
                        (void) sscanf(f->value, "f%u", &number);
        if (number < world.options.n_feeds && message_id) {
                if (streq(message_id, MESSAGE_FEED_TROUBLE))
                        take_trouble(number);
                else if (streq(message_id, MESSAGE_FEED_MOVED))
                        rules.ledgers[number].validators_unsure = true;
        }

        if (verbose < 0)
                verbose = getenv("PICKET_SIM_LOG") != NULL;
        if (verbose && level <= LOG_INFO) {
                va_list arguments;

                errno = abs(error);
                printf("%s ", FORMAT_RFC3339(loop_true()));
                va_start(arguments, format);
                (void) vprintf(format, arguments);
                va_end(arguments);
                printf("\n");
        }
        return -abs(error);
}

/* --- the end --- */

/* s11_12: no 5 minutes hold twice the mean of the hour around them. */
static void check_spread(void) {
        for (size_t i = 6; i + 6 < rules.n_slots; i++) {
                uint64_t sum = 0, percent;
                bool disturbed = false;

                for (size_t k = i - 6; k < i + 6; k++) {
                        sum += rules.slots[k];
                        disturbed = disturbed || rules.slots_disturbed[k];
                }
                /* Of few, twice the mean is chance. */
                if (disturbed || sum < 12 * 30)
                        continue;
                percent = rules.slots[i] * 12 * 100 / sum;
                rules.figures.n_bursts_max = MAX(rules.figures.n_bursts_max, percent);
                if (percent > 200)
                        rules_break("s11_12",
                                "%u requests in the 5 minutes from %s, %" PRIu64
                                " in the hour around",
                                rules.slots[i],
                                FORMAT_RFC3339(world.options.from_usec + i * SLOT_USEC), sum);
        }
}

void rules_end(void) {
        check_spread();
        for (unsigned i = 0; i < world.options.n_feeds; i++) {
                const Publisher *p = &world.publishers[i];
                const FeedRun *run = rules.runs[i];

                if (run && p->way == WAY_MOVED && p->n_episodes == 0 && p->host->n_episodes == 0 &&
                        p->target_host->n_episodes == 0 &&
                        loop_true() > p->way_usec + 12 * USEC_PER_DAY && !run->feed.moved_to)
                        rules_break(
                                "s11_09", "%s has moved 12 days ago, and is still asked", p->url);
        }
        items_end();
}

void rules_figures(RulesFigures *ret) {
        double days = (double) (world.options.to_usec - world.options.from_usec) / USEC_PER_DAY;
        unsigned n[RHYTHM_MAX] = {};

        items_figures(&rules.figures);
        for (unsigned i = 0; i < world.options.n_feeds; i++)
                n[world.publishers[i].rhythm]++;
        for (unsigned i = 0; i < RHYTHM_MAX; i++)
                rules.figures.per_feed_and_day[i] =
                        n[i] > 0 ? (double) rules.n_by_rhythm[i] / n[i] / days : 0;
        rules.figures.per_feed_and_day[RHYTHM_MAX] =
                (double) rules.figures.n_requests / world.options.n_feeds / days;
        *ret = rules.figures;
}

void rules_check_goal(const RulesFigures *f) {
        if (f->per_feed_and_day[RHYTHM_MAX] > 0.6 * 96)
                rules_break("goal", "%.1f requests a feed and day, more than 60 %% of 96",
                        f->per_feed_and_day[RHYTHM_MAX]);
        if (f->delay_median[RHYTHM_MAX] > f->fixed_median[RHYTHM_MAX])
                rules_break("goal", "news comes after %.1f min, with a poll every 15 min %.1f",
                        f->delay_median[RHYTHM_MAX], f->fixed_median[RHYTHM_MAX]);
}
