/* SPDX-License-Identifier: MIT */
#pragma once

/* A page to its main text: what a reader came for, without navigation, captions, related links,
 * cookie walls and comments. */

#include "base/arena.h"
#include "model/model.h"

/* A page after inflation; what is longer is cut there. The longest articles of the press have some
 * 300 KiB of markup. */
#define ARTICLE_BYTES_MAX ((size_t) 4 * 1024 * 1024)

typedef struct Article {
        char *title, *url; /* url: the canonical one, absolute; NULL */
        char *text; /* main text, paragraphs separated by a line break; NULL: none was found */
        char *language;
        usec_t published_usec, modified_usec;
        bool cut; /* the page has more markup than is read of one */
} Article;

void article_done(Article *article);

/* @base_url and @content_type may be NULL. 0; -EBADMSG: no HTML page; -ENODATA: a page without main
 * text; -ENOMEM. */
int article_extract(const void *p, size_t n_bytes, const char *base_url, const char *content_type,
        Article *ret) _warn_unused_;
