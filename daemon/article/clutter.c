/* SPDX-License-Identifier: MIT */

/* Clutter goes in two rounds. First what can be told from an element alone: its tag, its role,
 * that it is hidden. Then, on counts without those, what its class and id say. Names lie, since a
 * wrapper around everything may be called "has-sidebar"; so a name alone never drops what holds the
 * page's main element, and most names do not drop what holds the greater part of its prose. */

#include "article/clutter.h"

#include "article/asides.h"
#include "article/boxes.h"
#include "article/hints.h"
#include "base/str.h"

/* Offers are a handful; the first button comes soon. Boxes within boxes are each looked into. */
#define OFFER_ELEMENTS_MAX ((size_t) 100)

/* A digest has a handful of points; "Key points" may be in no heading. */
#define DIGEST_ELEMENTS_MAX ((size_t) 60)
#define DIGEST_LABEL_CHARS_MAX 20

/* "[12]", "iv", an arrow */
#define NOTE_MARK_CHARS_MAX 4

static bool style_hides(const char *style) {
        char compact[256];
        size_t n = 0;

        for (; *style && n < sizeof(compact) - 1; style++)
                if (!ascii_isspace(*style))
                        compact[n++] = ascii_tolower(*style);
        compact[n] = '\0';

        return strstr(compact, "display:none") || strstr(compact, "visibility:hidden");
}

static bool is_hidden(const PageElement *e) {
        const char *style = element_attribute(e->node, "style");

        /* The whole page behind an open dialog is hidden from screen readers, and shown. */
        if (element_attribute_is(e->node, "aria-hidden", "true") && !e->is_main && !e->holds_main)
                return true;
        /* AMP: what those see who may not read on. */
        if (startswith_nocase(element_attribute(e->node, "amp-access") ?: "", "NOT "))
                return true;
        return element_attribute(e->node, "hidden") || (style && style_hides(style)) ||
                element_is_hidden_by_class(e);
}

/* <sup><a href="#note-1">1</a></sup>, and the arrow back from there. */
static bool is_note_mark(const PageElement *e) {
        const char *href = element_attribute(e->node, "href");

        if (element_is(e, "sup"))
                return e->n_text > 0 && e->n_text == e->n_link_text &&
                        e->n_text <= NOTE_MARK_CHARS_MAX;
        return element_is(e, "a") && href && href[0] == '#' && e->n_text <= NOTE_MARK_CHARS_MAX;
}

/* ARIA 1.2, landmarks and widgets. */
static bool has_foreign_role(const PageElement *e) {
        static const char *const roles[] = { "navigation", "banner", "contentinfo", "complementary",
                "search", "dialog", "alertdialog", "menu", "menubar", "toolbar", "tablist", "note",
                "doc-noteref", "doc-backlink", "doc-endnotes", "doc-footnote", "doc-toc" };
        const char *role = element_attribute(e->node, "role");

        for (size_t i = 0; role && i < ELEMENTSOF(roles); i++)
                if (streq_nocase(role, roles[i]))
                        return true;

        return false;
}

/* Custom elements of AMP are players, forms, menus and advertisements; what they hold stands in
 * until a script has run. These are the ones that lay out text. */
static bool is_amp_widget(const PageElement *e) {
        static const char *const layouts[] = { "amp-fit-text", "amp-layout", "amp-accordion",
                "amp-story", "amp-story-page", "amp-story-grid-layer" };

        if (!startswith((const char *) e->node->name, "amp-"))
                return false;
        for (size_t i = 0; i < ELEMENTSOF(layouts); i++)
                if (element_is(e, layouts[i]))
                        return false;

        return true;
}

static bool is_clutter_by_itself(const PageElement *e, const PageElement *root) {
        /* Some pages hide everything until a script has run. */
        const bool holds_page =
                (e->is_main || e->holds_main || e->holds_h1) && e->n_running > root->n_running / 2;

        if (element_is(e, "html") || element_is(e, "body"))
                return false;

        return e->kind == TAG_NEVER || (is_hidden(e) && !holds_page) || is_note_mark(e) ||
                has_foreign_role(e) || is_amp_widget(e);
}

/* Search engines have publishers call the paid text itself ".paywall" (schema.org, hasPart); what
 * asks for payment has a button or a way to log in. */
static bool is_offer(const PageElement *e) {
        static const char *const ways[] = { "login", "log-in", "signin", "sign-in", "subscri",
                "register", "checkout", "offer" };

        for (size_t i = 1; i <= MIN(e->n_below, OFFER_ELEMENTS_MAX); i++) {
                const char *href = element_attribute(e[i].node, "href");

                if (e[i].sells || element_is(e + i, "button"))
                        return true;
                for (size_t k = 0; href && k < ELEMENTSOF(ways); k++)
                        if (strcasestr(href, ways[k]))
                                return true;
        }

        return false;
}

/* For a browser of 1996 that shows frames no page, and says so in a line or two. */
#define NOFRAMES_CHARS_MIN 300

/* Nothing but a list, with a heading at most: points in place of sentences, before or beside the
 * text that says them all. */
static bool is_list_alone(const PageElement *e) {
        uint32_t n_items = 0, n_headings = 0;

        for (const PageElement *in = e + 1; in <= e + MIN(e->n_below, DIGEST_ELEMENTS_MAX); in++)
                if (in->kind == TAG_LIST_ITEM || in->kind == TAG_HEADING) {
                        n_items += in->kind == TAG_LIST_ITEM ? in->n_text : 0;
                        n_headings += in->kind == TAG_HEADING ? in->n_text : 0;
                        in += in->n_below;
                }

        return n_items > 0 && n_items + n_headings + DIGEST_LABEL_CHARS_MAX >= e->n_text;
}

/* @in_main: within the page's main element, or its article of schema.org. */
static bool is_clutter_by_name(const PageElement *e, const PageElement *root, bool in_main) {
        const bool holds_most = e->n_running > root->n_running / 2;

        if (element_is(e, "html") || element_is(e, "body") || e->holds_main)
                return false;
        /* Old frameworks have one form around the whole page. */
        if (element_is(e, "form") && !holds_most && !e->holds_h1)
                return true;
        if (element_is(e, "noframes") && e->n_text < NOFRAMES_CHARS_MIN)
                return true;
        if (element_is(e, "figure") && !holds_most)
                return true;
        if (element_is(e, "header") && !holds_most && !(in_main && e->holds_h1) &&
                !(e->parent && e->parent->is_main))
                return true;
        /* Also where the name says "teaser", as some call what sums the page itself up. */
        if (in_main && element_attribute_has(e->node, "itemprop", "description"))
                return false;

        switch ((HintKind) e->hint) {
        case HINT_NONE:
        case HINT_TEXT:
        case HINT_LEAD:
                return false;
        case HINT_AROUND:
                return !e->is_main && !holds_most && !e->holds_h1;
        case HINT_TEASER:
                return !holds_most && !e->holds_h1;
        case HINT_DIGEST:
                return !e->is_main && !e->holds_h1 && is_list_alone(e);
        case HINT_BARRIER:
                return !e->is_main && !e->holds_h1 && is_offer(e);
        case HINT_COMMENTS:
                return !(holds_most && (e->holds_h1 || e->is_main));
        case HINT_CONSENT:
        case HINT_KIND_MAX:
                break;
        }

        return !e->is_main;
}

static bool is_lead(const PageElement *e) {
        return e->hint == HINT_LEAD || element_attribute_has(e->node, "itemprop", "description");
}

static bool is_item(const PageElement *e) {
        const char *type = element_attribute(e->node, "itemtype");

        return type && (endswith(type, "Article") || endswith(type, "Posting"));
}

int outline_drop_clutter(Outline *outline) {
        size_t main_until = 0;
        int r;

        outline_count(outline);
        for (size_t i = 0; i < outline->n_elements; i++) {
                PageElement *e = outline->elements + i;

                e->dropped = (e->parent && e->parent->dropped) ||
                        is_clutter_by_itself(e, outline->elements);
                e->hint = e->dropped ? HINT_NONE : element_hint(e);
        }
        outline_count(outline);

        r = outline_drop_boxes(outline);
        if (r >= 0)
                r = outline_drop_asides(outline);
        if (r < 0)
                return r;
        for (size_t i = 0; i < outline->n_elements; i++) {
                PageElement *e = outline->elements + i;

                e->dropped = e->dropped || (e->parent && e->parent->dropped);
        }
        outline_count(outline);

        for (size_t i = 0; i < outline->n_elements; i++) {
                PageElement *e = outline->elements + i;

                if (e->is_main || is_item(e))
                        main_until = MAX(main_until, i + e->n_below);
                e->in_lead = (e->parent && e->parent->in_lead) || is_lead(e);
                e->dropped = e->dropped || (e->parent && e->parent->dropped) ||
                        is_clutter_by_name(
                                e, outline->elements, /* in_main= */ i <= main_until && i > 0);
        }
        outline_count(outline);
        return 0;
}
