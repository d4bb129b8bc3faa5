/* SPDX-License-Identifier: MIT */

#include "article/hints.h"

#include <strings.h>

#include "base/str.h"

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
        { "osano", true, HINT_CONSENT },
        { "evidon", true, HINT_CONSENT },
        { "termly", true, HINT_CONSENT },
        { "trustarc", true, HINT_CONSENT },
        { "cybot", true, HINT_CONSENT },
        { "comment", false, HINT_COMMENTS }, /* but not "commentary" */
        { "comments", true, HINT_COMMENTS },
        { "commentlist", true, HINT_COMMENTS },
        { "commentform", true, HINT_COMMENTS },
        { "commentbox", true, HINT_COMMENTS },
        { "disqus", true, HINT_COMMENTS },
        { "commentaire", true, HINT_COMMENTS },
        { "kommentar", true, HINT_COMMENTS },
        { "komentar", true, HINT_COMMENTS },
        { "comentario", true, HINT_COMMENTS },
        { "yorum", true, HINT_COMMENTS },
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
        { "summary", true, HINT_DIGEST },
        { "takeaway", true, HINT_DIGEST },
        { "highlights", false, HINT_DIGEST },
        { "keypoints", false, HINT_DIGEST },
        { "keyfacts", false, HINT_DIGEST },
        { "bullets", false, HINT_DIGEST },
        { "glance", false, HINT_DIGEST },
        { "paywall", true, HINT_BARRIER },
        { "premium", true, HINT_BARRIER },
        { "piano", false, HINT_BARRIER },
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
        { "mostread", true, HINT_TEASER },
        { "readnext", true, HINT_TEASER },
        { "readmore", true, HINT_TEASER },
        { "seealso", true, HINT_TEASER },
        { "ilgili", true, HINT_TEASER },
        { "czytaj", true, HINT_TEASER },
        { "srodn", true, HINT_TEASER },
        { "povezan", true, HINT_TEASER },
        { "relacionad", true, HINT_TEASER },
        { "correlat", true, HINT_TEASER },
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
        { "signoff", true, HINT_AROUND },
        { "touch", false, HINT_AROUND },
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
        { "footnote", true, HINT_AROUND },
        { "endnote", true, HINT_AROUND },
        { "noteref", false, HINT_AROUND },
        { "disclaimer", true, HINT_AROUND },
        { "boilerplate", true, HINT_AROUND },
        { "contact", false, HINT_AROUND },
        { "contacts", false, HINT_AROUND },
        { "toc", false, HINT_AROUND },
        { "aside", false, HINT_AROUND },
        { "profile", true, HINT_AROUND },
        { "contributor", true, HINT_AROUND },
        { "person", false, HINT_AROUND },
        { "kicker", true, HINT_AROUND },
        { "eyebrow", true, HINT_AROUND },
        { "audio", true, HINT_AROUND },
        { "player", true, HINT_AROUND },
        { "noprint", true, HINT_AROUND },
        { "tools", false, HINT_AROUND },
        { "feedback", true, HINT_AROUND },
        { "video", false, HINT_AROUND },
        { "duration", false, HINT_AROUND },
        { "instagram", true, HINT_AROUND },
        { "twitter", true, HINT_AROUND },
        { "tweet", true, HINT_AROUND },
        { "embed", true, HINT_AROUND },
        { "whatsapp", true, HINT_AROUND },
        { "telegram", true, HINT_AROUND },
        { "tiktok", true, HINT_AROUND },
        { "legende", true, HINT_AROUND },
        { "bildunterschrift", true, HINT_AROUND },
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

HintKind element_hint(const PageElement *e) {
        static const char *const attributes[] = { "data-testid", "data-component" };
        const char *class = element_attribute(e->node, "class");
        const char *id = element_attribute(e->node, "id");
        size_t best = ELEMENTSOF(hints);

        if (class)
                best = MIN(best, names_hint(class));
        if (id)
                best = MIN(best, names_hint(id));
        if (best < ELEMENTSOF(hints) && hints[best].kind != HINT_TEXT)
                return hints[best].kind;

        /* Where classes are hashes, what tests and editors call it is left. It says of everything
         * that it is a body or a text, so only what else it says counts. */
        for (size_t i = 0; i < ELEMENTSOF(attributes); i++) {
                const char *name = element_attribute(e->node, attributes[i]);
                const size_t said = name ? names_hint(name) : ELEMENTSOF(hints);

                if (said < ELEMENTSOF(hints) && hints[said].kind != HINT_TEXT)
                        return hints[said].kind;
        }

        return best < ELEMENTSOF(hints) ? hints[best].kind : HINT_NONE;
}

int element_hint_sign(const PageElement *element) {
        switch ((HintKind) element->hint) {
        case HINT_NONE:
        case HINT_LEAD: /* before the text, and a sentence or two */
                return 0;
        case HINT_TEXT:
                return 1;
        case HINT_AROUND:
        case HINT_TEASER:
        case HINT_DIGEST:
        case HINT_COMMENTS:
        case HINT_BARRIER:
        case HINT_CONSENT:
        case HINT_KIND_MAX:
                break;
        }

        return -1;
}

/* --- hidden --- */

/* A class of the framework that shows it again on some screens: "d-none d-md-block", "hidden
 * lg:flex". */
static bool class_shows_again(const char *class) {
        return strchr(class, ':') || (strstr(class, "d-") && strstr(class, "-block")) ||
                strstr(class, "-flex");
}

bool element_is_hidden_by_class(const PageElement *e) {
        static const char *const always[] = { "sr-only", "visually-hidden", "visuallyhidden",
                "screen-reader-text", "screen-reader-only", "screenreader-only",
                "element-invisible", "u-visually-hidden", "is-visually-hidden", "print-only",
                "only-print", "visible-print", "visible-print-block", "show-for-print" };
        static const char *const mostly[] = { "d-none", "hidden", "is-hidden", "u-hidden",
                "ecl-u-d-none" };
        const char *class = element_attribute(e->node, "class");

        if (!class)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(always); i++)
                if (words_have(class, always[i]))
                        return true;
        for (size_t i = 0; i < ELEMENTSOF(mostly); i++)
                if (words_have(class, mostly[i]))
                        return !class_shows_again(class);

        return false;
}
