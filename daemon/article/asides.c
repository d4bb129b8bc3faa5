/* SPDX-License-Identifier: MIT */

/* Portals put something between every other paragraph, and name it in their own language. These are
 * told by their label, or by being many of a kind:
 *
 * - a box that begins with "read also", "related stories" and the like;
 * - comments: what is under a heading that says so, perhaps with their number;
 * - a gallery: boxes side by side, each with a picture and a line or two;
 * - an index: a long list whose items each begin with a link.
 *
 * None is dropped that holds a large part of the page's prose: then the label is of the text. */

#include "article/asides.h"

#include <errno.h>

#include "article/phrases.h"
#include "base/str.h"

/* "Recommended for you", in any language; each costs a microsecond or two. */
#define LABEL_CHARS_MIN 3
#define LABEL_CHARS_MAX 60
#define LABEL_ELEMENTS_MAX ((size_t) 6)
#define LABELS_MAX 500

#define BOX_LEVELS 8
/* Pictures and white space. */
#define NODES_BEFORE_MAX 20
#define BOX_CHARS_MAX 1500
#define COMMENTS_CHARS_MAX 100000

#define PICTURES_MIN 3
#define PICTURE_ELEMENTS_MAX ((size_t) 20)
#define PICTURE_CHARS_MAX 250

#define INDEX_ITEMS_MIN 8
#define INDEX_ITEM_CHARS_MAX 90
#define INDEX_NODES_MAX 8

/* --- labels --- */

static bool may_be_label(const PageElement *e) {
        return !e->dropped && !e->in_link && !e->is_main && e->n_text >= LABEL_CHARS_MIN &&
                e->n_text <= LABEL_CHARS_MAX && e->n_below <= LABEL_ELEMENTS_MAX &&
                e->n_link_text == 0 && e->n_own == e->n_text &&
                /* An element around it would be asked the same again. */
                !(e->n_below > 0 && e[1].n_text == e->n_text && e[1].kind != TAG_INLINE);
}

/* Is there nothing to read in the parent of @e before it? */
static bool begins_parent(const PageElement *e) {
        unsigned n_left = NODES_BEFORE_MAX;

        for (const xmlNode *before = e->node->prev; before; before = before->prev) {
                const PageElement *b = before->_private;

                if (n_left-- == 0)
                        return false;
                if (before->type == XML_TEXT_NODE && !node_is_blank(before))
                        return false;
                if (before->type == XML_ELEMENT_NODE && b && !b->dropped && b->n_text > 0)
                        return false;
        }

        return true;
}

static bool may_be_box(const PageElement *e, uint32_t n_chars_max, uint32_t n_running_max) {
        return !element_is(e, "body") && !e->is_main && !e->holds_main && !e->holds_h1 &&
                !e->is_h1 && e->n_text <= n_chars_max && e->n_running <= n_running_max;
}

/* The box that begins with @label and holds something besides; NULL: it is in none. */
static PageElement *box_of(PageElement *label, uint32_t n_chars_max, uint32_t n_running_max) {
        PageElement *box = NULL, *e = label;

        for (unsigned level = 0; level < BOX_LEVELS && e->parent; level++) {
                if (!begins_parent(e) || !may_be_box(e->parent, n_chars_max, n_running_max))
                        break;
                /* Around the smallest box only what adds nothing to it. */
                if (box && e->parent->n_text > box->n_text)
                        break;
                e = e->parent;
                if (e->n_text > label->n_text)
                        box = e;
        }

        return box;
}

/* Comments that lie beside their heading: up to the next heading, if there is one. */
static void drop_behind(PageElement *heading, uint32_t n_running_max) {
        PageElement *parent = heading->parent;
        uint32_t n_running = 0;

        if (heading->kind != TAG_HEADING || !parent)
                return;
        for (unsigned drop = 0; drop < 2; drop++)
                for (PageElement *e = heading + heading->n_below + 1;
                        e <= parent + parent->n_below && e->kind != TAG_HEADING;
                        e += e->n_below + 1) {
                        if (drop)
                                e->dropped = true;
                        else if (e->is_main || e->holds_main || e->holds_h1)
                                return;
                        n_running += drop ? 0 : e->n_running;
                        if (n_running > n_running_max)
                                return;
                }
}

static int judge_label(PageElement *e, uint32_t n_page) {
        PageElement *box;
        xmlChar *content;
        int r;

        content = xmlNodeGetContent(e->node);
        if (!content)
                return -ENOMEM;
        r = phrase_heads_aside((const char *) content, strlen((const char *) content));
        xmlFree(content);
        if (r < 0)
                return r;

        switch ((PhraseAside) r) {
        case PHRASE_ASIDE_ELSEWHERE:
                box = box_of(e, BOX_CHARS_MAX, n_page / 4);
                if (box)
                        box->dropped = true;
                break;
        case PHRASE_ASIDE_COMMENTS:
                box = box_of(e, COMMENTS_CHARS_MAX, n_page / 2);
                if (box)
                        box->dropped = true;
                else
                        drop_behind(e, n_page / 2);
                break;
        case PHRASE_ASIDE_NONE:
        case PHRASE_ASIDE_MAX:
                break;
        }

        return 0;
}

/* --- galleries --- */

/* A picture and at most one paragraph, without a heading. */
static bool is_picture_with_line(const PageElement *e) {
        bool has_picture = false;
        unsigned n_paragraphs = 0;

        if (e->dropped || (e->kind != TAG_BLOCK && e->kind != TAG_LIST_ITEM) ||
                e->n_text > PICTURE_CHARS_MAX || e->n_below > PICTURE_ELEMENTS_MAX || e->is_main ||
                e->holds_main || e->holds_h1)
                return false;
        for (const PageElement *in = e + 1; in <= e + e->n_below; in++) {
                if (in->kind == TAG_HEADING || in->is_cell)
                        return false;
                n_paragraphs += in->kind == TAG_PARAGRAPH && in->n_text > 0;
                has_picture |= element_is_picture(in);
        }

        return has_picture && n_paragraphs <= 1;
}

static void drop_gallery(PageElement *parent, uint32_t n_page) {
        uint32_t n_running = 0;
        unsigned n_pictures = 0;

        for (PageElement *e = parent + 1; e <= parent + parent->n_below; e += e->n_below + 1)
                if (is_picture_with_line(e)) {
                        n_pictures++;
                        n_running += e->n_running;
                }
        if (n_pictures < PICTURES_MIN || n_running > n_page / 3)
                return;
        for (PageElement *e = parent + 1; e <= parent + parent->n_below; e += e->n_below + 1)
                e->dropped = e->dropped || is_picture_with_line(e);
}

/* --- indexes --- */

/* Does the item begin with a link, and not end like a sentence? */
static bool is_index_item(const PageElement *e) {
        const xmlNode *node = e->node, *last = e->node->last;
        unsigned n_nodes = 0;

        if (e->n_link_text == 0 || e->n_text > INDEX_ITEM_CHARS_MAX)
                return false;
        if (last && last->type == XML_TEXT_NODE && last->content) {
                const char *s = (const char *) last->content;
                size_t n = strlen(s);

                while (n > 0 && ascii_isspace(s[n - 1]))
                        n--;
                if (n > 0 && strchr(".!?;", s[n - 1]))
                        return false;
        }

        for (; node && n_nodes < INDEX_NODES_MAX;
                n_nodes++, node = node_next_within(node, e->node, /* skip= */ false)) {
                const PageElement *parent = node->parent->_private;

                if (node->type == XML_TEXT_NODE && !node_is_blank(node))
                        return parent && parent->in_link;
        }

        return false;
}

static void drop_index(PageElement *list, uint32_t n_page) {
        unsigned n_items = 0, n_led = 0;

        if (list->n_running > n_page / 2)
                return;
        for (PageElement *e = list + 1; e <= list + list->n_below; e += e->n_below + 1) {
                n_items += e->n_text > 0;
                n_led += e->n_text > 0 && is_index_item(e);
        }
        if (n_items >= INDEX_ITEMS_MIN && n_led * 5 >= n_items * 4)
                list->dropped = true;
}

int outline_drop_asides(Outline *outline) {
        const uint32_t n_page = outline->elements->n_running;
        unsigned n_labels = 0;
        int r;

        for (size_t i = 0; i < outline->n_elements; i++) {
                PageElement *e = outline->elements + i;

                if (e->parent && e->parent->dropped)
                        e->dropped = true;
                if (e->dropped)
                        continue;
                if (n_labels < LABELS_MAX && may_be_label(e)) {
                        n_labels++;
                        r = judge_label(e, n_page);
                        if (r < 0)
                                return r;
                }
                if (element_is(e, "ul") || element_is(e, "ol"))
                        drop_index(e, n_page);
                if (e->kind == TAG_BLOCK)
                        drop_gallery(e, n_page);
        }

        return 0;
}
