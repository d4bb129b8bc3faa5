/* SPDX-License-Identifier: MIT */
#pragma once

/* What stands before libxml2's parser of HTML: it compares each attribute of a tag with all before
 * it, so that a tag of some MiB takes minutes. */

#include <stddef.h>

/* Attributes kept of one tag; real ones have fewer than 50. A page of 4 MiB made of nothing but
 * such tags takes libxml2 a tenth of a second. */
#define HTML_ATTRIBUTES_MAX 64u

/* Where in the page the last piece ended; zeroed at its begin. */
typedef struct AttributeLimit {
        unsigned place, n_words;
        char quote;
} AttributeLimit;

/* Takes what is over the limit out of @html, in place; returns how many bytes are left. Scripts and
 * comments are not told from tags: a '<' in them that no '>' follows for so many words is rare, and
 * telling them otherwise than libxml2 does would open the way around. */
size_t html_limit_attributes(AttributeLimit *limit, char *html, size_t n_bytes);
