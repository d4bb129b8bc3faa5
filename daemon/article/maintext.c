/* SPDX-License-Identifier: MIT */

/* What publishers mark as the article is believed first: itemprop="articleBody", then an <article>
 * or <main>, provided that it holds the greater part of the page's prose. Without such marks, the
 * text is where paragraphs are dense: each gives points to the elements around it, the nearest
 * most, and the element with the most points wins, together with siblings that look like it. This
 * is the idea of Arc90's Readability (2009), with counts taken once for all elements. */

#include "article/maintext.h"

#include <errno.h>

#include "article/hints.h"
#include "base/str.h"
#include "text/utf8.h"

/* Marked text may be as short as a news flash. */
#define MARKED_CHARS_MIN 25
/* With less, the <article> may be a header with its headline. */
#define HEADED_CHARS_MIN 120
/* What is merely found must be more than a button's label and a notice. */
#define FOUND_CHARS_MIN 60
/* Paragraphs that are shorter say nothing of where the text is. */
#define SCORED_CHARS_MIN 20
/* How far up a paragraph gives points. */
#define SCORED_LEVELS 5
#define HINT_POINTS 25.0
/* Fewer boxes of a kind are no live blog. */
#define ENTRIES_MIN 3
/* Page builders nest by the dozen. */
#define WIDEN_LEVELS 12
/* A lead is a sentence or two. */
#define LEAD_CHARS_MIN 30
#define LEAD_CHARS_MAX 600
#define LEADS_MAX 3

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

/* The <article> that holds the page's headline, where comments and teasers are <article> too: then
 * it need not hold the greater part of the prose, but more than what lies in none. */
static const PageElement *find_headed_article(const Outline *outline) {
        const PageElement *headed = NULL;
        uint32_t n_outside = outline->elements->n_running;

        for (const PageElement *e = outline->elements; e < outline->elements + outline->n_elements;
                e++) {
                if (e->dropped || !is_article(e))
                        continue;
                if (e->holds_h1 && headed)
                        return NULL;
                if (e->holds_h1)
                        headed = e;
                n_outside -= e->n_running;
                e += e->n_below;
        }

        return headed && headed->n_running >= HEADED_CHARS_MIN && headed->n_running >= n_outside
                ? headed
                : NULL;
}

static bool is_live_blog(const PageElement *e) {
        const char *type = element_attribute(e->node, "itemtype");

        return type && endswith(type, "LiveBlogPosting");
}

static bool is_main(const PageElement *e) {
        return element_is(e, "main") || element_attribute_is(e->node, "role", "main");
}

/* --- articleBody in parts --- */

/* How far above a property its item may be. */
#define ITEM_LEVELS 64
/* A long read, each of its paragraphs marked. */
#define PARTS_MAX 1000

static const PageElement *item_around(const PageElement *e) {
        const PageElement *up = e->parent;

        for (unsigned level = 0; up && level < ITEM_LEVELS; level++, up = up->parent)
                if (element_attribute(up->node, "itemscope"))
                        return up;

        return NULL;
}

/* Renders @body and all other elements that are marked as the articleBody of the same item: what
 * stands between them is not text, or each paragraph has the mark. *ret_first is the first. */
static int render_parts(const Outline *outline, const PageElement *body, const char *title,
        const PageElement **ret_first, Buffer *out) {
        const PageElement *item = item_around(body), *first = NULL;
        unsigned n_left = PARTS_MAX;
        int r;

        for (const PageElement *e = outline->elements;
                e < outline->elements + outline->n_elements && n_left > 0; e++) {
                if (e->dropped || !is_article_body(e) || item_around(e) != item ||
                        (!item && e->parent != body->parent))
                        continue;
                r = maintext_render(e, title, out);
                if (r < 0)
                        return r;
                first = first ?: e;
                n_left--;
                e += e->n_below;
        }

        *ret_first = first ?: body;
        return 0;
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

/* The whole text in one <pre>, as old wires and ministries have it. */
static bool is_bulletin(const PageElement *e, const PageElement *root) {
        return element_is(e, "pre") && e->n_running > root->n_running / 2;
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
                score_paragraph(e,
                        e->kind == TAG_BLOCK || !e->parent || is_bulletin(e, root) ? e : e->parent);
        }

        for (PageElement *e = root; is_within(e, root); e++) {
                if (e->dropped || e->score <= 0)
                        continue;
                e->score += HINT_POINTS * element_hint_sign(e);
                e->score *= 1.0 - link_share(e->n_link_text, e->n_text);
                if (!best || e->score > best->score)
                        best = e;
        }

        return best;
}

/* The same tag and first class: text that is cut into boxes, between which stands something else,
 * or the entries of a live blog. */
static bool is_alike(const PageElement *a, const PageElement *b) {
        const char *class_a = element_attribute(a->node, "class");
        const char *class_b = element_attribute(b->node, "class");
        size_t n;

        if (!streq((const char *) a->node->name, (const char *) b->node->name))
                return false;
        if (!class_a || !class_b)
                return false;
        n = strcspn(class_a, " ");
        return n > 0 && n == strcspn(class_b, " ") && strncmp(class_a, class_b, n) == 0;
}

/* The same also where elements have no class: rows, items and the like; and whatever has a time of
 * its own. */
static bool is_like_entry(const PageElement *a, const PageElement *b) {
        if (is_alike(a, b))
                return true;
        if (!streq((const char *) a->node->name, (const char *) b->node->name))
                return false;
        if (a->holds_time && b->holds_time)
                return true;
        return !element_is(a, "div") && !element_is(a, "p") &&
                !element_attribute(a->node, "class") && !element_attribute(b->node, "class");
}

/* How much of the prose below @parent is in boxes like @e; *ret_n is their number. */
static uint32_t running_alike(const PageElement *e, const PageElement *parent, size_t *ret_n) {
        uint32_t n_running = 0;

        *ret_n = 0;
        for (const PageElement *s = parent + 1; is_within(s, parent); s += s->n_below + 1)
                if (!s->dropped && s->n_running > 0 && is_like_entry(s, e) &&
                        link_share(s->n_link_text, s->n_text) < 0.25) {
                        n_running += s->n_running;
                        (*ret_n)++;
                }

        return n_running;
}

/* The entries of a live blog, or the rows of a table, are alike and each is dense, but none holds
 * the greater part of the prose: then the text is what holds them all. */
static const PageElement *widen_to_entries(const PageElement *best, const PageElement *root) {
        const PageElement *e = best;

        for (unsigned level = 0; level < SCORED_LEVELS && e != root && e->parent;
                level++, e = e->parent) {
                size_t n;

                if (e->n_running > root->n_running / 2)
                        break;
                if (running_alike(e, e->parent, &n) >= e->parent->n_running * 0.7 &&
                        n >= ENTRIES_MIN)
                        return e->parent;
        }

        return best;
}

/* Text that is cut into boxes within boxes, as by a page builder or a table with a row for each
 * paragraph: goes up as long as what is won is prose and nearly nothing else. */
static PageElement *widen_to_prose(PageElement *best, const PageElement *root) {
        PageElement *e = best;

        for (unsigned level = 0;
                level < WIDEN_LEVELS && e != root && e->parent && !element_is(e, "article");
                level++, e = e->parent) {
                const PageElement *up = e->parent;
                const uint32_t n_more = up->n_text - best->n_text;
                const uint32_t n_more_running = up->n_running - best->n_running;

                /* Others' articles are other stories. */
                if (up->holds_main && !best->holds_main && !best->is_main)
                        break;
                if (n_more_running >= 0.8 * n_more && n_more_running >= best->n_running / 5)
                        best = e->parent;
                else if (n_more > best->n_text / 10 && !element_is(up, "tr"))
                        break;
        }

        return best;
}

/* The last <h1> that comes before @e; NULL without any. */
static const PageElement *headline_before(const Outline *outline, const PageElement *e) {
        while (e > outline->elements) {
                e--;
                if (e->is_h1 && !e->dropped)
                        return e;
        }

        return NULL;
}

/* Does a sibling of the best element belong to the same text? */
static bool belongs(const PageElement *e, const PageElement *best, const PageElement *headline) {
        if (e == best || e->score >= MAX(10.0, best->score / 5))
                return true;
        /* Prose between the headline and the text begins the text. */
        if (headline && e > headline && e < best && e->n_running >= 0.8 * e->n_text &&
                link_share(e->n_link_text, e->n_text) < 0.2)
                return true;
        if (e->in_lead)
                return e->n_text >= LEAD_CHARS_MIN && e->n_text <= LEAD_CHARS_MAX;
        if (is_alike(e, best))
                return link_share(e->n_link_text, e->n_text) < 0.25;
        if (e->kind == TAG_HEADING)
                return link_share(e->n_link_text, e->n_text) < 0.5;

        /* What stands behind a bulletin is the page's. */
        if (element_is(best, "pre") && e > best && !element_is(e, "pre"))
                return false;
        return e->kind == TAG_PARAGRAPH && e->n_own >= SCORED_CHARS_MIN &&
                link_share(e->n_own_link, e->n_own) < 0.25;
}

/* Renders what is around @best as one run, so that a heading meets its paragraph: what does not
 * belong is dropped. */
static int render_with_siblings(const Outline *outline, PageElement *best, const PageElement *root,
        const char *title, Buffer *out) {
        PageElement *parent = best->parent;
        const PageElement *headline;

        if (best == root || !parent)
                return maintext_render(best, title, out);

        headline = headline_before(outline, best);
        for (PageElement *e = parent + 1; is_within(e, parent); e += e->n_below + 1)
                e->dropped = e->dropped || !belongs(e, best, headline);
        return maintext_render(parent, title, out);
}

/* --- the lead --- */

/* Is what @e says, rendered into @text, a lead: named so, or a paragraph of whole sentences? */
static bool reads_like_lead(const PageElement *e, const Buffer *text) {
        return text->n_bytes > 0 && e->n_text >= LEAD_CHARS_MIN && e->n_text <= LEAD_CHARS_MAX &&
                link_share(e->n_link_text, e->n_text) < 0.3 &&
                (e->in_lead || maintext_ends_like_sentence(buffer_str(text)));
}

/* Appends what sums up the text that @root holds: it stands between the headline and @root, and
 * many sites mark only what is behind it. @found is the text of @root, which may repeat it. Who
 * marks the articleBody says exactly where the text begins, so there a lead must be called one. */
static int render_lead(const Outline *outline, const PageElement *root, const char *title,
        const char *found, Buffer *out) {
        const PageElement *headline = headline_before(outline, root);
        _cleanup_(buffer_done) Buffer text = {};
        size_t n = 0;
        int r;

        if (!headline || root->holds_h1)
                return 0;

        for (const PageElement *e = headline + headline->n_below + 1; e < root && n < LEADS_MAX;
                e++) {
                if (is_within(root, e) || (e->kind == TAG_BLOCK && !e->in_lead && !e->dropped))
                        continue;
                buffer_reset(&text);
                if (!e->dropped && (e->in_lead || e->kind == TAG_PARAGRAPH)) {
                        r = maintext_render(e, title, &text);
                        if (r < 0)
                                return r;
                }
                if (reads_like_lead(e, &text) && (e->in_lead || !is_article_body(root)) &&
                        !strstr(found, buffer_str(&text))) {
                        n++;
                        r = out->n_bytes > 0 ? buffer_append_char(out, '\n') : 0;
                        if (r >= 0)
                                r = buffer_append(out, text.data, text.n_bytes);
                        if (r < 0)
                                return r;
                }
                e += e->n_below;
        }

        return 0;
}

/* @found, the text of @root, behind its lead. */
static int append_with_lead(const Outline *outline, const PageElement *root, const char *title,
        const Buffer *found, Buffer *out) {
        int r;

        r = render_lead(outline, root, title, buffer_str(found), out);
        if (r >= 0 && out->n_bytes > 0)
                r = buffer_append_char(out, '\n');
        return r < 0 ? r : buffer_append(out, found->data, found->n_bytes);
}

/* --- the choice --- */

static bool long_enough(const Buffer *found, size_t n_chars_min) {
        return utf8_n_chars(found->data, found->n_bytes) >= n_chars_min;
}

int maintext_find(const Outline *outline, const char *title, Buffer *out) {
        const uint32_t n_running = outline->elements[0].n_running;
        _cleanup_(buffer_done) Buffer found = {};
        const PageElement *marked[] = {
                find_marked(outline, is_live_blog) ?: find_marked(outline, is_article_body),
                find_marked(outline, is_article),
        };
        const PageElement *headed = find_headed_article(outline);
        const PageElement *main_element = find_marked(outline, is_main);
        PageElement *root = outline->elements, *best;
        int r;

        marked[1] = headed ?: marked[1];
        for (size_t i = 0; i < ELEMENTSOF(marked); i++) {
                /* An <article> may be one of twenty teasers; articleBody is only ever the text. */
                if (!marked[i] || (i > 0 && !headed && marked[i]->n_running < n_running / 2))
                        continue;
                buffer_reset(&found);
                r = i == 0 && is_article_body(marked[i])
                        ? render_parts(outline, marked[i], title, marked + i, &found)
                        : maintext_render(marked[i], title, &found);
                if (r < 0)
                        return r;
                if (long_enough(&found, MARKED_CHARS_MIN))
                        return append_with_lead(outline, marked[i], title, &found, out);
        }

        if (main_element && main_element->n_running >= n_running / 2)
                root = outline->elements + (main_element - outline->elements);
        best = find_dense(root);
        if (best) {
                best = outline->elements + (widen_to_entries(best, root) - outline->elements);
                best = widen_to_prose(best, root);
                buffer_reset(&found);
                r = render_with_siblings(outline, best, root, title, &found);
                if (r < 0)
                        return r;
                if (long_enough(
                            &found, root == outline->elements ? FOUND_CHARS_MIN : MARKED_CHARS_MIN))
                        return append_with_lead(outline, best, title, &found, out);
        }

        return -ENODATA;
}
