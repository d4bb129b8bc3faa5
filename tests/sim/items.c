/* SPDX-License-Identifier: MIT */

/* What became of each item: each one that was met ends in one alert, or is old and ends in none. */

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ledger.h"

/* Bits of Ledger.items. */
enum {
        ITEM_MET = 1 << 0,  /* read, or in a part that may have been */
        ITEM_SURE = 1 << 1, /* in an answer that was read to its end */
        ITEM_NEWS = 1 << 2, /* to be told */
        ITEM_OLD = 1 << 3,  /* not to be told; with both bits: as it likes */
        ITEM_TOLD = 1 << 4,
        ITEM_PAGE = 1 << 6, /* its page was read */
        ITEM_LATE = 1 << 5, /* met when the run was ending */
};

/* Where hours decide, a clock that was wrong may have decided otherwise. */
#define UNSURE_USEC (3 * USEC_PER_HOUR)

typedef struct Delay {
        float minutes, fixed;
        unsigned char rhythm;
} Delay;

static struct {
        Delay *delays;
        size_t n, n_allocated;
} items;

static void note_delay(const Publisher *p, usec_t published) {
        /* A poll every 15 minutes, at some time of each publisher. */
        usec_t phase = p->number * UINT64_C(7919) * USEC_PER_SEC % (15 * USEC_PER_MINUTE),
               since = (published + phase) % (15 * USEC_PER_MINUTE);

        if (ARRAY_GROW(items.delays, items.n_allocated, items.n + 1) < 0)
                abort();
        items.delays[items.n++] = (Delay){
                .minutes = (float) (loop_true() - published) / (float) USEC_PER_MINUTE,
                .fixed = (float) (15 * USEC_PER_MINUTE - since) / (float) USEC_PER_MINUTE,
                .rhythm = (unsigned char) p->rhythm,
        };
}

static unsigned char judge_age(usec_t age, usec_t limit, usec_t unsure) {
        if (age + unsure < limit)
                return ITEM_NEWS;
        return age > limit + unsure ? ITEM_OLD : ITEM_NEWS | ITEM_OLD;
}

/* At first what is older than a day is old. Later all is news, but after a day without an answer
 * what is a week old, or should have been there before. */
static unsigned char judge(const Ledger *l, usec_t published) {
        usec_t now = loop_true(), wall = clock_realtime(&loop_clock),
               unsure = UNSURE_USEC + (wall > now ? wall - now : now - wall),
               age = usec_sub(now, published), absence = usec_sub(now, l->last_success_usec);
        unsigned char absent;

        if (!l->read_once)
                return judge_age(age, USEC_PER_DAY, unsure);
        absent = judge_age(absence, USEC_PER_DAY, unsure);
        if (!(absent & ITEM_OLD))
                return ITEM_NEWS;
        return judge_age(age, MIN(7 * USEC_PER_DAY, absence + USEC_PER_DAY), unsure) |
                (absent & ITEM_NEWS);
}

void items_served(Publisher *p, size_t first, size_t beyond, bool whole) {
        Ledger *l = &rules.ledgers[p->number];

        if (first == beyond) /* said to be empty */
                return;
        if (whole && l->read_once && first > l->beyond) {
                rules.figures.n_missed += first - l->beyond;
                if (l->n_unsettled == 0 && rules.disturbed_usec < l->last_success_usec &&
                        rules_closed_until(p->number) < l->last_success_boot_usec &&
                        p->rhythm != RHYTHM_BURSTS &&
                        loop_true() > world.options.from_usec + 3 * USEC_PER_DAY)
                        rules_break("s11_18", "%zu items of %s came and went unseen",
                                first - l->beyond, p->url);
        }
        for (size_t i = first; i < beyond; i++) {
                unsigned char *item = &l->items[i];

                if (!(*item & ITEM_MET) && whole && l->read_once)
                        note_delay(p, p->items[i]);
                if (!(*item & ITEM_SURE)) {
                        *item |= judge(l, p->items[i]);
                        *item |= whole ? ITEM_MET | ITEM_SURE : ITEM_MET;
                        if (rules.winding_down)
                                *item |= ITEM_LATE;
                }
        }
}

void rules_told(const char *body) {
        unsigned number, i;
        unsigned char *item;

        if (!world_parse_link(body, &number, &i) || i >= world.publishers[number].n_items) {
                rules_break("told", "an alert without a link: %.200s", body);
                return;
        }
        item = &rules.ledgers[number].items[i];
        rules.figures.n_told++;
        if (*item & ITEM_TOLD)
                rules_break(
                        "s11_17", "item %u of %s is told twice", i, world.publishers[number].url);
        else if (!(*item & ITEM_MET))
                rules_break("s11_17", "item %u of %s is told before it was served", i,
                        world.publishers[number].url);
        else if (!(*item & ITEM_NEWS))
                rules_break("s11_17", "item %u of %s is old, and told", i,
                        world.publishers[number].url);
        *item |= ITEM_TOLD;
}

void items_note_page(unsigned publisher, unsigned item) {
        rules.ledgers[publisher].items[item] |= ITEM_PAGE;
}

bool items_has_page(unsigned publisher, unsigned item) {
        return rules.ledgers[publisher].items[item] & ITEM_PAGE;
}

void items_end(void) {
        for (unsigned n = 0; n < world.options.n_feeds; n++) {
                const Publisher *p = &world.publishers[n];

                for (size_t i = 0; i < p->n_items; i++) {
                        unsigned char item = rules.ledgers[n].items[i];

                        rules.figures.n_items += (item & ITEM_MET) != 0;
                        if ((item & ITEM_SURE) && (item & ITEM_NEWS) && !(item & ITEM_OLD) &&
                                !(item & ITEM_TOLD) && !(item & ITEM_LATE))
                                rules_break("lost", "item %zu of %s, published %s, is not told", i,
                                        p->url, FORMAT_RFC3339(p->items[i]));
                }
        }
}

static int compare_floats(const void *a, const void *b) {
        const float *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

static double median(unsigned rhythm, bool fixed) {
        float *values = new0(float, items.n + 1), middle;
        size_t n = 0;

        if (!values)
                abort();
        for (size_t i = 0; i < items.n; i++)
                if (rhythm == RHYTHM_MAX || items.delays[i].rhythm == rhythm)
                        values[n++] = fixed ? items.delays[i].fixed : items.delays[i].minutes;
        qsort(values, n, sizeof(*values), compare_floats);
        middle = n > 0 ? values[n / 2] : 0;
        free(values);
        return (double) middle;
}

void items_figures(RulesFigures *ret) {
        for (unsigned i = 0; i <= RHYTHM_MAX; i++) {
                ret->delay_median[i] = median(i, /* fixed= */ false);
                ret->fixed_median[i] = median(i, /* fixed= */ true);
        }
        free(items.delays);
        items.delays = NULL;
        items.n = items.n_allocated = 0;
}
