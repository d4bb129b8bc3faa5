/* SPDX-License-Identifier: MIT */
#pragma once

/* From an item to the text that is scored: which words are title, summary and body. The contract:
 * the summary counts as far as 600 characters, cut at a word's end; what exceeds them, the feed's
 * full content and the main text of the page are body; the same text never counts twice. */

#include "model/model.h"

#define SUMMARY_CHARS_MAX 600

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

/* Does the feed give no more than a lead, so that reading the page may tell more? */
bool document_is_lead(const DocumentSource *source);
