/* SPDX-License-Identifier: MIT */
#pragma once

/* An item's title and summary, folded, and how much they say. For story/ alone. */

#include "model/model.h"

/* Below these, equal words are chance: a rubric's name, "read more". */
#define CONTENT_WORDS_MIN 5
#define CONTENT_SUMMARY_CHARS_MIN 40

typedef struct Content {
        char *title, *summary; /* folded, never NULL */
        size_t n_title_words, n_summary_words, n_summary_chars;
} Content;

void content_done(Content *content);
/* 0 or -ENOMEM. */
int content_of_item(const Item *item, Content *ret) _warn_unused_;
