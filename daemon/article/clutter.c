/* SPDX-License-Identifier: MIT */

/* Clutter goes in two rounds. First what can be told from an element alone: its tag, its role,
 * that it is hidden. Then, on counts without those, what its class and id say. Names lie, since a
 * wrapper around everything may be called "has-sidebar"; so a name alone never drops what holds the
 * page's main element, and most names do not drop what holds the greater part of its prose. */

#include "article/clutter.h"

#include <strings.h>

#include "base/str.h"

typedef enum HintKind {
        HINT_NONE,
        HINT_TEXT,     /* speaks for main text */
        HINT_LEAD,     /* sums it up between headline and text */
        HINT_AROUND,   /* stands around it: dropped unless the page's prose is within */
        HINT_TEASER,   /* the same, and also when it is an <article>: it is of another page */
        HINT_COMMENTS, /* may well be longer than the article, so length does not save it */
        HINT_BARRIER,  /* offers in place of the text, or the very text that is sold; see is_offer()
                        */
        HINT_CONSENT,  /* may have the only headline and the longest text of a page */
        HINT_KIND_MAX,
} HintKind;

/* A name is cut into words at hyphens, underscores and capitals. In the order of precedence. */
static const struct {
        const char *word;
        bool prefix; /* also what goes on after it */
        HintKind kind;
} hints[] = {
        { "cookie", true, HINT_CONSENT },
        { "consent", true, HINT_CONSENT },
        { "gdpr", true, HINT_CONSENT },
        { "onetrust", true, HINT_CONSENT },
        { "didomi", true, HINT_CONSENT },
        { "usercentrics", true, HINT_CONSENT },
        { "quantcast", true, HINT_CONSENT },
        { "iubenda", true, HINT_CONSENT },
        { "truste", true, HINT_CONSENT },
        { "cmpbox", true, HINT_CONSENT },
        { "axeptio", true, HINT_CONSENT },
        { "tarteaucitron", true, HINT_CONSENT },
        { "klaro", true, HINT_CONSENT },
        { "borlabs", true, HINT_CONSENT },
        { "cmplz", true, HINT_CONSENT },
        { "kvkk", true, HINT_CONSENT },
        { "cerez", true, HINT_CONSENT },
        { "comment", false, HINT_COMMENTS }, /* but not "commentary" */
        { "comments", true, HINT_COMMENTS },
        { "commentlist", true, HINT_COMMENTS },
        { "commentform", true, HINT_COMMENTS },
        { "commentbox", true, HINT_COMMENTS },
        { "disqus", true, HINT_COMMENTS },
        { "respond", false, HINT_COMMENTS },
        { "lead", false, HINT_LEAD },
        { "lede", false, HINT_LEAD },
        { "standfirst", true, HINT_LEAD },
        { "dek", false, HINT_LEAD },
        { "subheadline", true, HINT_LEAD },
        { "subtitle", true, HINT_LEAD },
        { "chapo", true, HINT_LEAD },
        { "chapeau", true, HINT_LEAD },
        { "spot", false, HINT_LEAD }, /* Turkish; elsewhere of advertisements, which have no text */
        { "vorspann", true, HINT_LEAD },
        { "nadnaslov", true, HINT_LEAD },
        { "paywall", true, HINT_BARRIER },
        { "regwall", true, HINT_BARRIER },
        { "barrier", false, HINT_BARRIER },
        { "related", true, HINT_TEASER },
        { "similar", true, HINT_TEASER },
        { "recommend", true, HINT_TEASER },
        { "recirc", true, HINT_TEASER },
        { "teaser", true, HINT_TEASER },
        { "promo", true, HINT_TEASER },
        { "outbrain", true, HINT_TEASER },
        { "taboola", true, HINT_TEASER },
        { "trending", true, HINT_TEASER },
        { "popular", true, HINT_TEASER },
        { "ad", false, HINT_AROUND },
        { "ads", false, HINT_AROUND },
        { "advert", true, HINT_AROUND },
        { "sponsor", true, HINT_AROUND },
        { "nav", false, HINT_AROUND },
        { "navbar", true, HINT_AROUND },
        { "navigation", true, HINT_AROUND },
        { "menu", true, HINT_AROUND },
        { "breadcrumb", true, HINT_AROUND },
        { "sidebar", true, HINT_AROUND },
        { "footer", true, HINT_AROUND },
        { "masthead", true, HINT_AROUND },
        { "share", false, HINT_AROUND },
        { "sharebar", true, HINT_AROUND },
        { "sharing", true, HINT_AROUND },
        { "partage", true, HINT_AROUND },
        { "social", true, HINT_AROUND },
        { "newsletter", true, HINT_AROUND },
        { "subscribe", true, HINT_AROUND },
        { "subscription", true, HINT_AROUND },
        { "signup", true, HINT_AROUND },
        { "abonnement", true, HINT_AROUND },
        { "donate", true, HINT_AROUND },
        { "donation", true, HINT_AROUND },
        { "login", true, HINT_AROUND },
        { "banner", true, HINT_AROUND },
        { "popup", true, HINT_AROUND },
        { "modal", true, HINT_AROUND },
        { "pagination", true, HINT_AROUND },
        { "pager", true, HINT_AROUND },
        { "toolbar", true, HINT_AROUND },
        { "tags", false, HINT_AROUND },
        { "gallery", true, HINT_AROUND },
        { "slideshow", true, HINT_AROUND },
        { "carousel", true, HINT_AROUND },
        { "factbox", true, HINT_AROUND },
        { "infobox", true, HINT_AROUND },
        { "pullquote", true, HINT_AROUND },
        { "caption", true, HINT_AROUND },
        { "credit", true, HINT_AROUND },
        { "byline", true, HINT_AROUND },
        { "author", true, HINT_AROUND },
        { "auteur", true, HINT_AROUND },
        { "bio", false, HINT_AROUND },
        { "meta", false, HINT_AROUND },
        { "date", false, HINT_AROUND },
        { "datum", false, HINT_AROUND },
        { "dateline", true, HINT_AROUND },
        { "timestamp", true, HINT_AROUND },
        { "copyright", true, HINT_AROUND },
        { "skip", false, HINT_AROUND },
        { "article", true, HINT_TEXT },
        { "body", true, HINT_TEXT },
        { "content", true, HINT_TEXT },
        { "entry", true, HINT_TEXT },
        { "main", true, HINT_TEXT },
        { "post", false, HINT_TEXT },
        { "story", true, HINT_TEXT },
        { "text", true, HINT_TEXT },
};

/* More text than this is no box that asks for an address. */
#define SIGNUP_CHARS_MAX 500
#define SIGNUP_LEVELS 6

/* Offers are a handful; the first button comes soon. Boxes within boxes are each looked into. */
#define OFFER_ELEMENTS_MAX ((size_t) 100)

/* Class lists of generated pages run to kilobytes; what matters comes early. */
#define HINT_BYTES_MAX 512

static bool is_word_char(char c) {
        return ascii_isalpha(c) || ascii_isdigit(c);
}

/* Index into hints of the word's hint; ELEMENTSOF(hints) for none. */
static size_t word_hint(const char *word, size_t n_word) {
        if (n_word < 2) /* no hint is so short */
                return ELEMENTSOF(hints);

        for (size_t i = 0; i < ELEMENTSOF(hints); i++) {
                size_t n;

                if (ascii_tolower(word[0]) != hints[i].word[0] ||
                        ascii_tolower(word[1]) != hints[i].word[1])
                        continue;
                n = strlen(hints[i].word);
                if ((n_word == n || (n_word > n && hints[i].prefix)) &&
                        strncasecmp(word, hints[i].word, n) == 0)
                        return i;
        }

        return ELEMENTSOF(hints);
}

static size_t names_hint(const char *names) {
        size_t best = ELEMENTSOF(hints), i = 0;

        while (i < HINT_BYTES_MAX && names[i] != '\0') {
                size_t n = 0;

                while (is_word_char(names[i + n])) {
                        const bool is_upper = names[i + n] >= 'A' && names[i + n] <= 'Z';

                        if (n > 0 && is_upper &&
                                !(names[i + n - 1] >= 'A' && names[i + n - 1] <= 'Z'))
                                break;
                        n++;
                }
                if (n > 0)
                        best = MIN(best, word_hint(names + i, n));
                i += MAX(n, (size_t) 1);
        }

        return best;
}

static HintKind hint_of_names(const PageElement *e) {
        const char *class = element_attribute(e->node, "class");
        const char *id = element_attribute(e->node, "id");
        size_t best = ELEMENTSOF(hints);

        if (class)
                best = MIN(best, names_hint(class));
        if (id)
                best = MIN(best, names_hint(id));

        return best < ELEMENTSOF(hints) ? hints[best].kind : HINT_NONE;
}

int element_name_hint(const PageElement *element) {
        switch ((HintKind) element->hint) {
        case HINT_NONE:
                return 0;
        case HINT_TEXT:
        case HINT_LEAD:
                return 1;
        case HINT_AROUND:
        case HINT_TEASER:
        case HINT_COMMENTS:
        case HINT_BARRIER:
        case HINT_CONSENT:
        case HINT_KIND_MAX:
                break;
        }

        return -1;
}

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

        return element_attribute(e->node, "hidden") ||
                element_attribute_is(e->node, "aria-hidden", "true") ||
                (style && style_hides(style));
}

/* ARIA 1.2, landmarks and widgets. */
static bool has_foreign_role(const PageElement *e) {
        static const char *const roles[] = { "navigation", "banner", "contentinfo", "complementary",
                "search", "dialog", "alertdialog", "menu", "menubar", "toolbar", "tablist",
                "note" };

        for (size_t i = 0; i < ELEMENTSOF(roles); i++)
                if (element_attribute_is(e->node, "role", roles[i]))
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

static bool is_clutter_by_itself(const PageElement *e) {
        /* Some pages hide everything until a script has run. */
        if (element_is(e, "html") || element_is(e, "body"))
                return false;

        return e->kind == TAG_NEVER || is_hidden(e) || has_foreign_role(e) || is_amp_widget(e);
}

/* Search engines have publishers call the paid text itself ".paywall" (schema.org, hasPart); what
 * asks for payment has a button or a way to log in. */
static bool is_offer(const PageElement *e) {
        static const char *const ways[] = { "login", "log-in", "signin", "sign-in", "subscri",
                "register", "checkout", "offer" };

        for (size_t i = 1; i <= MIN(e->n_below, OFFER_ELEMENTS_MAX); i++) {
                const char *href = element_attribute(e[i].node, "href");

                if (element_is(e + i, "button"))
                        return true;
                for (size_t k = 0; href && k < ELEMENTSOF(ways); k++)
                        if (strcasestr(href, ways[k]))
                                return true;
        }

        return false;
}

/* @in_main: within the page's main element, or its article of schema.org. */
static bool is_clutter_by_name(const PageElement *e, const PageElement *root, bool in_main) {
        const bool holds_most = e->n_running > root->n_running / 2;

        if (element_is(e, "html") || element_is(e, "body") || e->holds_main)
                return false;
        /* Old frameworks have one form around the whole page. */
        if (element_is(e, "form") && !holds_most && !e->holds_h1)
                return true;
        if (element_is(e, "figure") && !holds_most)
                return true;
        if (element_is(e, "header") && !holds_most && !(in_main && e->holds_h1))
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

void outline_drop_clutter(Outline *outline) {
        size_t main_until = 0;

        for (size_t i = 0; i < outline->n_elements; i++) {
                PageElement *e = outline->elements + i;

                e->dropped = (e->parent && e->parent->dropped) || is_clutter_by_itself(e);
                e->hint = e->dropped ? HINT_NONE : hint_of_names(e);
        }
        outline_count(outline);

        for (size_t i = 0; i < outline->n_elements; i++)
                if (element_is(outline->elements + i, "input") &&
                        element_attribute_is(outline->elements[i].node, "type", "email"))
                        drop_signup(outline->elements + i);

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
}
