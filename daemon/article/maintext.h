/* SPDX-License-Identifier: MIT */
#pragma once

/* Where the main text of a page is, and how it reads. For article/ alone. */

#include "article/outline.h"
#include "base/buffer.h"

/* Looks for the main text in @outline, whose clutter was dropped, and appends it: paragraphs,
 * folded, separated by '\n'. @title (may be NULL) is left out where it is repeated. 0, -ENODATA
 * (there is none) or -ENOMEM. */
int maintext_find(const Outline *outline, const char *title, Buffer *out) _warn_unused_;

/* Appends the paragraphs of @root and what is below it. 0 or -ENOMEM. */
int maintext_render(const PageElement *root, const char *title, Buffer *out) _warn_unused_;

bool maintext_ends_like_sentence(const char *s);
