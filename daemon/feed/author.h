/* SPDX-License-Identifier: MIT */
#pragma once

/* The names in what feeds say of an author: "mail (name)", "name (mail)", "name <mail>", "mail
 * name" and several of those in a row. A view of a text; owns nothing. */

#include <stdbool.h>
#include <stddef.h>

typedef struct AuthorText {
        const char *rest;
        size_t n_rest;
        bool list; /* does each of the pieces between commas name one? */
} AuthorText;

/* @text is lent, its white space folded. */
AuthorText author_text(const char *text);
/* The next author's name, or address without one; inside the text. False when there are no more. */
bool author_text_next(AuthorText *text, const char **ret_name, size_t *ret_n);
