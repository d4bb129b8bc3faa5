/* SPDX-License-Identifier: MIT */
#pragma once

/* From an item to the text that is scored: which words are title, summary and body.
 *
 * The summary counts as far as 600 characters, cut at a word's end. Body is what exceeds them, then
 * the feed's content, then the main text of the page; the same text never counts twice:
 *
 * - The summary's text (without dots of omission at its end) is left out of content and page where
 *   either begins with it, or holds it at all when it is longer than a few words.
 * - A longer sentence of content or page that the summary has is left out, and so is one of the
 *   content that the page has: the page's text replaces the content that it contains.
 *
 * What a text says twice by itself stays, and so do short sentences. Where something was left out,
 * FIELD_LIST_SEPARATOR keeps phrases from reaching across. */

#include "model/model.h"

#define SUMMARY_CHARS_MAX 600
/* Letters from which on a text inside another is the same text and not a coincidence. */
#define SAME_TEXT_BYTES_MIN 40

typedef struct DocumentSource {
        const char *title, *summary, *content;
        const char *page_text;            /* NULL: not read */
        const char *authors, *categories; /* joined with FIELD_LIST_SEPARATOR */
        const char *feed;
} DocumentSource;

/* Fills *ret; what had to be put together is allocated in *buffer, which the caller frees after the
 * document's last use. *ret_body says where the body came from: BODY_PAGE, BODY_FEED or
 * BODY_NOT_GIVEN. 0 or -ENOMEM. */
int document_make(const DocumentSource *source, Document *ret, BodyState *ret_body,
        char **ret_buffer) _warn_unused_;

/* Does the feed give no more than a lead, so that reading the page may tell more? True when summary
 * and content, the same text counted once, have at most SUMMARY_CHARS_MAX characters. */
bool document_is_lead(const DocumentSource *source);
