/* SPDX-License-Identifier: MIT */

#include "match/evaluate.h"

#include <errno.h>

#include "text/utf8.h"

/* Each node of an expression gives a list of places, sorted by bytes, made of its children's lists.
 * Since positions rise with bytes, such a list is sorted by first position as well, and what
 * follows a place is found by binary search.
 *
 * Only the longest place from one start counts in the end (matches do not overlap: leftmost, then
 * longest). So NEAR keeps, for each word it may start with, the partner that lies furthest; only
 * inside another NEAR, whose reach depends on where its sides end, it keeps all. */

void occurrences_done(Occurrences *o) {
        free(o->items);
        *o = (Occurrences){};
}

static int occurrences_add(Occurrences *o, const Occurrence *item) {
        if (ARRAY_GROW(o->items, o->n_allocated, o->n_items + 1) < 0)
                return -ENOMEM;

        o->items[o->n_items++] = *item;
        return 0;
}

static int compare_u32(uint32_t a, uint32_t b) {
        return a < b ? -1 : a > b;
}

static int occurrence_compare(const void *a, const void *b) {
        const Occurrence *x = a, *y = b;
        int r = compare_u32(x->offset, y->offset);

        if (r == 0)
                r = compare_u32(y->end, x->end);
        if (r == 0)
                r = compare_u32(y->last_position, x->last_position);
        return r != 0 ? r : compare_u32(x->gap_offset, y->gap_offset);
}

/* Sorts, and leaves one of those with the same bytes and last position. */
static void occurrences_sort(Occurrences *o) {
        size_t n = 0;

        if (o->n_items == 0)
                return;

        qsort(o->items, o->n_items, sizeof(Occurrence), occurrence_compare);
        for (size_t i = 1; i < o->n_items; i++)
                if (o->items[i].offset != o->items[n].offset ||
                        o->items[i].end != o->items[n].end ||
                        o->items[i].last_position != o->items[n].last_position)
                        o->items[++n] = o->items[i];
        o->n_items = n + 1;
}

void occurrences_part(Occurrences *o) {
        uint32_t end = 0;
        size_t n = 0;

        for (size_t i = 0; i < o->n_items; i++)
                if (o->items[i].offset >= end) {
                        end = o->items[i].end;
                        o->items[n++] = o->items[i];
                }
        o->n_items = n;
}

unsigned evaluate_fields(const Index *index, const Expression *e) {
        unsigned fields;

        switch (e->kind) {
        case EXPRESSION_TERM:
                return e->fields & index_fields_of(index, e->term);
        case EXPRESSION_PHRASE:
        case EXPRESSION_NEAR:
                fields = FIELD_BIT(FIELD_MAX) - 1;
                for (size_t i = 0; i < e->n_children && fields != 0; i++)
                        fields &= evaluate_fields(index, e->children[i]);
                return fields;
        case EXPRESSION_OR:
                fields = 0;
                for (size_t i = 0; i < e->n_children; i++)
                        fields |= evaluate_fields(index, e->children[i]);
                return fields;
        case EXPRESSION_AND:
        case EXPRESSION_NOT:
        case EXPRESSION_KIND_MAX:
                break;
        }

        return 0; /* has no places */
}

/* --- terms --- */

/* The letters of @word against those of @exact; signs between letters do not count. */
static bool letters_equal(const char *word, size_t n_word, const char *exact, bool prefix) {
        size_t n_exact = strlen(exact), i = 0, j = 0;

        for (;;) {
                uint32_t a = 0, b = 0;

                while (i < n_word && !fold_is_word_char(a))
                        i += utf8_decode(word + i, n_word - i, &a);
                while (j < n_exact && !fold_is_word_char(b))
                        j += utf8_decode(exact + j, n_exact - j, &b);
                a = fold_is_word_char(a) ? a : 0;
                b = fold_is_word_char(b) ? b : 0;
                if (b == 0 && (a == 0 || prefix))
                        return true;
                if (a != b)
                        return false;
        }
}

static int evaluate_term(const Index *index, const Expression *e, Field field, Occurrences *ret) {
        uint32_t position = 0;

        if ((e->fields & FIELD_BIT(field)) == 0)
                return 0;

        for (const Word *w; (w = index_next(index, e->term, field, &position));) {
                int r;

                if (e->exact &&
                        !letters_equal(
                                index_word_text(index, field, w), w->n_bytes, e->exact, e->prefix))
                        continue;
                r = occurrences_add(ret,
                        &(Occurrence){
                                .position = w->position,
                                .last_position = w->last_position,
                                .offset = w->offset,
                                .end = w->offset + w->n_bytes,
                        });
                if (r < 0)
                        return r;
        }

        occurrences_sort(ret);
        return 0;
}

/* --- phrases --- */

/* The first place in @o at @position or behind. */
static size_t first_at(const Occurrences *o, uint32_t position) {
        size_t low = 0, high = o->n_items;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (o->items[middle].position < position)
                        low = middle + 1;
                else
                        high = middle;
        }

        return low;
}

static int phrase_compare(const void *a, const void *b) {
        const Occurrence *x = a, *y = b;
        int r = compare_u32(x->offset, y->offset);

        if (r == 0)
                r = compare_u32(x->last_position, y->last_position);
        return r != 0 ? r : compare_u32(y->end, x->end);
}

/* What begins and ends at the same positions is the same beginning of a phrase: keeps the longest,
 * so that a word and its joined forms do not multiply from step to step. */
static void phrase_unite(Occurrences *o) {
        size_t n = 0;

        if (o->n_items == 0)
                return;

        qsort(o->items, o->n_items, sizeof(Occurrence), phrase_compare);
        for (size_t i = 1; i < o->n_items; i++)
                if (o->items[i].offset != o->items[n].offset ||
                        o->items[i].last_position != o->items[n].last_position)
                        o->items[++n] = o->items[i];
        o->n_items = n + 1;
}

/* Each place of @before continued by each of @after right behind it. */
static int phrase_continue(const Occurrences *before, const Occurrences *after, Occurrences *ret) {
        for (size_t i = 0; i < before->n_items; i++) {
                const Occurrence *b = &before->items[i];
                uint32_t next = b->last_position + 1;

                for (size_t j = first_at(after, next);
                        j < after->n_items && after->items[j].position == next; j++) {
                        Occurrence both = *b;
                        int r;

                        both.last_position = after->items[j].last_position;
                        both.end = after->items[j].end;
                        r = occurrences_add(ret, &both);
                        if (r < 0)
                                return r;
                }
        }

        phrase_unite(ret);
        return 0;
}

static int evaluate_node(
        const Index *index, const Expression *e, Field field, bool all, Occurrences *ret);

static int evaluate_phrase(const Index *index, const Expression *e, Field field, Occurrences *ret) {
        _cleanup_(occurrences_done) Occurrences so_far = {};
        int r;

        r = evaluate_node(index, e->children[0], field, false, &so_far);
        if (r < 0)
                return r;
        phrase_unite(&so_far);

        for (size_t i = 1; i < e->n_children && so_far.n_items > 0; i++) {
                _cleanup_(occurrences_done) Occurrences next = {}, longer = {};

                r = evaluate_node(index, e->children[i], field, false, &next);
                if (r < 0)
                        return r;
                r = phrase_continue(&so_far, &next, &longer);
                if (r < 0)
                        return r;
                occurrences_done(&so_far);
                so_far = longer;
                longer = (Occurrences){};
        }

        occurrences_sort(&so_far);
        *ret = so_far;
        so_far = (Occurrences){};
        return 0;
}

/* --- alternatives --- */

static int evaluate_or(
        const Index *index, const Expression *e, Field field, bool all, Occurrences *ret) {
        int r;

        for (size_t i = 0; i < e->n_children; i++) {
                _cleanup_(occurrences_done) Occurrences places = {};

                if ((evaluate_fields(index, e->children[i]) & FIELD_BIT(field)) == 0)
                        continue;
                r = evaluate_node(index, e->children[i], field, all, &places);
                for (size_t j = 0; r >= 0 && j < places.n_items; j++)
                        r = occurrences_add(ret, &places.items[j]);
                if (r < 0)
                        return r;
        }

        occurrences_sort(ret);
        return 0;
}

/* --- NEAR --- */

/* The first place in @o that begins at byte @offset or behind. */
static size_t first_from(const Occurrences *o, uint32_t offset) {
        size_t low = 0, high = o->n_items;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (o->items[middle].offset < offset)
                        low = middle + 1;
                else
                        high = middle;
        }

        return low;
}

/* Each place of @left with those of @right that lie behind it, at most @near words between. */
static int near_pairs(const Occurrences *left, const Occurrences *right, unsigned near, bool all,
        unsigned *budget, Occurrences *ret) {
        int r;

        for (size_t i = 0; i<left->n_items && * budget> 0; i++) {
                const Occurrence *a = &left->items[i], *furthest = NULL;

                for (size_t j = first_from(right, a->end); j<right->n_items && * budget> 0;
                        j++, (*budget)--) {
                        const Occurrence *b = &right->items[j];

                        if (b->position > a->last_position + near + 1)
                                break;
                        if (!all && furthest && furthest->end >= b->end)
                                continue;
                        furthest = b;
                        if (!all)
                                continue;
                        r = occurrences_add(ret,
                                &(Occurrence){ a->position, b->last_position, a->offset, b->end,
                                        a->end, b->offset });
                        if (r < 0)
                                return r;
                }
                if (all || !furthest)
                        continue;

                r = occurrences_add(ret,
                        &(Occurrence){ a->position, furthest->last_position, a->offset,
                                furthest->end, a->end, furthest->offset });
                if (r < 0)
                        return r;
        }

        return 0;
}

static int evaluate_near(
        const Index *index, const Expression *e, Field field, bool all, Occurrences *ret) {
        _cleanup_(occurrences_done) Occurrences a = {}, b = {};
        unsigned budget_ab = NEAR_PAIRS_MAX, budget_ba = NEAR_PAIRS_MAX;
        int r;

        r = evaluate_node(index, e->children[0], field, /* all= */ true, &a);
        if (r < 0 || a.n_items == 0)
                return r;
        r = evaluate_node(index, e->children[1], field, /* all= */ true, &b);
        if (r < 0)
                return r;

        r = near_pairs(&a, &b, e->near, all, &budget_ab, ret);
        if (r < 0)
                return r;
        r = near_pairs(&b, &a, e->near, all, &budget_ba, ret);
        if (r < 0)
                return r;

        occurrences_sort(ret);
        return 0;
}

/* --- all of them --- */

static int evaluate_node(
        const Index *index, const Expression *e, Field field, bool all, Occurrences *ret) {
        switch (e->kind) {
        case EXPRESSION_TERM:
                return evaluate_term(index, e, field, ret);
        case EXPRESSION_PHRASE:
                return evaluate_phrase(index, e, field, ret);
        case EXPRESSION_NEAR:
                return evaluate_near(index, e, field, all, ret);
        case EXPRESSION_OR:
                return evaluate_or(index, e, field, all, ret);
        case EXPRESSION_AND:
        case EXPRESSION_NOT:
        case EXPRESSION_KIND_MAX:
                break;
        }

        return 0; /* has no places */
}

int evaluate(const Index *index, const Expression *e, Field field, Occurrences *ret) {
        *ret = (Occurrences){};
        return evaluate_node(index, e, field, /* all= */ false, ret);
}
