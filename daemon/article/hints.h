/* SPDX-License-Identifier: MIT */
#pragma once

/* What an element's class and id say of it. For article/ alone. */

#include "article/outline.h"

typedef enum HintKind {
        HINT_NONE,
        HINT_TEXT,     /* speaks for main text */
        HINT_LEAD,     /* sums it up between headline and text */
        HINT_AROUND,   /* stands around it: dropped unless the page's prose is within */
        HINT_TEASER,   /* the same, and also when it is an <article>: it is of another page */
        HINT_DIGEST,   /* the text in a few points, if it is nothing but a list */
        HINT_COMMENTS, /* may well be longer than the article, so length does not save it */
        HINT_BARRIER,  /* offers in place of the text, or the very text that is sold; see is_offer()
                        */
        HINT_CONSENT,  /* may have the only headline and the longest text of a page */
        HINT_KIND_MAX,
} HintKind;

HintKind element_hint(const PageElement *element);
/* +1 or -1 when the hint says that this holds the text, or what stands around it; else 0. */
int element_hint_sign(const PageElement *element);
/* Is it hidden, or shown on paper alone, by a class that frameworks and screen readers agree on? */
bool element_is_hidden_by_class(const PageElement *element);
