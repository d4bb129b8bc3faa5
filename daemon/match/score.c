/* SPDX-License-Identifier: MIT */

#include "match/score.h"

#include <errno.h>

typedef struct SpanList {
        Span *items;
        size_t n_items, n_allocated;
} SpanList;

static void span_list_done(SpanList *list) {
        free(list->items);
        *list = (SpanList){};
}

/* What a keyword, or a part of "&", amounts to. */
typedef struct Outcome {
        bool matched;
        Field field; /* that decides */
        int64_t factor_milli;
        unsigned count;
        int64_t points_milli;
} Outcome;

typedef struct Scorer {
        const Index *index;
        int64_t weight_milli;
        const int64_t *factor_milli;
        SpanList *spans; /* NULL: not wanted */
} Scorer;

/* --- arithmetic --- */

static int64_t clamp_i64(__int128 value) {
        return (int64_t) CLAMP(value, (__int128) INT64_MIN, (__int128) INT64_MAX);
}

int64_t score_points(int64_t weight_milli, int64_t factor_milli, unsigned n) {
        __int128 product = (__int128) weight_milli * factor_milli * (3 * (int64_t) n - 1);

        assert(n > 0);
        return clamp_i64(product / (2000 * (int64_t) n));
}

int64_t score_total(int64_t sum_milli, int64_t feed_weight_milli) {
        return clamp_i64((__int128) sum_milli * feed_weight_milli / 1000);
}

/* --- spans --- */

static int add_span(SpanList *list, Field field, uint32_t offset, uint32_t end) {
        if (ARRAY_GROW(list->items, list->n_allocated, list->n_items + 1) < 0)
                return -ENOMEM;

        list->items[list->n_items++] = (Span){ field, offset, end - offset };
        return 0;
}

/* The words matched: of NEAR its two sides, not what lies between. */
static int add_spans(SpanList *list, Field field, const Occurrences *o) {
        for (size_t i = 0; i < MIN(o->n_items, (size_t) SPANS_PER_KEYWORD_MAX); i++) {
                const Occurrence *at = &o->items[i];
                bool gap = at->gap_end > at->gap_offset;
                int r;

                r = add_span(list, field, at->offset, gap ? at->gap_offset : at->end);
                if (r >= 0 && gap)
                        r = add_span(list, field, at->gap_end, at->end);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int span_compare(const void *a, const void *b) {
        const Span *x = a, *y = b;

        if (x->field != y->field)
                return x->field < y->field ? -1 : 1;
        if (x->offset != y->offset)
                return x->offset < y->offset ? -1 : 1;
        return x->n_bytes > y->n_bytes ? -1 : x->n_bytes < y->n_bytes;
}

/* Sorts, unites what overlaps (the parts of "&" may), and keeps the first. */
static void spans_finish(SpanList *list) {
        size_t n = 0;

        if (list->n_items == 0)
                return;

        qsort(list->items, list->n_items, sizeof(Span), span_compare);
        for (size_t i = 1; i < list->n_items; i++) {
                Span *last = &list->items[n], *s = &list->items[i];
                uint32_t end = last->offset + last->n_bytes;

                if (s->field == last->field && s->offset < end)
                        last->n_bytes = MAX(end, s->offset + s->n_bytes) - last->offset;
                else
                        list->items[++n] = *s;
        }
        list->n_items = MIN(n + 1, (size_t) SPANS_PER_KEYWORD_MAX);
}

/* --- matches --- */

/* How often @e, which has places, matches in each field. */
static int count_matches(const Scorer *s, const Expression *e, unsigned counts[static FIELD_MAX]) {
        const unsigned fields = evaluate_fields(s->index, e);

        for (Field f = 0; f < FIELD_MAX; f++) {
                _cleanup_(occurrences_done) Occurrences places = {};
                int r;

                counts[f] = 0;
                if ((fields & FIELD_BIT(f)) == 0)
                        continue;
                r = evaluate(s->index, e, f, &places);
                if (r < 0)
                        return r;
                occurrences_part(&places);
                counts[f] = (unsigned) places.n_items;
                if (s->spans) {
                        r = add_spans(s->spans, f, &places);
                        if (r < 0)
                                return r;
                }
        }

        return 0;
}

/* The best field of something with places, each field counted alone; the first one of a tie. As a
 * part of "&" it counts once. */
static int outcome_of_places(const Scorer *s, const Expression *e, bool once, Outcome *ret) {
        unsigned counts[FIELD_MAX];
        Outcome best = {};
        int r;

        r = count_matches(s, e, counts);
        if (r < 0)
                return r;

        for (Field f = 0; f < FIELD_MAX; f++) {
                unsigned n = once ? MIN(counts[f], 1U) : counts[f];
                Outcome one;

                if (n == 0)
                        continue;
                one = (Outcome){
                        .matched = true,
                        .field = f,
                        .factor_milli = s->factor_milli[f],
                        .count = n,
                        .points_milli = score_points(s->weight_milli, s->factor_milli[f], n),
                };
                if (!best.matched ||
                        (once ? one.factor_milli > best.factor_milli
                              : one.points_milli > best.points_milli))
                        best = one;
        }

        *ret = best;
        return 0;
}

/* A part of "&": its strongest standing. */
static int outcome_of_part(const Scorer *s, const Expression *e, Outcome *ret);

/* Not after all: what its parts found is not shown. */
static int outcome_of_none(const Scorer *s, size_t n_spans, Outcome *ret) {
        if (s->spans)
                s->spans->n_items = n_spans;
        *ret = (Outcome){};
        return 0;
}

/* As strong as its weakest part. */
static int outcome_of_and(const Scorer *s, const Expression *e, Outcome *ret) {
        size_t n_spans = s->spans ? s->spans->n_items : 0;
        Outcome weakest = {};

        for (size_t i = 0; i < e->n_children; i++) {
                const Expression *child = e->children[i];
                Outcome part;
                int r;

                if (child->kind == EXPRESSION_NOT) {
                        r = score_matches(s->index, child->children[0]);
                        if (r < 0)
                                return r;
                        if (r > 0)
                                return outcome_of_none(s, n_spans, ret);
                        continue;
                }

                r = outcome_of_part(s, child, &part);
                if (r < 0)
                        return r;
                if (!part.matched)
                        return outcome_of_none(s, n_spans, ret);
                if (!weakest.matched || part.factor_milli < weakest.factor_milli)
                        weakest = part;
        }

        weakest.count = 1;
        weakest.points_milli = score_points(s->weight_milli, weakest.factor_milli, 1);
        *ret = weakest;
        return 0;
}

static int outcome_of_part(const Scorer *s, const Expression *e, Outcome *ret) {
        Outcome strongest = {};

        if (expression_is_placed(e))
                return outcome_of_places(s, e, /* once= */ true, ret);
        if (e->kind == EXPRESSION_AND)
                return outcome_of_and(s, e, ret);

        for (size_t i = 0; i < e->n_children; i++) {
                Outcome one;
                int r;

                r = outcome_of_part(s, e->children[i], &one);
                if (r < 0)
                        return r;
                if (!one.matched)
                        continue;
                if (!strongest.matched || one.factor_milli > strongest.factor_milli)
                        strongest = one;
        }

        *ret = strongest;
        return 0;
}

/* A keyword of negative weight counts once, like a part of "&", with factors of its own: where
 * anything but the body holds it, that decides. */
static const int64_t negative_factor_milli[FIELD_MAX] = {
        [FIELD_TITLE] = 1000,
        [FIELD_SUMMARY] = 1000,
        [FIELD_CATEGORY] = 1000,
        [FIELD_AUTHOR] = 1000,
        [FIELD_BODY] = 500,
        [FIELD_FEED] = 1000,
};

/* A whole keyword of weight zero or more: the alternative with most points. */
static int outcome_of_keyword(const Scorer *s, const Expression *e, Outcome *ret) {
        Outcome best = {};

        if (expression_is_placed(e))
                return outcome_of_places(s, e, /* once= */ false, ret);
        if (e->kind == EXPRESSION_AND)
                return outcome_of_and(s, e, ret);

        for (size_t i = 0; i < e->n_children; i++) {
                Outcome one;
                int r;

                r = outcome_of_keyword(s, e->children[i], &one);
                if (r < 0)
                        return r;
                if (one.matched && (!best.matched || one.points_milli > best.points_milli))
                        best = one;
        }

        *ret = best;
        return 0;
}

int score_keyword(const Index *index, const Expression *e, int64_t weight_milli,
        const int64_t factor_milli[static FIELD_MAX], KeywordHit *ret) {
        _cleanup_(span_list_done) SpanList spans = {};
        Scorer s = {
                .index = index,
                .weight_milli = weight_milli,
                .factor_milli = weight_milli < 0 ? negative_factor_milli : factor_milli,
                .spans = &spans,
        };
        Outcome outcome;
        int r;

        if (weight_milli < 0)
                r = outcome_of_part(&s, e, &outcome);
        else
                r = outcome_of_keyword(&s, e, &outcome);
        if (r < 0)
                return r;
        if (!outcome.matched)
                return 0;
        spans_finish(&spans);
        *ret = (KeywordHit){
                .weight_milli = weight_milli,
                .field = outcome.field,
                .count = outcome.count,
                .points_milli = outcome.points_milli,
                .spans = spans.items,
                .n_spans = spans.n_items,
        };
        spans = (SpanList){};
        return 1;
}

int score_matches(const Index *index, const Expression *e) {
        static const int64_t factors[FIELD_MAX] = {};
        Scorer s = { index, 0, factors, NULL };
        Outcome outcome;
        int r;

        r = outcome_of_part(&s, e, &outcome);
        return r < 0 ? r : outcome.matched;
}
