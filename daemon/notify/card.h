/* SPDX-License-Identifier: MIT */
#pragma once

/* What one notification says, as plain text, made of an alert's JSON (deliver/desktop.c) or of
 * several. A value: knows nothing of buses and servers.
 *
 * The text comes from feeds. Here it loses what could break out of its place: control characters,
 * line breaks, and the marks that turn the reading direction of what follows; and it is cut. */

#include "base/buffer.h"
#include "model/model.h"

typedef struct Card {
        char *title;   /* one line */
        char *text;    /* some lines */
        char *story;   /* what cards of one story share; NULL: unknown */
        char *profile; /* its title; may be NULL */
        char *link;    /* http or https; NULL: nothing to open */
        Urgency urgency;
} Card;

/* @urgency and @json as claimed. What is no alert that we can read makes a card that says so, for
 * it would be claimed for ever otherwise. 0 or -ENOMEM; the caller owns *ret. */
int card_new(const char *urgency, const char *json, Card **ret) _warn_unused_;
/* One card for all: their number, a line for each of the first CARD_DIGEST_LINES_MAX stories with
 * the profiles that it matched, and the highest urgency among them. */
int card_new_digest(Card *const *cards, size_t n_cards, Card **ret) _warn_unused_;
Card *card_free(Card *card);
DEFINE_POINTER_CLEANUP(Card, card_free);

/* More lines than that no server shows at once. */
#define CARD_DIGEST_LINES_MAX 10u

/* Appends @s on one line and without what a display must not get, cut to @n_chars_max code points
 * ("..." in their place). 0 or -ENOMEM. */
int card_append_clean(Buffer *b, const char *s, size_t n_chars_max) _warn_unused_;
/* For a server that reads markup: & < > " ' as entities. The caller owns *ret. 0 or -ENOMEM. */
int card_escape(const char *s, char **ret) _warn_unused_;
