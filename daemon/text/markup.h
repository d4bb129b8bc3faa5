/* SPDX-License-Identifier: MIT */
#pragma once

/* From markup to plain text, as a reader would see it: tags gone, references decoded once, script
 * and style dropped, white space folded to single spaces, invisible characters (soft hyphen, zero
 * width space, BOM, bidi controls) dropped, control characters gone. A quick tolerant scanner for
 * the short HTML inside feeds, not a parser; pages go through article/. Linear time. */

#include "base/buffer.h"

/* Appends the text of the HTML fragment. Block ends and <br> separate words. 0 or -ENOMEM. */
int markup_to_text(const char *html, size_t n_bytes, Buffer *out) _warn_unused_;
/* Plain text: only white space folded and invisible and control characters dropped. 0 or -ENOMEM.
 */
int text_fold_space(const char *text, size_t n_bytes, Buffer *out) _warn_unused_;
/* Does the text look as if it held markup: a tag or a character reference? */
bool text_has_markup(const char *text, size_t n_bytes);
