/* SPDX-License-Identifier: MIT */
#pragma once

/* What pages say in every language beside their text, known by the stems of its words, folded
 * (text/fold.h), so that one stem serves Latin and Cyrillic and all cases. For article/ alone. */

#include "base/buffer.h"

/* What a button says that leads away from the text. */
typedef enum PhraseLabel {
        PHRASE_OTHER,
        PHRASE_ACCEPT, /* all cookies */
        PHRASE_REPLY,
        PHRASE_SUBSCRIBE,
        PHRASE_LABEL_MAX,
} PhraseLabel;

/* What a label says of the box that begins with it. */
typedef enum PhraseAside {
        PHRASE_ASIDE_NONE,
        PHRASE_ASIDE_ELSEWHERE, /* "Read also", "Recommended for you" */
        PHRASE_ASIDE_COMMENTS,
        PHRASE_ASIDE_MAX,
} PhraseAside;

/* Of a button with this text; or -ENOMEM. */
int phrase_label(const char *text) _warn_unused_;
/* Does the text speak of cookies and data, and of little else? -ENOMEM, else whether it does. */
int phrase_is_about_consent(const char *text, size_t n_bytes) _warn_unused_;
/* Does it offer a subscription? */
int phrase_is_offer(const char *text, size_t n_bytes) _warn_unused_;
/* "Follow us on Telegram", "Get our newsletter": an invitation to another channel of the
 * publisher's. -ENOMEM, else whether it is. */
int phrase_is_invitation(const char *text, size_t n_bytes) _warn_unused_;
/* "The rest is for subscribers", "62 % of this article are left". -ENOMEM, else whether it is. */
int phrase_is_barrier(const char *text, size_t n_bytes) _warn_unused_;

/* Of a heading or another short text: a PhraseAside, or -ENOMEM. */
int phrase_heads_aside(const char *text, size_t n_bytes) _warn_unused_;
/* "Read also: another story", or how to report a mistake: a line of its own, with a link or not.
 * -ENOMEM, else whether it is. */
int phrase_is_pointer(const char *text, size_t n_bytes) _warn_unused_;
