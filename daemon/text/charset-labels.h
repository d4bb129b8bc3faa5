/* SPDX-License-Identifier: MIT */
#pragma once

/* The labels of the WHATWG Encoding Standard (section 4.2); for text/ alone. */

#include "base/macro.h"

/* Longer than any label of the table. */
#define CHARSET_LABEL_BYTES_MAX 31

typedef struct CharsetLabel {
        const char *label;      /* lower case */
        const char *name;       /* canonical; a label of itself */
        const char *iconv_name; /* what glibc calls it */
} CharsetLabel;

/* Exact match; NULL when unknown. */
const CharsetLabel *charset_label_find(const char *label);
