/* SPDX-License-Identifier: MIT */
#pragma once

/* An HTML page to a tree, as it arrives. The parser loads nothing and knows no entities but its
 * own. */

#include <libxml/tree.h>

#include "feed/warnings.h"

/* As much as is read of a page anywhere: ten times what the largest lists of the press have. */
#define PAGE_BYTES_MAX ((size_t) 4 * 1024 * 1024)
/* Elements of a page. Each takes some 200 bytes of tree; the largest real ones have 15,000. */
#define PAGE_ELEMENTS_MAX 150000u
/* Where HTML wants <meta charset> (HTML Living Standard, 4.2.5.4). */
#define PAGE_HEAD_BYTES 1024

typedef struct Page Page;

/* @content_type may be NULL; @warnings outlives the page. */
int page_new(const char *content_type, Warnings *warnings, Page **ret) _warn_unused_;
Page *page_free(Page *page);
DEFINE_POINTER_CLEANUP(Page, page_free);

/* 0 or -ENOMEM; what is over a limit is left out with a warning. */
int page_push(Page *page, const char *p, size_t n_bytes) _warn_unused_;
int page_finish(Page *page) _warn_unused_;

/* After page_finish(): the tree, the page's own; NULL without an element. */
xmlDoc *page_doc(const Page *page);
