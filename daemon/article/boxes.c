/* SPDX-License-Identifier: MIT */

/* More and more sites name their elements by a hash of the style, so names say nothing. Some
 * boxes can be told by what they hold:
 *
 * - an input field for a mail address, and little text around it;
 * - a button that says "accept" in whatever language, and around it a text on cookies and data;
 * - a button that says "reply" in each of several boxes side by side: comments;
 * - a button that says "subscribe", and a line or two around it;
 * - a headline that is a link to another page, and a line or two below: a card. Without a heading's
 *   tag it may be a reference in the text, but three side by side are a list of other stories;
 * - a picture and a line that is in no paragraph: its caption. */

#include "article/boxes.h"

#include <errno.h>

#include "article/hints.h"
#include "article/phrases.h"
#include "base/str.h"

/* More text than this is no box that asks for an address. */
#define SIGNUP_CHARS_MAX 500
#define SIGNUP_LEVELS 6

/* A box that asks for a mail address, by its input field: the block around it, and around its form
 * if there is little more in it. */
static void drop_signup(PageElement *input) {
        PageElement *box = NULL, *e = input->parent;

        for (unsigned level = 0; e && level < SIGNUP_LEVELS; level++, e = e->parent) {
                if (e->n_text > SIGNUP_CHARS_MAX || e->holds_main || e->holds_h1 || e->is_main ||
                        element_is(e, "body"))
                        break;
                if (e->kind == TAG_INLINE)
                        continue;
                box = e;
                if (!element_is(e, "form") && e->n_text > 0)
                        break;
        }
        if (box)
                box->dropped = true;
}

/* --- consent --- */

/* A dialog has a handful of buttons; each costs a look at the text around it. */
#define CONSENT_BUTTONS_MAX 40
/* With all the purposes that the law knows. */
#define CONSENT_CHARS_MAX 12000
/* The question is at least a sentence. */
#define CONSENT_CHARS_MIN 60
#define LABEL_CHARS_MAX 60
#define BUTTON_ELEMENTS_MAX 16
#define BUTTON_BESIDE_CHARS_MAX 20

/* Around @button the largest box of which it is no small part; NULL without any. */
static PageElement *box_around(PageElement *button) {
        PageElement *box = button->parent;

        for (; box && box->parent; box = box->parent) {
                const PageElement *up = box->parent;

                if (element_is(box, "body") || box->is_main || box->holds_main ||
                        box->n_text > CONSENT_CHARS_MAX)
                        return NULL;
                if (box->n_text >= CONSENT_CHARS_MIN && box->kind != TAG_INLINE &&
                        up->n_text > box->n_text + box->n_text / 4)
                        return box;
                /* Nothing else on the page: then what is around it does not matter. */
                if (element_is(up, "body"))
                        return box->n_text >= CONSENT_CHARS_MIN ? box : NULL;
        }

        return NULL;
}

/* Small enough that to look into each costs little, however they are nested. */
static bool may_be_button(const PageElement *e) {
        if (e->n_below > BUTTON_ELEMENTS_MAX || e->n_text > LABEL_CHARS_MAX)
                return false;
        /* A link in a sentence is a reference. */
        if (element_is(e, "a") && e->block)
                return e->block->n_own - e->block->n_own_link <= BUTTON_BESIDE_CHARS_MAX;
        return element_is(e, "button") || element_attribute_is(e->node, "role", "button") ||
                (element_is(e, "input") && !element_attribute_is(e->node, "type", "hidden"));
}

/* What it says: a PhraseLabel, or -ENOMEM. */
static int button_label(const PageElement *e) {
        xmlChar *content;
        int r;

        if (element_is(e, "input")) {
                const char *value = element_attribute(e->node, "value");

                return value ? phrase_label(value) : PHRASE_OTHER;
        }
        content = xmlNodeGetContent(e->node);
        if (!content)
                return -ENOMEM;
        r = phrase_label((const char *) content);
        xmlFree(content);
        return r;
}

/* *n_left counts down the looks that are left. */
static int drop_consent(PageElement *button, unsigned *n_left) {
        PageElement *box;
        xmlChar *content;
        int r;

        if (*n_left == 0)
                return 0;
        (*n_left)--;
        box = box_around(button);
        if (!box || box->dropped)
                return 0;

        content = xmlNodeGetContent(box->node);
        if (!content)
                return -ENOMEM;
        r = phrase_is_about_consent((const char *) content, strlen((const char *) content));
        xmlFree(content);
        if (r > 0)
                box->dropped = true;
        return MIN(r, 0);
}

/* --- comments and offers --- */

/* Each label costs a microsecond or two. */
#define LABELS_MAX 400

/* How many looks are left. */
typedef struct ButtonLooks {
        unsigned n_consent, n_labels, n_offers;
} ButtonLooks;

/* Each look at an offer reads its text. */
#define OFFERS_MAX 40
#define OFFER_LEVELS 16
/* With all that a subscription comes with. */
#define OFFER_TEXT_CHARS_MAX 3000

#define REPLY_LEVELS 8
#define REPLY_CHARS_MAX 5000
#define OFFER_CHARS_MAX 400

/* The nearest block with prose around @button; NULL if that is the article. */
static PageElement *prose_around(PageElement *button, uint32_t n_chars_max) {
        PageElement *e = button->parent;

        for (unsigned level = 0; e && level < REPLY_LEVELS; level++, e = e->parent) {
                if (element_is(e, "body") || e->is_main || e->holds_main || e->holds_h1 ||
                        e->n_text > n_chars_max)
                        return NULL;
                if (e->kind != TAG_INLINE && e->n_running > 0)
                        return e;
        }

        return NULL;
}

/* What offers a subscription around @button, however long: the largest box that says so. */
static int drop_offer(PageElement *button, unsigned *n_left) {
        PageElement *box = NULL, *e = button->parent;

        for (unsigned level = 0; e && *n_left > 0 && level < OFFER_LEVELS; level++, e = e->parent) {
                xmlChar *content;
                int r;

                if (element_is(e, "body") || e->is_main || e->holds_main || e->holds_h1 ||
                        e->n_text > OFFER_TEXT_CHARS_MAX)
                        break;
                if (e->kind == TAG_INLINE || e->n_text == (box ? box->n_text : 0))
                        continue;
                (*n_left)--;
                content = xmlNodeGetContent(e->node);
                if (!content)
                        return -ENOMEM;
                r = phrase_is_offer((const char *) content, strlen((const char *) content));
                xmlFree(content);
                if (r < 0)
                        return r;
                if (r > 0)
                        box = e;
        }

        if (box)
                box->dropped = true;
        return 0;
}

static int judge_button(Outline *outline, PageElement *e, ButtonLooks *left) {
        PageElement *box;
        int r;

        /* A button is dropped in any case, and what is around it may be so already. */
        if (left->n_labels == 0 || (e->parent && e->parent->dropped) || !may_be_button(e))
                return 0;
        left->n_labels--;
        r = button_label(e);
        if (r < 0)
                return r;

        switch ((PhraseLabel) r) {
        case PHRASE_ACCEPT:
                return drop_consent(e, &left->n_consent);
        case PHRASE_REPLY:
                box = prose_around(e, REPLY_CHARS_MAX);
                if (box)
                        box->is_comment = true;
                break;
        case PHRASE_SUBSCRIBE:
                box = prose_around(e, OFFER_CHARS_MAX);
                if (box && box->n_running < outline->elements->n_running / 3)
                        box->dropped = true;
                e->sells = true;
                return drop_offer(e, &left->n_offers);
        case PHRASE_OTHER:
        case PHRASE_LABEL_MAX:
                break;
        }

        return 0;
}

/* --- cards --- */

#define CARDS_MIN 3
/* The link is among the first in a heading. */
#define HEADING_ELEMENTS_MAX ((size_t) 4)
#define CARD_CHARS_MIN 20
#define CARD_TEXT_CHARS_MIN 25
#define CARD_CHARS_MAX 700
/* A shorter link is a place, a topic or a time. */
#define CARD_LINK_CHARS_MIN 12
/* "3 January 2026, 10:05, two hours ago" */
#define PERMALINK_CHARS_MAX 40
/* The topic and the date may stand above the headline. */
#define CARD_LABEL_CHARS_MAX 50
/* Headlines come early, behind a picture with its sources. */
#define CARD_NODES_MAX 60

/* A link into the page itself is a permalink or a note; so is one that is little but a time, as
 * above each entry of a live blog. */
static bool leads_elsewhere(const PageElement *a, const char *own_url) {
        const char *href = element_attribute(a->node, "href");

        if (a->holds_time && a->n_text <= PERMALINK_CHARS_MAX)
                return false;
        return href && href[0] != '\0' && !strchr(href, '#') && !is_same_path(href, own_url) &&
                !startswith_nocase(href, "mailto:") && !startswith_nocase(href, "javascript:");
}

/* Does the line end behind @a, at a break, another block or the end of its own? */
static bool ends_line(const PageElement *a) {
        for (const PageElement *e = a; e && e->kind == TAG_INLINE; e = e->parent)
                for (const xmlNode *next = e->node->next; next; next = next->next) {
                        const PageElement *n = next->_private;

                        if (next->type == XML_TEXT_NODE && !node_is_blank(next))
                                return false;
                        if (next->type != XML_ELEMENT_NODE || !n || n->dropped)
                                continue;
                        if (n->kind != TAG_INLINE || element_is(n, "br") || element_is(n, "span"))
                                return true;
                        if (n->n_text > 0)
                                return false;
                }

        return true;
}

/* What leads from the card to its page; NULL: it is none. */
static const PageElement *card_link(const PageElement *e, const char *own_url) {
        uint32_t n_before = 0;
        unsigned n_nodes = 0;

        if (e->dropped || e->n_text < CARD_CHARS_MIN || e->n_text > CARD_CHARS_MAX)
                return NULL;
        if (e->kind != TAG_BLOCK && e->kind != TAG_LIST_ITEM)
                return NULL;
        /* A mere list of links is told by its links. */
        if (e->n_text - e->n_link_text < CARD_TEXT_CHARS_MIN)
                return NULL;

        for (const xmlNode *node = e->node; node && n_nodes < CARD_NODES_MAX; n_nodes++) {
                const PageElement *at = node->type == XML_ELEMENT_NODE ? node->_private : NULL;
                /* Who wrote it is a link that leads elsewhere, too. */
                const bool skip = at && (at->dropped || at->hint == HINT_AROUND);

                /* A card's headline is the link. */
                if (at && !skip && at->kind == TAG_HEADING && at->n_link_text == 0 &&
                        !at->in_link && at->n_text > 0)
                        return NULL;
                if (at && !skip && element_is(at, "a") && at->n_text >= CARD_LINK_CHARS_MIN)
                        return leads_elsewhere(at, own_url) && ends_line(at) ? at : NULL;
                if (node->type == XML_TEXT_NODE)
                        n_before += text_n_chars((const char *) node->content,
                                strlen(strempty((const char *) node->content)));
                if (n_before > CARD_LABEL_CHARS_MAX)
                        return NULL;
                node = node_next_within(node, e->node, skip);
        }

        return NULL;
}

static bool is_in_heading(const PageElement *e) {
        const PageElement *inside = e + 1;

        return (e->block && e->block->kind == TAG_HEADING) ||
                (e->n_below > 0 && inside->kind == TAG_HEADING);
}

/* Drops the cards among the children of @parent, if they are many; single ones that are a small
 * part of the page. The page's own article may be a list of references, so there they go only when
 * they are the smaller part. */
static void drop_cards(
        PageElement *parent, const PageElement *article, uint32_t n_page, const char *own_url) {
        const char *before[2] = {};
        uint32_t n_running = 0;
        unsigned n_cards = 0, n_comments = 0, n_repeated = 0;

        for (PageElement *e = parent + 1; e <= parent + parent->n_below; e += e->n_below + 1) {
                const PageElement *link = card_link(e, own_url);

                n_comments += e->is_comment && !e->dropped;
                e->is_card = link;
                if (link) {
                        const char *href = element_attribute(link->node, "href") ?: "";

                        n_repeated += streq(href, before[0] ?: "") || streq(href, before[1] ?: "");
                        before[1] = before[0];
                        before[0] = href;
                }
                n_cards += e->is_card;
                n_running += e->is_card ? e->n_running : 0;
                if (link && is_in_heading(link) && e->n_running < n_page / 4)
                        e->dropped = true;
        }

        /* Cards lead to as many pages; entries of a live blog to the same few authors. */
        if ((article && n_running > article->n_running / 2) || n_repeated * 2 > n_cards)
                n_cards = 0;
        for (PageElement *e = parent + 1; e <= parent + parent->n_below; e += e->n_below + 1)
                e->dropped = e->dropped || (e->is_card && n_cards >= CARDS_MIN) ||
                        (e->is_comment && n_comments >= CARDS_MIN);
}

/* The headings of a live blog's entries lead to the entries. */
static bool is_permalink(const PageElement *heading, const char *own_url) {
        const PageElement *a = heading;
        const char *href;

        if (heading->kind != TAG_HEADING || heading->n_link_text == 0)
                return false;
        if (heading->in_link)
                while (a && !element_is(a, "a"))
                        a = a->parent;
        else
                while (a <= heading + MIN(heading->n_below, HEADING_ELEMENTS_MAX) &&
                        !element_is(a, "a"))
                        a++;
        if (!a || a > heading + heading->n_below)
                return false;
        href = element_attribute(a->node, "href");
        return href && (href[0] == '#' || is_same_path(href, own_url));
}

/* --- captions --- */

#define CAPTION_CHARS_MAX 250

static bool has_direct_text(const PageElement *e) {
        for (const xmlNode *child = e->node->children; child; child = child->next)
                if (child->type == XML_TEXT_NODE && !node_is_blank(child))
                        return true;

        return false;
}

/* A block around a picture with a line in a <span> or <div>. What is in a paragraph, or lies
 * directly beside the picture, is text that has a picture. */
static bool is_captioned_picture(const PageElement *e) {
        bool has_picture = false;

        if (e->kind != TAG_BLOCK || e->dropped || e->n_text == 0 || e->n_text > CAPTION_CHARS_MAX ||
                e->n_below > CARD_NODES_MAX || e->holds_h1 || e->holds_main || e->is_main ||
                has_direct_text(e))
                return false;
        for (const PageElement *in = e + 1; in <= e + e->n_below; in++) {
                if (in->kind == TAG_PARAGRAPH || in->kind == TAG_HEADING ||
                        in->kind == TAG_LIST_ITEM || element_is(in, "td"))
                        return false;
                has_picture |= element_is_picture(in);
        }

        return has_picture;
}

/* What the page gives as its own address; NULL without any. */
static const char *own_address(const Outline *outline) {
        for (size_t i = 0; i < outline->n_elements; i++) {
                const PageElement *e = outline->elements + i;

                if (element_is(e, "link") && element_attribute_has(e->node, "rel", "canonical"))
                        return element_attribute(e->node, "href");
                if (element_is(e, "meta") && element_attribute_is(e->node, "property", "og:url"))
                        return element_attribute(e->node, "content");
        }

        return NULL;
}

int outline_drop_boxes(Outline *outline) {
        const uint32_t n_page = outline->elements->n_running;
        const char *own_url = own_address(outline);
        const PageElement *article = NULL; /* the outermost one around */
        ButtonLooks left = { CONSENT_BUTTONS_MAX, LABELS_MAX, OFFERS_MAX };
        int r;

        for (size_t i = 0; i < outline->n_elements; i++) {
                PageElement *e = outline->elements + i;

                if (element_is(e, "input") && element_attribute_is(e->node, "type", "email"))
                        drop_signup(e);
                r = judge_button(outline, e, &left);
                if (r < 0)
                        return r;
        }

        for (size_t i = 0; i < outline->n_elements; i++) {
                PageElement *e = outline->elements + i;

                if (article && e > article + article->n_below)
                        article = NULL;
                if (element_is(e, "article") && !article && e->n_below > 0)
                        article = e;
                e->is_permalink = is_permalink(e, own_url);
                if (!e->dropped && e->kind == TAG_BLOCK)
                        drop_cards(e, article, n_page, own_url);
                if (is_captioned_picture(e) && e->n_running <= n_page / 3)
                        e->dropped = true;
        }

        return 0;
}
