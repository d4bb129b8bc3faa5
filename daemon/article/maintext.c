/* SPDX-License-Identifier: MIT */

/* What publishers mark as the article is believed first: itemprop="articleBody", then an <article>
 * or <main>, provided that it holds the greater part of the page's prose. Without such marks, the
 * text is where paragraphs are dense: each gives points to the elements around it, the nearest
 * most, and the element with the most points wins, together with siblings that look like it. This
 * is the idea of Arc90's Readability (2009), with counts taken once for all elements. */

#include "article/maintext.h"

#include <errno.h>

#include "article/clutter.h"
#include "base/str.h"
#include "text/utf8.h"

/* Marked text may be as short as a news flash. */
#define MARKED_CHARS_MIN 25
/* What is merely found must be more than a button's label and a notice. */
#define FOUND_CHARS_MIN 60
/* Paragraphs that are shorter say nothing of where the text is. */
#define SCORED_CHARS_MIN 20
/* How far up a paragraph gives points. */
#define SCORED_LEVELS 5
#define HINT_POINTS 25.0

static double link_share(uint32_t n_link, uint32_t n_all) {
        return n_all > 0 ? (double) n_link / n_all : 0.0;
}

/* The element that is marked in the way @is_marked tells and has the most prose. */
static const PageElement *find_marked(
        const Outline *outline, bool (*is_marked)(const PageElement *e)) {
        const PageElement *best = NULL;

        for (size_t i = 0; i < outline->n_elements; i++) {
                const PageElement *e = outline->elements + i;

                if (!e->dropped && e->n_text > 0 && is_marked(e) &&
                        (!best || e->n_running > best->n_running))
                        best = e;
        }

        return best;
}

static bool is_article_body(const PageElement *e) {
        return element_attribute_has(e->node, "itemprop", "articleBody");
}

static bool is_article(const PageElement *e) {
        return element_is(e, "article") || element_attribute_is(e->node, "role", "article");
}

static bool is_main(const PageElement *e) {
        return element_is(e, "main") || element_attribute_is(e->node, "role", "main");
}

/* --- density --- */

/* Gives the points of paragraph @e to @first and, less and less, to what is around it. */
static void score_paragraph(const PageElement *e, PageElement *first) {
        double points = 1.0 + e->n_commas + MIN(e->n_own / 100.0, 3.0);
        PageElement *up = first;

        points *= 1.0 - link_share(e->n_own_link, e->n_own);
        for (unsigned level = 0; up && level < SCORED_LEVELS; level++, up = up->parent)
                up->score += level < 2 ? points / (level + 1) : points / (3 * level);
}

static bool is_within(const PageElement *e, const PageElement *root) {
        return e >= root && e <= root + root->n_below;
}

/* The element below @root (or itself) around which the prose is dense; NULL when there is none. */
static PageElement *find_dense(PageElement *root) {
        PageElement *best = NULL;

        for (PageElement *e = root; is_within(e, root); e++)
                e->score = 0;

        for (PageElement *e = root; is_within(e, root); e++) {
                if (e->dropped || !element_is_running(e) || e->n_own < SCORED_CHARS_MIN)
                        continue;
                /* A <div> of running text is its own container; a <p> never is. */
                score_paragraph(e, e->kind == TAG_BLOCK || !e->parent ? e : e->parent);
        }

        for (PageElement *e = root; is_within(e, root); e++) {
                if (e->dropped || e->score <= 0)
                        continue;
                e->score += HINT_POINTS * element_name_hint(e);
                e->score *= 1.0 - link_share(e->n_link_text, e->n_text);
                if (!best || e->score > best->score)
                        best = e;
        }

        return best;
}

/* Does a sibling of the best element belong to the same text? */
static bool belongs(const PageElement *e, const PageElement *best) {
        if (e == best || e->score >= MAX(10.0, best->score / 5))
                return true;
        if (e->kind == TAG_HEADING)
                return link_share(e->n_link_text, e->n_text) < 0.5;

        return e->kind == TAG_PARAGRAPH && e->n_own >= SCORED_CHARS_MIN &&
                link_share(e->n_own_link, e->n_own) < 0.25;
}

static int render_with_siblings(
        const PageElement *best, const PageElement *root, const char *title, Buffer *out) {
        const PageElement *parent = best->parent;
        int r;

        if (best == root || !parent)
                return maintext_render(best, title, out);

        for (const PageElement *e = parent + 1; is_within(e, parent); e += e->n_below + 1) {
                if (e->dropped || !belongs(e, best))
                        continue;
                r = maintext_render(e, title, out);
                if (r < 0)
                        return r;
        }

        return 0;
}

/* --- the choice --- */

/* Keeps what was appended behind @n_before if it is long enough. */
static bool long_enough(Buffer *out, size_t n_before, size_t n_chars_min) {
        if (utf8_n_chars(buffer_str(out) + n_before, out->n_bytes - n_before) >= n_chars_min)
                return true;
        buffer_truncate(out, n_before);
        return false;
}

int maintext_find(const Outline *outline, const char *title, Buffer *out) {
        const uint32_t n_running = outline->elements[0].n_running;
        const size_t n_before = out->n_bytes;
        const PageElement *marked[] = {
                find_marked(outline, is_article_body),
                find_marked(outline, is_article),
        };
        const PageElement *main_element = find_marked(outline, is_main);
        PageElement *root = outline->elements, *best;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(marked); i++) {
                /* An <article> may be one of twenty teasers; articleBody is only ever the text. */
                if (!marked[i] || (i > 0 && marked[i]->n_running < n_running / 2))
                        continue;
                r = maintext_render(marked[i], title, out);
                if (r < 0)
                        return r;
                if (long_enough(out, n_before, MARKED_CHARS_MIN))
                        return 0;
        }

        if (main_element && main_element->n_running >= n_running / 2)
                root = outline->elements + (main_element - outline->elements);
        best = find_dense(root);
        if (best) {
                r = render_with_siblings(best, root, title, out);
                if (r < 0)
                        return r;
                if (long_enough(out, n_before,
                            root == outline->elements ? FOUND_CHARS_MIN : MARKED_CHARS_MIN))
                        return 0;
        }

        return -ENODATA;
}
