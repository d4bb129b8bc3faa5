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

/* The first @n_bytes_max bytes, folded; NULL is "". The caller owns *ret. 0 or -ENOMEM. */
int content_fold(const char *text, size_t n_bytes_max, char **ret) _warn_unused_;
/* Of what was folded: its words are joined with single spaces. */
size_t content_count_words(const char *folded) _pure_;

void content_done(Content *content);
/* 0 or -ENOMEM. */
int content_of_item(const Item *item, Content *ret) _warn_unused_;
